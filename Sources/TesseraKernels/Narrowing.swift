/// Rounds floats to half precision, to the nearest value, ties to even.
@inlinable @inline(__always)
func narrowToFloat16<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<UInt16>,
  _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = Float16(source[x]).bitPattern
    x &+= 1
  }
}

/// Rounds floats to their upper 16 bits, to the nearest value, ties to even.
@inlinable @inline(__always)
func narrowToBFloat16<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<UInt16>,
  _ count: Int
) {
  var x = 0
  while x < count {
    let bits = source[x].bitPattern
    let rounded = (bits &+ 0x7FFF &+ (bits &>> 16 & 1)) &>> 16
    // Rounding would carry some of NaN's bits into infinity.
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    destination[x] = UInt16(truncatingIfNeeded: isNaN ? bits &>> 16 | 0x40 : rounded)
    x &+= 1
  }
}
