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
    case ("u", 2), ("f", 4): type.isBigEndian == (UInt16(1).bigEndian == 1)
    default: false
    }
  }

  /// Copies values to every `step`-th place of a destination.
  ///
  /// - Returns: The position of the first value that the destination's type does not hold exactly,
  ///   and the value.
  func copy(
    _ count: Int, to destination: UnsafeMutableRawPointer, step: Int
  ) -> (position: Int, value: Double)? {
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
      return copyFloats(count, to: destination.assumingMemoryBound(to: Float.self), step: step)
    }
  }

  /// Copies values of any numeric type as floats.
  ///
  /// - Returns: The position of the first value that is not exact as a float, and the value.
  func copyFloats(
    _ count: Int, to floats: UnsafeMutablePointer<Float>, step: Int
  ) -> (position: Int, value: Double)? {
    switch (type.kind, type.byteCount) {
    case ("f", 4):
      for i in 0..<count { floats[i * step] = Float(bitPattern: load(i)) }
      return nil
    case ("f", 2):
      for i in 0..<count { floats[i * step] = Float(halfBits: load(i)) }
      return nil
    case ("f", 8):
      return copyDoubles(count, to: floats, step: step) { Double(bitPattern: load($0)) }
    case ("u", 1), ("b", 1): return copyIntegers(UInt8.self, count, to: floats, step: step)
    case ("u", 2): return copyIntegers(UInt16.self, count, to: floats, step: step)
    case ("u", 4): return copyIntegers(UInt32.self, count, to: floats, step: step)
    case ("u", 8): return copyIntegers(UInt64.self, count, to: floats, step: step)
    case ("i", 1): return copyIntegers(Int8.self, count, to: floats, step: step)
    case ("i", 2): return copyIntegers(Int16.self, count, to: floats, step: step)
    case ("i", 4): return copyIntegers(Int32.self, count, to: floats, step: step)
    case ("i", 8): return copyIntegers(Int64.self, count, to: floats, step: step)
    default: return (0, .nan)
    }
  }

  private func copyDoubles(
    _ count: Int, to floats: UnsafeMutablePointer<Float>, step: Int, value: (Int) -> Double
  ) -> (position: Int, value: Double)? {
    for i in 0..<count {
      let exact = value(i)
      let float = Float(exact)
      if Double(float) != exact && !exact.isNaN { return (i, exact) }
      floats[i * step] = float
    }
    return nil
  }

  private func copyIntegers<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ stored: Stored.Type, _ count: Int, to floats: UnsafeMutablePointer<Float>, step: Int
  ) -> (position: Int, value: Double)? {
    for i in 0..<count {
      let value: Stored = load(i)
      guard let float = Float(exactly: value) else { return (i, Double(value)) }
      floats[i * step] = float
    }
    return nil
  }

  private func load<Stored: FixedWidthInteger & BitwiseCopyable>(_ index: Int) -> Stored {
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
