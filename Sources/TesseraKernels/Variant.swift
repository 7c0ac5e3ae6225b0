/// One instruction set that the kernels are compiled for.
///
/// Every kernel is generic over a variant, and the variant is part of every specialised symbol's
/// name: code compiled for one instruction set can never stand in for another's at link time.
public protocol Variant: Sendable {
  /// The widest float vector of the instruction set.
  associatedtype Vector: FloatVector
  /// As many adjacent values as four accumulators of them still fit the register file.
  associatedtype Wide: ValueBlock

  /// Whether a × b + c is one instruction, rounded once.
  static var fusesMultiplyAdd: Bool { get }
}

/// A SIMD vector of floats, with the few permutations that transposing needs.
public protocol FloatVector: SIMD, BitwiseCopyable, Sendable where Scalar == Float {
  /// The values at even positions of `first` followed by those of `second`.
  static func evens(_ first: Self, _ second: Self) -> Self
  /// The values at odd positions of `first` followed by those of `second`.
  static func odds(_ first: Self, _ second: Self) -> Self
  /// A vector of consecutive groups of four lanes, each made by `quad` from its index.
  init(quads quad: (Int) -> SIMD4<Float>)
  /// The group of four lanes at `index`.
  func quad(_ index: Int) -> SIMD4<Float>
}

extension SIMD4<Float>: FloatVector {
  /// The values at even positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func evens(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.evenHalf, highHalf: second.evenHalf)
  }

  /// The values at odd positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func odds(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.oddHalf, highHalf: second.oddHalf)
  }

  /// The one group of four lanes.
  @inlinable @inline(__always)
  public init(quads quad: (Int) -> SIMD4<Float>) {
    self = quad(0)
  }

  /// The vector itself.
  @inlinable @inline(__always)
  public func quad(_ index: Int) -> SIMD4<Float> { self }
}

extension SIMD8<Float>: FloatVector {
  /// The values at even positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func evens(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.evenHalf, highHalf: second.evenHalf)
  }

  /// The values at odd positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func odds(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.oddHalf, highHalf: second.oddHalf)
  }

  /// Two groups of four lanes.
  @inlinable @inline(__always)
  public init(quads quad: (Int) -> SIMD4<Float>) {
    self = Self(lowHalf: quad(0), highHalf: quad(1))
  }

  /// The group of four lanes at `index`.
  @inlinable @inline(__always)
  public func quad(_ index: Int) -> SIMD4<Float> { index == 0 ? lowHalf : highHalf }
}

extension SIMD16<Float>: FloatVector {
  /// The values at even positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func evens(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.evenHalf, highHalf: second.evenHalf)
  }

  /// The values at odd positions of `first` followed by those of `second`.
  @inlinable @inline(__always)
  public static func odds(_ first: Self, _ second: Self) -> Self {
    Self(lowHalf: first.oddHalf, highHalf: second.oddHalf)
  }

  /// Four groups of four lanes.
  @inlinable @inline(__always)
  public init(quads quad: (Int) -> SIMD4<Float>) {
    self = Self(
      lowHalf: SIMD8(lowHalf: quad(0), highHalf: quad(1)),
      highHalf: SIMD8(lowHalf: quad(2), highHalf: quad(3)))
  }

  /// The group of four lanes at `index`.
  @inlinable @inline(__always)
  public func quad(_ index: Int) -> SIMD4<Float> {
    let half = index < 2 ? lowHalf : highHalf
    return index & 1 == 0 ? half.lowHalf : half.highHalf
  }
}
