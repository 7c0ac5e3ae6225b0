/// Stored values of an array, and their way to the types that images hold.
struct NPYValues {
  let type: NPYType
  /// The first value; rows in files are not aligned.
  let base: UnsafeRawPointer
  /// Distance between values, counted in values.
  var stride = 1

  /// Whether values can be taken as they are, byte for byte.
  static func areNative(_ type: NPYType) -> Bool {
    switch (type.kind, type.byteCount) {
    case ("u", 1), ("b", 1): true
    case ("u", 2), ("f", 4): type.isNative
    default: false
    }
  }

  /// A value that a type does not hold.
  struct Inexact {
    /// Its position among those that were copied.
    var position: Int
    /// The value in words.
    var text: String
    /// Whether rounding does not help.
    var isTooLarge = false
  }

  /// Copies values to every `step`-th place of a destination, whose type is that of the array.
  ///
  /// - Returns: The first value that the destination's type does not hold: not exactly, or not even
  ///   rounded where it `rounds`.
  func copy(
    _ count: Int, to destination: UnsafeMutableRawPointer, step: Int, rounds: Bool = false
  ) -> Inexact? {
    switch (type.kind, type.byteCount) {
    case ("u", 1), ("b", 1):
      let bytes = destination.assumingMemoryBound(to: UInt8.self)
      for i in 0..<count { bytes[i * step] = load(i) }
      return nil
    case ("u", 2):
      let words = destination.assumingMemoryBound(to: UInt16.self)
      for i in 0..<count { words[i * step] = load(i) }
      return nil
    default:
      return copyFloats(
        count, to: destination.assumingMemoryBound(to: Float.self), step: step, rounds: rounds)
    }
  }

  /// Copies values of any numeric type as floats.
  ///
  /// - Returns: The first value that a float does not hold: not exactly, or not even rounded where it
  ///   `rounds`.
  func copyFloats(
    _ count: Int, to floats: UnsafeMutablePointer<Float>, step: Int, rounds: Bool = false
  ) -> Inexact? {
    let integers = FloatTarget(floats: floats, step: step, count: count, rounds: rounds)
    switch (type.kind, type.byteCount) {
    case ("f", 4):
      for i in 0..<count { floats[i * step] = Float(bitPattern: load(i)) }
      return nil
    case ("f", 2):
      for i in 0..<count { floats[i * step] = Float(halfBits: load(i)) }
      return nil
    case (NPYType.bfloat16.kind, 2):
      for i in 0..<count { floats[i * step] = Float(bitPattern: UInt32(load(i) as UInt16) << 16) }
      return nil
    case ("f", 8): return copyDoubles(to: integers)
    case ("u", 1), ("b", 1): return copyIntegers(UInt8.self, to: integers)
    case ("u", 2): return copyIntegers(UInt16.self, to: integers)
    case ("u", 4): return copyIntegers(UInt32.self, to: integers)
    case ("u", 8): return copyIntegers(UInt64.self, to: integers)
    case ("i", 1): return copyIntegers(Int8.self, to: integers)
    case ("i", 2): return copyIntegers(Int16.self, to: integers)
    case ("i", 4): return copyIntegers(Int32.self, to: integers)
    case ("i", 8): return copyIntegers(Int64.self, to: integers)
    default: return Inexact(position: 0, text: type.text, isTooLarge: true)
    }
  }

  /// Where floats go, and whether they may be rounded.
  private struct FloatTarget {
    var floats: UnsafeMutablePointer<Float>
    var step: Int
    var count: Int
    var rounds: Bool
  }

  private func copyDoubles(to target: FloatTarget) -> Inexact? {
    for i in 0..<target.count {
      let value = Double(bitPattern: load(i))
      let float = Float(value)
      if float.isInfinite && value.isFinite {
        return Inexact(position: i, text: "\(value)", isTooLarge: true)
      }
      if !target.rounds, Double(float) != value, !value.isNaN {
        return Inexact(position: i, text: "\(value)")
      }
      target.floats[i * target.step] = float
    }
    return nil
  }

  private func copyIntegers<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ stored: Stored.Type, to target: FloatTarget
  ) -> Inexact? {
    for i in 0..<target.count {
      let value: Stored = load(i)
      let float = Float(value)
      if !target.rounds, Float(exactly: value) == nil {
        return Inexact(position: i, text: "\(value)")
      }
      target.floats[i * target.step] = float
    }
    return nil
  }

  func load<Stored: FixedWidthInteger & BitwiseCopyable>(_ index: Int) -> Stored {
    let stored = base.loadUnaligned(
      fromByteOffset: index * stride * type.byteCount, as: Stored.self)
    return type.isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored)
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Zero and subnormals: a multiple of 2⁻²⁴.
      let magnitude = Float(fraction) * 0x1p-24
      self = Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
