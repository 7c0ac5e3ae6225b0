/// 8 values of 16 bits.
@frozen public struct Shorts8: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt16
  @usableFromInline let lanes: SIMD8<UInt16>

  @inlinable @inline(__always)
  init(_ lanes: SIMD8<UInt16>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD8<Int16>>) {
    lanes = unsafeBitCast(mask, to: SIMD8<UInt16>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD8<Int16>> { unsafeBitCast(lanes, to: SIMDMask<SIMD8<Int16>>.self) }

  /// 8.
  @inlinable @inline(__always) public static var count: Int { 8 }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isFirst = lanes .< other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isFirst = lanes .> other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }
}

/// 16 values of 16 bits.
@frozen public struct Shorts16: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt16
  @usableFromInline let lanes: SIMD16<UInt16>

  @inlinable @inline(__always)
  init(_ lanes: SIMD16<UInt16>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD16<Int16>>) {
    lanes = unsafeBitCast(mask, to: SIMD16<UInt16>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD16<Int16>> { unsafeBitCast(lanes, to: SIMDMask<SIMD16<Int16>>.self) }

  /// 16.
  @inlinable @inline(__always) public static var count: Int { 16 }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isFirst = lanes .< other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isFirst = lanes .> other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }
}

/// 32 values of 16 bits.
@frozen public struct Shorts32: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt16
  @usableFromInline let lanes: SIMD32<UInt16>

  @inlinable @inline(__always)
  init(_ lanes: SIMD32<UInt16>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD32<Int16>>) {
    lanes = unsafeBitCast(mask, to: SIMD32<UInt16>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD32<Int16>> { unsafeBitCast(lanes, to: SIMDMask<SIMD32<Int16>>.self) }

  /// 32.
  @inlinable @inline(__always) public static var count: Int { 32 }

  /// The smaller of two lanes.
  @inlinable @inline(__always)
  public func lesser(_ other: Self) -> Self {
    let isFirst = lanes .< other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }

  /// The larger of two lanes.
  @inlinable @inline(__always)
  public func greater(_ other: Self) -> Self {
    let isFirst = lanes .> other.lanes
    return Self(mask .& isFirst .| other.mask .& .!isFirst)
  }
}
