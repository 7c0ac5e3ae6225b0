import TesseraCore

/// Which values there are and how often, counted in one pass.
///
/// Integers are counted one by one; floats by the upper half of their bits, which tells numbers apart
/// that differ by 1 part in 128.
package struct ValueCensus: Sendable {
  /// Values that are numbers.
  package private(set) var count = 0
  /// Values that are not finite.
  package private(set) var notFiniteCount = 0
  /// The smallest of them; ∞ where there is none.
  package private(set) var minimum = Double.infinity
  /// The largest of them; −∞ where there is none.
  package private(set) var maximum = -Double.infinity
  private var sum = 0.0
  private let isOfFloats: Bool
  private var counters = [Int](repeating: 0, count: 1 << 16)

  package init(of type: ElementType) { isOfFloats = type == .float32 }

  /// What a census keeps [bytes].
  package static let byteCount = (1 << 16) * MemoryLayout<Int>.stride

  /// Their mean; 0 where there is none.
  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// Counts values that lie one after the other.
  mutating func add<Value: Element>(_ values: UnsafePointer<Value>, _ valueCount: Int) {
    switch Value.elementType {
    case .uint8:
      addIntegers(UnsafeRawPointer(values).assumingMemoryBound(to: UInt8.self), valueCount)
    case .uint16:
      addIntegers(UnsafeRawPointer(values).assumingMemoryBound(to: UInt16.self), valueCount)
    case .float32:
      addFloats(UnsafeRawPointer(values).assumingMemoryBound(to: Float.self), valueCount)
    }
  }

  private mutating func addIntegers<Value: FixedWidthInteger>(
    _ values: UnsafePointer<Value>, _ valueCount: Int
  ) {
    var (low, high, total) = (Value.max, Value.min, 0)
    counters.withUnsafeMutableBufferPointer { counters in
      for index in 0..<valueCount {
        let value = values[index]
        counters[Int(value)] += 1
        low = min(low, value)
        high = max(high, value)
        total += Int(value)
      }
    }
    guard valueCount > 0 else { return }
    take(valueCount, low: Double(low), high: Double(high), total: Double(total))
  }

  private mutating func addFloats(_ values: UnsafePointer<Float>, _ valueCount: Int) {
    var (low, high, total) = (Float.infinity, -Float.infinity, 0.0)
    var finiteCount = 0
    counters.withUnsafeMutableBufferPointer { counters in
      for index in 0..<valueCount where values[index].isFinite {
        let value = values[index]
        counters[Self.key(of: value)] += 1
        finiteCount += 1
        low = min(low, value)
        high = max(high, value)
        total += Double(value)
      }
    }
    notFiniteCount += valueCount - finiteCount
    guard finiteCount > 0 else { return }
    take(finiteCount, low: Double(low), high: Double(high), total: total)
  }

  private mutating func take(_ count: Int, low: Double, high: Double, total: Double) {
    self.count += count
    minimum = min(minimum, low)
    maximum = max(maximum, high)
    sum += total
  }

  /// How many values lie in each of equal parts of an interval; those outside count for its ends.
  ///
  /// - Parameters:
  ///   - parts: how many parts, at least 1.
  ///   - lower: where the first begins.
  ///   - upper: where the last ends, which belongs to it.
  /// - Returns: a count for each part.
  package func histogram(_ parts: Int, from lower: Double, to upper: Double) -> [Int] {
    var histogram = [Int](repeating: 0, count: parts)
    for (key, count) in counters.enumerated() where count > 0 {
      let value = min(max(self.value(of: key), minimum), maximum)
      let share = upper > lower ? (value - lower) / (upper - lower) : 0
      histogram[min(max(Int(share * Double(parts)), 0), parts - 1)] += count
    }
    return histogram
  }

  /// Where a float is counted: floats in the order of their values.
  private static func key(of value: Float) -> Int {
    let bits = value.bitPattern
    return Int((bits >> 31 == 1 ? ~bits : bits | 1 << 31) >> 16)
  }

  /// The middle of what is counted in a place.
  private func value(of key: Int) -> Double {
    guard isOfFloats else { return Double(key) }
    let ordered = UInt32(key) << 16 | 1 << 15
    let value = Float(bitPattern: ordered >> 31 == 1 ? ordered & ~(1 << 31) : ~ordered)
    return value.isFinite ? Double(value) : 0
  }
}
