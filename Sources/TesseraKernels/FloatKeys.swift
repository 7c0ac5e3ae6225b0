/// The integer that stands for a float in comparisons.
///
/// Keys are in the order of floats, −0 before 0, and every NaN behind all of them, as NumPy sorts. Float
/// comparisons would leave NaN wherever it stood, and give other results for another order of
/// comparisons.
@inlinable @inline(__always)
func key(of value: Float) -> Int32 {
  let bits = Int32(bitPattern: value.bitPattern)
  let isNumber = bits & 0x7FFF_FFFF <= 0x7F80_0000
  return isNumber ? bits ^ ((bits &>> 31) & 0x7FFF_FFFF) : 0x7FC0_0000
}

/// The float that a key stands for.
@inlinable @inline(__always)
func value(of key: Int32) -> Float {
  Float(bitPattern: UInt32(bitPattern: key ^ ((key &>> 31) & 0x7FFF_FFFF)))
}

/// Turns floats into keys, in place if wished.
@inlinable @inline(__always)
func takeKeys<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Int32>,
  _ count: Int
) {
  for index in 0..<count { destination[index] = key(of: source[index]) }
}

/// Turns keys into floats, in place if wished.
@inlinable @inline(__always)
func takeValues<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Int32>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  for index in 0..<count { destination[index] = value(of: source[index]) }
}
