/// A SIMD vector of floats that can be transposed in groups of four lanes.
public protocol FloatVector: SIMD, BitwiseCopyable, Sendable where Scalar == Float {
  /// The same bits as pairs of lanes.
  associatedtype Pairs: SIMD, BitwiseCopyable where Pairs.Scalar == Double
  /// The bits of every lane.
  associatedtype Bits: SIMD, BitwiseCopyable where Bits.Scalar == UInt32

  /// Adds pairs of groups of four lanes, `first[4g ..< 4g + 4]` and then `second[4g ..< 4g + 4]`, to
  /// the eight values at `sums + starts[4g]`.
  static func addGroups(
    _ first: Self, _ second: Self, to sums: UnsafeMutablePointer<Float>,
    _ starts: UnsafePointer<Int>)

  // Comparisons and conversions are requirements because the generic ones of `SIMD` compile to loops
  // over lanes.

  /// The lanes of `self`, but zeros where `divisor` is 0.
  func zeroed(where divisor: Self) -> Self
  /// The smaller of two lanes; `self` where one is NaN.
  func lesser(_ other: Self) -> Self
  /// The larger of two lanes; `self` where one is NaN.
  func greater(_ other: Self) -> Self
  /// All ones where two lanes have the same bits, else 0.
  func matches(_ other: Self) -> Bits
  /// Adds wrapped integers.
  static func sum(_ first: Bits, _ second: Bits) -> Bits
  /// Reads integers; no alignment is needed.
  init<E: PixelElement>(widening source: UnsafePointer<E>)
  /// Writes the low bits of every lane; no alignment is needed.
  func storeLowBits<E: PixelElement>(to destination: UnsafeMutablePointer<E>)
}

/// An integer that images are made of.
public typealias PixelElement = BitwiseCopyable & FixedWidthInteger & SIMDScalar & Sendable
  & UnsignedInteger

extension SIMD4<Float>: FloatVector {
  /// Two pairs.
  public typealias Pairs = SIMD2<Double>

  /// The lanes of `self`, but zeros where `divisor` is 0.
  @inlinable @inline(__always)
  public func zeroed(where divisor: Self) -> Self {
    replacing(with: Self(), where: divisor .== Self())
  }

  /// The smaller of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

  /// The larger of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// All ones where two lanes have the same bits, else 0.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> SIMD4<UInt32> {
    let equal =
      unsafeBitCast(self, to: SIMD4<UInt32>.self) .== unsafeBitCast(other, to: SIMD4<UInt32>.self)
    return unsafeBitCast(equal, to: SIMD4<UInt32>.self)
  }

  /// Adds wrapped integers.
  @inlinable @inline(__always)
  public static func sum(_ first: SIMD4<UInt32>, _ second: SIMD4<UInt32>) -> SIMD4<UInt32> {
    first &+ second
  }

  /// Reads integers.
  @inlinable @inline(__always)
  public init<E: PixelElement>(widening source: UnsafePointer<E>) {
    var values = SIMD4<Int32>()
    for lane in 0..<4 { values[lane] = Int32(truncatingIfNeeded: source[lane]) }
    self.init(values)
  }

  /// Writes the low bits of every lane.
  @inlinable @inline(__always)
  public func storeLowBits<E: PixelElement>(to destination: UnsafeMutablePointer<E>) {
    let bits = unsafeBitCast(self, to: SIMD4<UInt32>.self)
    var values = SIMD4<E>()
    for lane in 0..<4 { values[lane] = E(truncatingIfNeeded: bits[lane]) }
    UnsafeMutableRawPointer(destination).storeBytes(of: values, as: SIMD4<E>.self)
  }
}

extension SIMD8<Float>: FloatVector {
  /// Four pairs.
  public typealias Pairs = SIMD4<Double>

  /// The lanes of `self`, but zeros where `divisor` is 0.
  @inlinable @inline(__always)
  public func zeroed(where divisor: Self) -> Self {
    replacing(with: Self(), where: divisor .== Self())
  }

  /// The smaller of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

  /// The larger of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// All ones where two lanes have the same bits, else 0.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> SIMD8<UInt32> {
    let equal =
      unsafeBitCast(self, to: SIMD8<UInt32>.self) .== unsafeBitCast(other, to: SIMD8<UInt32>.self)
    return unsafeBitCast(equal, to: SIMD8<UInt32>.self)
  }

  /// Adds wrapped integers.
  @inlinable @inline(__always)
  public static func sum(_ first: SIMD8<UInt32>, _ second: SIMD8<UInt32>) -> SIMD8<UInt32> {
    first &+ second
  }

  /// Reads integers.
  @inlinable @inline(__always)
  public init<E: PixelElement>(widening source: UnsafePointer<E>) {
    var values = SIMD8<Int32>()
    for lane in 0..<8 { values[lane] = Int32(truncatingIfNeeded: source[lane]) }
    self.init(values)
  }

  /// Writes the low bits of every lane.
  @inlinable @inline(__always)
  public func storeLowBits<E: PixelElement>(to destination: UnsafeMutablePointer<E>) {
    let bits = unsafeBitCast(self, to: SIMD8<UInt32>.self)
    var values = SIMD8<E>()
    for lane in 0..<8 { values[lane] = E(truncatingIfNeeded: bits[lane]) }
    UnsafeMutableRawPointer(destination).storeBytes(of: values, as: SIMD8<E>.self)
  }
}

extension SIMD16<Float>: FloatVector {
  /// Eight pairs.
  public typealias Pairs = SIMD8<Double>

  /// The lanes of `self`, but zeros where `divisor` is 0.
  @inlinable @inline(__always)
  public func zeroed(where divisor: Self) -> Self {
    replacing(with: Self(), where: divisor .== Self())
  }

  /// The smaller of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

  /// The larger of two lanes; `self` where one is NaN.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// All ones where two lanes have the same bits, else 0.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> SIMD16<UInt32> {
    let equal =
      unsafeBitCast(self, to: SIMD16<UInt32>.self) .== unsafeBitCast(other, to: SIMD16<UInt32>.self)
    return unsafeBitCast(equal, to: SIMD16<UInt32>.self)
  }

  /// Adds wrapped integers.
  @inlinable @inline(__always)
  public static func sum(_ first: SIMD16<UInt32>, _ second: SIMD16<UInt32>) -> SIMD16<UInt32> {
    first &+ second
  }

  /// Reads integers.
  @inlinable @inline(__always)
  public init<E: PixelElement>(widening source: UnsafePointer<E>) {
    self.init(
      lowHalf: SIMD8<Float>(widening: source), highHalf: SIMD8<Float>(widening: source + 8))
  }

  /// Writes the low bits of every lane.
  @inlinable @inline(__always)
  public func storeLowBits<E: PixelElement>(to destination: UnsafeMutablePointer<E>) {
    let bits = unsafeBitCast(self, to: SIMD16<UInt32>.self)
    var values = SIMD16<E>()
    for lane in 0..<16 { values[lane] = E(truncatingIfNeeded: bits[lane]) }
    UnsafeMutableRawPointer(destination).storeBytes(of: values, as: SIMD16<E>.self)
  }
}
