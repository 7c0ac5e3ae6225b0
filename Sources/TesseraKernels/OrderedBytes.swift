/// 16 bytes.
@frozen public struct Bytes16: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt8
  @usableFromInline let lanes: SIMD16<UInt8>

  @inlinable @inline(__always)
  init(_ lanes: SIMD16<UInt8>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD16<Int8>>) {
    lanes = unsafeBitCast(mask, to: SIMD16<UInt8>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD16<Int8>> { unsafeBitCast(lanes, to: SIMDMask<SIMD16<Int8>>.self) }

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

/// 32 bytes.
@frozen public struct Bytes32: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt8
  @usableFromInline let lanes: SIMD32<UInt8>

  @inlinable @inline(__always)
  init(_ lanes: SIMD32<UInt8>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD32<Int8>>) {
    lanes = unsafeBitCast(mask, to: SIMD32<UInt8>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD32<Int8>> { unsafeBitCast(lanes, to: SIMDMask<SIMD32<Int8>>.self) }

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

/// 64 bytes.
@frozen public struct Bytes64: OrderedVector {
  /// An integer.
  public typealias Scalar = UInt8
  @usableFromInline let lanes: SIMD64<UInt8>

  @inlinable @inline(__always)
  init(_ lanes: SIMD64<UInt8>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD64<Int8>>) {
    lanes = unsafeBitCast(mask, to: SIMD64<UInt8>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD64<Int8>> { unsafeBitCast(lanes, to: SIMDMask<SIMD64<Int8>>.self) }

  /// 64.
  @inlinable @inline(__always) public static var count: Int { 64 }

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
