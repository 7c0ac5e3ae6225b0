/// Absolute values of a row; source and destination may be the same row.
@inlinable @inline(__always)
func takeAbsolute<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      chunk[x] = values[x].magnitude
      x &+= 1
    }
  }
}

/// Squares of a row; source and destination may be the same row.
@inlinable @inline(__always)
func takeSquare<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      chunk[x] = values[x] * values[x]
      x &+= 1
    }
  }
}

/// The larger values of two rows, NaN where one of them is that; the destination may be one of them.
@inlinable @inline(__always)
func takeMaximum<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, start, length in
    let (a, b) = (first + start, second + start)
    var x = 0
    while x < length {
      // No comparison with NaN holds: where b is that, it is taken for the larger one.
      let larger = a[x] > b[x] ? a[x] : b[x]
      chunk[x] = a[x] != a[x] ? a[x] : larger
      x &+= 1
    }
  }
}

/// Divides a row by one value; source and destination may be the same row.
@inlinable @inline(__always)
func divideRow<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ divisor: Float,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      chunk[x] = values[x] / divisor
      x &+= 1
    }
  }
}

/// Multiplies a row by one value; source and destination may be the same row.
@inlinable @inline(__always)
func scaleRow<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ factor: Float,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      chunk[x] = values[x] * factor
      x &+= 1
    }
  }
}

/// Multiplies two rows; the destination may be one of them.
@inlinable @inline(__always)
func multiplyRows<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, start, length in
    let (a, b) = (first + start, second + start)
    var x = 0
    while x < length {
      chunk[x] = a[x] * b[x]
      x &+= 1
    }
  }
}

/// √(a² + b²) of two rows; the destination may be one of them.
@inlinable @inline(__always)
func takeMagnitude<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, start, length in
    let (a, b) = (first + start, second + start)
    var x = 0
    while x < length {
      chunk[x] = (a[x] * a[x] + b[x] * b[x]).squareRoot()
      x &+= 1
    }
  }
}

/// Computes a row piece by piece on the stack and copies each piece to its place.
///
/// A loop that writes where it reads is not vectorized; one that writes to the stack is.
///
/// - Parameters:
///   - destination: the row.
///   - count: values in the row.
///   - compute: writes a piece, given where to, its first value's index and its length.
@inlinable @inline(__always)
func inChunks(
  _ destination: UnsafeMutablePointer<Float>, _ count: Int,
  _ compute: (UnsafeMutablePointer<Float>, Int, Int) -> Void
) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { buffer in
    let chunk = buffer.first
    var first = 0
    while first < count {
      let length = min(256, count &- first)
      compute(chunk, first, length)
      (destination + first).update(from: chunk, count: length)
      first &+= 256
    }
  }
}
