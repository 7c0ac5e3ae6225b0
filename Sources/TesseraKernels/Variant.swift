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

/// A SIMD vector of floats that can be transposed in groups of four lanes.
public protocol FloatVector: SIMD, BitwiseCopyable, Sendable where Scalar == Float {
  /// The same bits as pairs of lanes.
  associatedtype Pairs: SIMD, BitwiseCopyable where Pairs.Scalar == Double

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

// The order of assignments matters below. Swift has no shuffles; LLVM makes one of a chain of
// insertions, unless the chain starts with a lane that stays where it was.
extension FloatVector {
  /// a₀ b₀ a₁ b₁ of every group of four lanes.
  @inlinable @inline(__always)
  static func interleaveLow(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    var lane = 0
    while lane < scalarCount {
      result[lane &+ 1] = b[lane]
      result[lane &+ 3] = b[lane &+ 1]
      result[lane] = a[lane]
      result[lane &+ 2] = a[lane &+ 1]
      lane &+= 4
    }
    return result
  }

  /// a₂ b₂ a₃ b₃ of every group of four lanes.
  @inlinable @inline(__always)
  static func interleaveHigh(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    var lane = 0
    while lane < scalarCount {
      result[lane &+ 1] = b[lane &+ 2]
      result[lane &+ 3] = b[lane &+ 3]
      result[lane] = a[lane &+ 2]
      result[lane &+ 2] = a[lane &+ 3]
      lane &+= 4
    }
    return result
  }

  /// a₀ a₁ b₀ b₁ of every group of four lanes.
  @inlinable @inline(__always)
  static func joinLow(_ a: Self, _ b: Self) -> Self {
    let first = unsafeBitCast(a, to: Pairs.self)
    let second = unsafeBitCast(b, to: Pairs.self)
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      result[pair &+ 1] = second[pair]
      pair &+= 2
    }
    pair = 0
    while pair < Pairs.scalarCount {
      result[pair] = first[pair]
      pair &+= 2
    }
    return unsafeBitCast(result, to: Self.self)
  }

  /// a₂ a₃ b₂ b₃ of every group of four lanes.
  @inlinable @inline(__always)
  static func joinHigh(_ a: Self, _ b: Self) -> Self {
    let first = unsafeBitCast(a, to: Pairs.self)
    let second = unsafeBitCast(b, to: Pairs.self)
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      result[pair] = first[pair &+ 1]
      result[pair &+ 1] = second[pair &+ 1]
      pair &+= 2
    }
    return unsafeBitCast(result, to: Self.self)
  }

  /// Groups of four lanes read from `source + starts[first + 4 · group]`.
  @inlinable @inline(__always)
  init(groupsAt source: UnsafePointer<Float>, _ starts: UnsafePointer<Int>, _ first: Int) {
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      let group = UnsafeRawPointer(source + starts[first &+ 2 &* pair])
        .loadUnaligned(as: SIMD2<Double>.self)
      result[pair] = group[0]
      result[pair &+ 1] = group[1]
      pair &+= 2
    }
    self = unsafeBitCast(result, to: Self.self)
  }

  /// Adds one group of four lanes to `sums + start`.
  @inlinable @inline(__always)
  func addGroup(_ group: Int, to sums: UnsafeMutablePointer<Float>, _ start: Int) {
    let lane = 4 &* group
    let values = SIMD4(self[lane], self[lane &+ 1], self[lane &+ 2], self[lane &+ 3])
    let target = UnsafeMutableRawPointer(sums + start)
    let sum = target.loadUnaligned(as: SIMD4<Float>.self) + values
    target.storeBytes(of: sum, as: SIMD4<Float>.self)
  }
}

/// The transpose of 4 × 4 groups: four vectors whose groups are columns become four of rows.
@inlinable @inline(__always)
func transposeGroups<Vector: FloatVector>(
  _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector
) -> (Vector, Vector, Vector, Vector) {
  let (lowAB, highAB) = (Vector.interleaveLow(a, b), Vector.interleaveHigh(a, b))
  let (lowCD, highCD) = (Vector.interleaveLow(c, d), Vector.interleaveHigh(c, d))
  return (
    .joinLow(lowAB, lowCD), .joinHigh(lowAB, lowCD), .joinLow(highAB, highCD),
    .joinHigh(highAB, highCD)
  )
}
