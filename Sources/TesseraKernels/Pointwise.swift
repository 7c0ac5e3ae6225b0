/// Absolute values of a row; source and destination may be the same row.
@inlinable @inline(__always)
func takeAbsolute<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = source[x].magnitude
    x &+= 1
  }
}

/// √(a² + b²) of two rows; the destination may be one of them.
@inlinable @inline(__always)
func takeMagnitude<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = (first[x] * first[x] + second[x] * second[x]).squareRoot()
    x &+= 1
  }
}
