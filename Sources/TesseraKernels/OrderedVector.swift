/// A SIMD vector of integers that can be put in order, lane by lane.
///
/// One type for each kind and number of lanes: a generic vector conforms to a protocol once, and its
/// generic comparisons compile to loops over lanes.
public protocol OrderedVector: BitwiseCopyable, Sendable {
  /// The integers.
  associatedtype Scalar: FixedWidthInteger & BitwiseCopyable & Sendable
  /// How many there are.
  static var count: Int { get }
  /// The smaller of two lanes.
  func lesser(_ other: Self) -> Self
  /// The larger of two lanes.
  func greater(_ other: Self) -> Self
}

extension OrderedVector {
  /// Reads a vector; no alignment is needed.
  @inlinable @inline(__always)
  init(at source: UnsafePointer<Scalar>) {
    self = UnsafeRawPointer(source).loadUnaligned(as: Self.self)
  }

  /// Reads a vector; no alignment is needed.
  @inlinable @inline(__always)
  init(at source: UnsafeMutablePointer<Scalar>) { self.init(at: UnsafePointer(source)) }

  /// Writes a vector; no alignment is needed.
  @inlinable @inline(__always)
  func store(to destination: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(destination).storeBytes(of: self, as: Self.self)
  }

  /// Puts two vectors in order.
  @inlinable @inline(__always)
  static func order(_ first: inout Self, _ second: inout Self) {
    (first, second) = (first.lesser(second), first.greater(second))
  }
}
