/// A SIMD vector of 16-bit integers that wrap around.
///
/// Bytes are read two to a lane: those at even places are the low halves, those at odd places the
/// high halves. So a vector of bytes becomes two vectors of words, and these bytes again, without an
/// exchange of lanes.
public protocol WordVector: SIMD, BitwiseCopyable, Sendable where Scalar == Int16 {
  // Operations are requirements because the generic ones of `SIMD` compile to loops over lanes, which
  // the optimizer leaves as such, or gives up, in large functions. Additions, products and comparisons
  // of one type of vector are single instructions, and so are the operations of its masks.

  /// Repeats two words.
  init(pairs pair: UInt32)
  /// The low half of every lane.
  var lowBytes: Self { get }
  /// The high half of every lane.
  var highBytes: Self { get }
  /// Adds.
  func plus(_ other: Self) -> Self
  /// Subtracts.
  func minus(_ other: Self) -> Self
  /// Multiplies.
  func times(_ other: Self) -> Self
  /// The bits of `self` that `other` has too.
  func masked(by other: Self) -> Self
  /// The smaller of two lanes.
  func lesser(_ other: Self) -> Self
  /// The larger of two lanes.
  func greater(_ other: Self) -> Self
  /// All ones where two lanes are equal, else 0.
  func matches(_ other: Self) -> Self
  /// Divides by a power of two, rounding down.
  func shifted(down bits: Int16) -> Self
}

extension SIMD8<Int16>: WordVector {
  /// Repeats two words.
  @inlinable @inline(__always)
  public init(pairs pair: UInt32) {
    self = unsafeBitCast(SIMD4<UInt32>(repeating: pair), to: Self.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<Self> { unsafeBitCast(self, to: SIMDMask<Self>.self) }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<Self>) { self = unsafeBitCast(mask, to: Self.self) }

  /// The low half of every lane.
  @inlinable @inline(__always)
  public var lowBytes: Self { masked(by: Self(repeating: 255)) }

  /// The high half of every lane.
  @inlinable @inline(__always)
  public var highBytes: Self {
    unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt16>.self) &>> 8, to: Self.self)
  }

  /// Adds.
  @inlinable @inline(__always)
  public func plus(_ other: Self) -> Self { self &+ other }

  /// Subtracts.
  @inlinable @inline(__always)
  public func minus(_ other: Self) -> Self { self &- other }

  /// Multiplies.
  @inlinable @inline(__always)
  public func times(_ other: Self) -> Self { self &* other }

  /// Zeros bits.
  @inlinable @inline(__always)
  public func masked(by other: Self) -> Self { Self(mask .& other.mask) }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isLess = self .< other
    return Self(mask .& isLess .| other.mask .& .!isLess)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isGreater = self .> other
    return Self(mask .& isGreater .| other.mask .& .!isGreater)
  }

  /// All ones where two lanes are equal.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> Self { Self(self .== other) }

  /// Divides by a power of two.
  @inlinable @inline(__always)
  public func shifted(down bits: Int16) -> Self { self &>> Self(repeating: bits) }
}

extension SIMD16<Int16>: WordVector {
  /// Repeats two words.
  @inlinable @inline(__always)
  public init(pairs pair: UInt32) {
    self = unsafeBitCast(SIMD8<UInt32>(repeating: pair), to: Self.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<Self> { unsafeBitCast(self, to: SIMDMask<Self>.self) }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<Self>) { self = unsafeBitCast(mask, to: Self.self) }

  /// The low half of every lane.
  @inlinable @inline(__always)
  public var lowBytes: Self { masked(by: Self(repeating: 255)) }

  /// The high half of every lane.
  @inlinable @inline(__always)
  public var highBytes: Self {
    unsafeBitCast(unsafeBitCast(self, to: SIMD16<UInt16>.self) &>> 8, to: Self.self)
  }

  /// Adds.
  @inlinable @inline(__always)
  public func plus(_ other: Self) -> Self { self &+ other }

  /// Subtracts.
  @inlinable @inline(__always)
  public func minus(_ other: Self) -> Self { self &- other }

  /// Multiplies.
  @inlinable @inline(__always)
  public func times(_ other: Self) -> Self { self &* other }

  /// Zeros bits.
  @inlinable @inline(__always)
  public func masked(by other: Self) -> Self { Self(mask .& other.mask) }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isLess = self .< other
    return Self(mask .& isLess .| other.mask .& .!isLess)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isGreater = self .> other
    return Self(mask .& isGreater .| other.mask .& .!isGreater)
  }

  /// All ones where two lanes are equal.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> Self { Self(self .== other) }

  /// Divides by a power of two.
  @inlinable @inline(__always)
  public func shifted(down bits: Int16) -> Self { self &>> Self(repeating: bits) }
}

extension SIMD32<Int16>: WordVector {
  /// Repeats two words.
  @inlinable @inline(__always)
  public init(pairs pair: UInt32) {
    self = unsafeBitCast(SIMD16<UInt32>(repeating: pair), to: Self.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<Self> { unsafeBitCast(self, to: SIMDMask<Self>.self) }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<Self>) { self = unsafeBitCast(mask, to: Self.self) }

  /// The low half of every lane.
  @inlinable @inline(__always)
  public var lowBytes: Self { masked(by: Self(repeating: 255)) }

  /// The high half of every lane.
  @inlinable @inline(__always)
  public var highBytes: Self {
    // A shift of more than 16 lanes is a loop.
    unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt64>.self) &>> 8, to: Self.self).lowBytes
  }

  /// Adds.
  @inlinable @inline(__always)
  public func plus(_ other: Self) -> Self { self &+ other }

  /// Subtracts.
  @inlinable @inline(__always)
  public func minus(_ other: Self) -> Self { self &- other }

  /// Multiplies.
  @inlinable @inline(__always)
  public func times(_ other: Self) -> Self { self &* other }

  /// Zeros bits.
  @inlinable @inline(__always)
  public func masked(by other: Self) -> Self { Self(mask .& other.mask) }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isLess = self .< other
    return Self(mask .& isLess .| other.mask .& .!isLess)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isGreater = self .> other
    return Self(mask .& isGreater .| other.mask .& .!isGreater)
  }

  /// All ones where two lanes are equal.
  @inlinable @inline(__always)
  public func matches(_ other: Self) -> Self { Self(self .== other) }

  /// Divides by a power of two.
  @inlinable @inline(__always)
  public func shifted(down bits: Int16) -> Self {
    SIMD32(lowHalf: lowHalf.shifted(down: bits), highHalf: highHalf.shifted(down: bits))
  }
}
