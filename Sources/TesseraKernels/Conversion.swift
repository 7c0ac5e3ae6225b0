/// How stored values become floats: x ↦ (x · scale − mean) / std, each step rounded by itself.
///
/// The product is computed in double precision and rounded to single once. That and the separate
/// division are the order of operations of Hugging Face's image processors.
public struct Normalization: Hashable, Sendable {
  /// Factor that is applied first.
  public var scale: Double
  /// Subtracted after scaling.
  public var mean: Float
  /// Divides the difference.
  public var std: Float

  /// Creates a normalization; the defaults change nothing.
  public init(scale: Double = 1, mean: Float = 0, std: Float = 1) {
    self.scale = scale
    self.mean = mean
    self.std = std
  }

  /// The normalized value of `value`.
  @inlinable @inline(__always)
  public func apply(_ value: Double) -> Float { (Float(value * scale) - mean) / std }

  /// The 256 values that bytes become: the table of `KernelSet.convertU8`.
  public func table() -> [Float] { (0..<256).map { apply(Double($0)) } }
}

/// Looks bytes up in a table of 256 floats.
@inlinable @inline(__always)
func convert<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<UInt8>, _ table: UnsafePointer<Float>,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = table[Int(source[x])]
    x &+= 1
  }
}

/// Turns integers into floats of the same value.
@inlinable @inline(__always)
func widen<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = Float(source[x])
    x &+= 1
  }
}

/// Normalizes 16-bit values.
@inlinable @inline(__always)
func normalize<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<UInt16>, _ normalization: Normalization,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = normalization.apply(Double(source[x]))
    x &+= 1
  }
}

/// Normalizes floats; source and destination may be the same row.
@inlinable @inline(__always)
func normalize<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ normalization: Normalization,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      chunk[x] = normalization.apply(Double(values[x]))
      x &+= 1
    }
  }
}
