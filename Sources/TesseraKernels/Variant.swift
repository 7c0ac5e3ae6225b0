/// One instruction set that the kernels are compiled for.
///
/// Every kernel is generic over a variant, and the variant is part of every specialised symbol's
/// name: code compiled for one instruction set can never stand in for another's at link time.
public protocol Variant: Sendable {
  /// The widest float vector of the instruction set.
  associatedtype Vector: FloatVector
  /// As many adjacent values as four accumulators of them still fit the register file.
  associatedtype Wide: ValueBlock
  /// As many adjacent values as twelve accumulators of them still fit the register file.
  associatedtype Narrow: ValueBlock

  /// Whether a × b + c is one instruction, rounded once.
  static var fusesMultiplyAdd: Bool { get }
}

/// A SIMD vector of floats that can be transposed in groups of four lanes.
public protocol FloatVector: SIMD, BitwiseCopyable, Sendable where Scalar == Float {
  /// The same bits as pairs of lanes.
  associatedtype Pairs: SIMD, BitwiseCopyable where Pairs.Scalar == Double

  /// Adds pairs of groups of four lanes, `first[4g ..< 4g + 4]` and then `second[4g ..< 4g + 4]`, to
  /// the eight values at `sums + starts[4g]`.
  static func addGroups(
    _ first: Self, _ second: Self, to sums: UnsafeMutablePointer<Float>,
    _ starts: UnsafePointer<Int>)

  // Comparisons are requirements because the generic ones of `SIMD` compile to loops over lanes.

  /// The lanes of `self`, but zeros where `divisor` is 0.
  func zeroed(where divisor: Self) -> Self
  /// The smaller of two lanes; `self` where one is NaN.
  func lesser(_ other: Self) -> Self
  /// The larger of two lanes; `self` where one is NaN.
  func greater(_ other: Self) -> Self
}

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
}
