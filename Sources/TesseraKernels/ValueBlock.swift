/// Adjacent values of a row, held in registers.
///
/// A kernel is written once over a block and instantiated for `Variant.Wide` (the body of a row),
/// `Vector` and `Lone` (rows narrower than that). All do the same operations on every value, so a
/// result does not depend on which block it was computed in.
public protocol ValueBlock: BitwiseCopyable {
  /// Number of values.
  static var count: Int { get }
  /// A block of equal values.
  init(repeating value: Float)
  /// Reads `count` values; no alignment is needed.
  init(at source: UnsafePointer<Float>)
  /// Writes `count` values; no alignment is needed.
  func store(to destination: UnsafeMutablePointer<Float>)
  /// Adds `factor · weight`, in one rounding where the variant has that instruction, else in two.
  mutating func add(_ factor: Self, times weight: Float)
  /// Adds `first · second`, rounded like `add(_:times:)`.
  mutating func add(_ first: Self, times second: Self)
  /// The block, but zeros where `divisor` is 0.
  func replacingWithZero(where divisor: Self) -> Self
  /// Every value brought into −`bound` … `bound`; NaN stays.
  func limited(by bound: Float) -> Self
  /// The square root of every value.
  func squareRoot() -> Self
  /// The sum of two blocks.
  static func + (first: Self, second: Self) -> Self
  /// The difference of two blocks.
  static func - (first: Self, second: Self) -> Self
  /// The product of two blocks.
  static func * (first: Self, second: Self) -> Self
  /// The quotient of two blocks.
  static func / (first: Self, second: Self) -> Self
}

/// One value.
@frozen public struct Lone<V: Variant>: ValueBlock {
  /// The value.
  public var value: Float

  /// One.
  @inlinable @inline(__always) public static var count: Int { 1 }

  /// Wraps a value.
  @inlinable @inline(__always) public init(repeating value: Float) { self.value = value }

  /// Reads a value.
  @inlinable @inline(__always) public init(at source: UnsafePointer<Float>) {
    value = source.pointee
  }

  /// Writes the value.
  @inlinable @inline(__always) public func store(to destination: UnsafeMutablePointer<Float>) {
    destination.pointee = value
  }

  /// Adds a product with a scalar.
  @inlinable @inline(__always) public mutating func add(_ factor: Self, times weight: Float) {
    if V.fusesMultiplyAdd {
      value.addProduct(factor.value, weight)
    } else {
      value = value + factor.value * weight
    }
  }

  /// Adds a product.
  @inlinable @inline(__always) public mutating func add(_ first: Self, times second: Self) {
    add(first, times: second.value)
  }

  /// The value, or 0 where `divisor` is 0.
  @inlinable @inline(__always) public func replacingWithZero(where divisor: Self) -> Self {
    divisor.value == 0 ? Self(repeating: 0) : self
  }

  /// The value, or the bound that it is beyond.
  @inlinable @inline(__always) public func limited(by bound: Float) -> Self {
    Self(repeating: value > bound ? bound : value < 0 - bound ? 0 - bound : value)
  }

  /// The square root.
  @inlinable @inline(__always) public func squareRoot() -> Self {
    Self(repeating: value.squareRoot())
  }

  /// Adds.
  @inlinable @inline(__always) public static func + (first: Self, second: Self) -> Self {
    Self(repeating: first.value + second.value)
  }

  /// Subtracts.
  @inlinable @inline(__always) public static func - (first: Self, second: Self) -> Self {
    Self(repeating: first.value - second.value)
  }

  /// Multiplies.
  @inlinable @inline(__always) public static func * (first: Self, second: Self) -> Self {
    Self(repeating: first.value * second.value)
  }

  /// Divides.
  @inlinable @inline(__always) public static func / (first: Self, second: Self) -> Self {
    Self(repeating: first.value / second.value)
  }
}

/// One vector of the variant's width.
@frozen public struct Single<V: Variant>: ValueBlock {
  /// The vector.
  public var lanes: V.Vector

  /// Wraps a vector.
  @inlinable @inline(__always) public init(_ lanes: V.Vector) { self.lanes = lanes }

  /// The vector's lanes.
  @inlinable @inline(__always) public static var count: Int { V.Vector.scalarCount }

  /// Fills a vector.
  @inlinable @inline(__always) public init(repeating value: Float) {
    lanes = V.Vector(repeating: value)
  }

  /// Reads a vector.
  @inlinable @inline(__always) public init(at source: UnsafePointer<Float>) {
    lanes = UnsafeRawPointer(source).loadUnaligned(as: V.Vector.self)
  }

  /// Writes the vector.
  @inlinable @inline(__always) public func store(to destination: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(destination).storeBytes(of: lanes, as: V.Vector.self)
  }

  /// Adds a product with a scalar.
  @inlinable @inline(__always) public mutating func add(_ factor: Self, times weight: Float) {
    add(factor, times: Self(repeating: weight))
  }

  /// Adds a product.
  @inlinable @inline(__always) public mutating func add(_ first: Self, times second: Self) {
    if V.fusesMultiplyAdd {
      lanes.addProduct(first.lanes, second.lanes)
    } else {
      lanes = lanes + first.lanes * second.lanes
    }
  }

  /// The lanes, but zeros where `divisor` is 0.
  @inlinable @inline(__always) public func replacingWithZero(where divisor: Self) -> Self {
    Self(lanes.zeroed(where: divisor.lanes))
  }

  /// The lanes, or the bounds that they are beyond.
  @inlinable @inline(__always) public func limited(by bound: Float) -> Self {
    Self(
      lanes.lesser(V.Vector(repeating: bound)).greater(V.Vector(repeating: 0 - bound)))
  }

  /// The square root of every lane.
  @inlinable @inline(__always) public func squareRoot() -> Self { Self(lanes.squareRoot()) }

  /// Adds lane by lane.
  @inlinable @inline(__always) public static func + (first: Self, second: Self) -> Self {
    Self(first.lanes + second.lanes)
  }

  /// Subtracts lane by lane.
  @inlinable @inline(__always) public static func - (first: Self, second: Self) -> Self {
    Self(first.lanes - second.lanes)
  }

  /// Multiplies lane by lane.
  @inlinable @inline(__always) public static func * (first: Self, second: Self) -> Self {
    Self(first.lanes * second.lanes)
  }

  /// Divides lane by lane.
  @inlinable @inline(__always) public static func / (first: Self, second: Self) -> Self {
    Self(first.lanes / second.lanes)
  }
}

/// Two blocks side by side.
@frozen public struct Joined<Low: ValueBlock, High: ValueBlock>: ValueBlock {
  /// The first values.
  public var low: Low
  /// The values after them.
  public var high: High

  /// Joins two blocks.
  @inlinable @inline(__always) public init(_ low: Low, _ high: High) {
    self.low = low
    self.high = high
  }

  /// The sum of both counts.
  @inlinable @inline(__always) public static var count: Int { Low.count &+ High.count }

  /// Fills both blocks.
  @inlinable @inline(__always) public init(repeating value: Float) {
    low = Low(repeating: value)
    high = High(repeating: value)
  }

  /// Reads both blocks.
  @inlinable @inline(__always) public init(at source: UnsafePointer<Float>) {
    low = Low(at: source)
    high = High(at: source + Low.count)
  }

  /// Writes both blocks.
  @inlinable @inline(__always) public func store(to destination: UnsafeMutablePointer<Float>) {
    low.store(to: destination)
    high.store(to: destination + Low.count)
  }

  /// Adds a product with a scalar.
  @inlinable @inline(__always) public mutating func add(_ factor: Self, times weight: Float) {
    low.add(factor.low, times: weight)
    high.add(factor.high, times: weight)
  }

  /// Adds a product.
  @inlinable @inline(__always) public mutating func add(_ first: Self, times second: Self) {
    low.add(first.low, times: second.low)
    high.add(first.high, times: second.high)
  }

  /// Both blocks, but zeros where `divisor` is 0.
  @inlinable @inline(__always) public func replacingWithZero(where divisor: Self) -> Self {
    Self(low.replacingWithZero(where: divisor.low), high.replacingWithZero(where: divisor.high))
  }

  /// Both blocks, or the bounds that they are beyond.
  @inlinable @inline(__always) public func limited(by bound: Float) -> Self {
    Self(low.limited(by: bound), high.limited(by: bound))
  }

  /// The square root of both blocks.
  @inlinable @inline(__always) public func squareRoot() -> Self {
    Self(low.squareRoot(), high.squareRoot())
  }

  /// Adds block by block.
  @inlinable @inline(__always) public static func + (first: Self, second: Self) -> Self {
    Self(first.low + second.low, first.high + second.high)
  }

  /// Subtracts block by block.
  @inlinable @inline(__always) public static func - (first: Self, second: Self) -> Self {
    Self(first.low - second.low, first.high - second.high)
  }

  /// Multiplies block by block.
  @inlinable @inline(__always) public static func * (first: Self, second: Self) -> Self {
    Self(first.low * second.low, first.high * second.high)
  }

  /// Divides block by block.
  @inlinable @inline(__always) public static func / (first: Self, second: Self) -> Self {
    Self(first.low / second.low, first.high / second.high)
  }
}
