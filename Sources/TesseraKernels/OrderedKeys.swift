/// 4 keys of floats.
@frozen public struct Keys4: OrderedVector {
  /// An integer.
  public typealias Scalar = Int32
  @usableFromInline let lanes: SIMD4<Int32>

  @inlinable @inline(__always)
  init(_ lanes: SIMD4<Int32>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD4<Int32>>) {
    lanes = unsafeBitCast(mask, to: SIMD4<Int32>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD4<Int32>> { unsafeBitCast(lanes, to: SIMDMask<SIMD4<Int32>>.self) }

  /// 4.
  @inlinable @inline(__always) public static var count: Int { 4 }

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

/// 8 keys of floats.
@frozen public struct Keys8: OrderedVector {
  /// An integer.
  public typealias Scalar = Int32
  @usableFromInline let lanes: SIMD8<Int32>

  @inlinable @inline(__always)
  init(_ lanes: SIMD8<Int32>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD8<Int32>>) {
    lanes = unsafeBitCast(mask, to: SIMD8<Int32>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD8<Int32>> { unsafeBitCast(lanes, to: SIMDMask<SIMD8<Int32>>.self) }

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

/// 16 keys of floats.
@frozen public struct Keys16: OrderedVector {
  /// An integer.
  public typealias Scalar = Int32
  @usableFromInline let lanes: SIMD16<Int32>

  @inlinable @inline(__always)
  init(_ lanes: SIMD16<Int32>) { self.lanes = lanes }

  /// The bits of a mask.
  @inlinable @inline(__always)
  init(_ mask: SIMDMask<SIMD16<Int32>>) {
    lanes = unsafeBitCast(mask, to: SIMD16<Int32>.self)
  }

  /// The same bits as a mask.
  @inlinable @inline(__always)
  var mask: SIMDMask<SIMD16<Int32>> { unsafeBitCast(lanes, to: SIMDMask<SIMD16<Int32>>.self) }

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
