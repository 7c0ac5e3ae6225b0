// A square of n = 2ᵏ rows of n values is transposed by k rounds, in each of which row i is interleaved
// with row i + n / 2. As in Transposition.swift, loops of insertions become the shuffles.

extension SIMD16<UInt8> {
  /// Interleaves the first halves.
  @inlinable @inline(__always)
  static func interleaveFirst(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<8 { result[2 &* lane &+ 1] = b[lane] }
    for lane in 0..<8 { result[2 &* lane] = a[lane] }
    return result
  }

  /// Interleaves the second halves.
  @inlinable @inline(__always)
  static func interleaveSecond(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<8 { result[2 &* lane &+ 1] = b[8 &+ lane] }
    for lane in 0..<8 { result[2 &* lane] = a[8 &+ lane] }
    return result
  }
}

extension SIMD8<UInt16> {
  /// Interleaves the first halves.
  @inlinable @inline(__always)
  static func interleaveFirst(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<4 { result[2 &* lane &+ 1] = b[lane] }
    for lane in 0..<4 { result[2 &* lane] = a[lane] }
    return result
  }

  /// Interleaves the second halves.
  @inlinable @inline(__always)
  static func interleaveSecond(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<4 { result[2 &* lane &+ 1] = b[4 &+ lane] }
    for lane in 0..<4 { result[2 &* lane] = a[4 &+ lane] }
    return result
  }
}

/// Reads a vector that needs no alignment.
@inlinable @inline(__always)
func loadVector<E, Vector: BitwiseCopyable>(
  _ source: UnsafePointer<E>, as type: Vector.Type
) -> Vector {
  UnsafeRawPointer(source).loadUnaligned(as: type)
}

/// Writes a vector that needs no alignment.
@inlinable @inline(__always)
func storeVector<E, Vector: BitwiseCopyable>(
  _ vector: Vector, to target: UnsafeMutablePointer<E>
) {
  UnsafeMutableRawPointer(target).storeBytes(of: vector, as: Vector.self)
}

extension UInt8 {
  /// 16 × 16 bytes.
  @inlinable @inline(__always)
  static func transposeSquare(
    from rows: (Int) -> UnsafePointer<UInt8>, to columns: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    typealias Row = SIMD16<UInt8>
    var (a0, a1) = (loadVector(rows(0), as: Row.self), loadVector(rows(1), as: Row.self))
    var (a2, a3) = (loadVector(rows(2), as: Row.self), loadVector(rows(3), as: Row.self))
    var (a4, a5) = (loadVector(rows(4), as: Row.self), loadVector(rows(5), as: Row.self))
    var (a6, a7) = (loadVector(rows(6), as: Row.self), loadVector(rows(7), as: Row.self))
    var (b0, b1) = (loadVector(rows(8), as: Row.self), loadVector(rows(9), as: Row.self))
    var (b2, b3) = (loadVector(rows(10), as: Row.self), loadVector(rows(11), as: Row.self))
    var (b4, b5) = (loadVector(rows(12), as: Row.self), loadVector(rows(13), as: Row.self))
    var (b6, b7) = (loadVector(rows(14), as: Row.self), loadVector(rows(15), as: Row.self))
    for _ in 0..<4 {
      let (c0, c1) = (Row.interleaveFirst(a0, b0), Row.interleaveSecond(a0, b0))
      let (c2, c3) = (Row.interleaveFirst(a1, b1), Row.interleaveSecond(a1, b1))
      let (c4, c5) = (Row.interleaveFirst(a2, b2), Row.interleaveSecond(a2, b2))
      let (c6, c7) = (Row.interleaveFirst(a3, b3), Row.interleaveSecond(a3, b3))
      let (d0, d1) = (Row.interleaveFirst(a4, b4), Row.interleaveSecond(a4, b4))
      let (d2, d3) = (Row.interleaveFirst(a5, b5), Row.interleaveSecond(a5, b5))
      let (d4, d5) = (Row.interleaveFirst(a6, b6), Row.interleaveSecond(a6, b6))
      let (d6, d7) = (Row.interleaveFirst(a7, b7), Row.interleaveSecond(a7, b7))
      (a0, a1, a2, a3, a4, a5, a6, a7) = (c0, c1, c2, c3, c4, c5, c6, c7)
      (b0, b1, b2, b3, b4, b5, b6, b7) = (d0, d1, d2, d3, d4, d5, d6, d7)
    }
    storeVector(a0, to: columns(0))
    storeVector(a1, to: columns(1))
    storeVector(a2, to: columns(2))
    storeVector(a3, to: columns(3))
    storeVector(a4, to: columns(4))
    storeVector(a5, to: columns(5))
    storeVector(a6, to: columns(6))
    storeVector(a7, to: columns(7))
    storeVector(b0, to: columns(8))
    storeVector(b1, to: columns(9))
    storeVector(b2, to: columns(10))
    storeVector(b3, to: columns(11))
    storeVector(b4, to: columns(12))
    storeVector(b5, to: columns(13))
    storeVector(b6, to: columns(14))
    storeVector(b7, to: columns(15))
  }

  /// 16 × 16 bytes.
  @inlinable @inline(__always)
  public static func takeColumns(
    from rows: (Int) -> UnsafePointer<UInt8>, to columns: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    transposeSquare(from: rows, to: columns)
  }

  /// 16 × 16 bytes.
  @inlinable @inline(__always)
  public static func giveRows(
    from columns: (Int) -> UnsafePointer<UInt8>, to rows: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    transposeSquare(from: columns, to: rows)
  }
}

/// Eight vectors.
@usableFromInline
struct EightVectors<Row> {
  @usableFromInline var a0, a1, a2, a3, b0, b1, b2, b3: Row

  @inlinable @inline(__always)
  init(_ row: (Int) -> Row) {
    (a0, a1, a2, a3) = (row(0), row(1), row(2), row(3))
    (b0, b1, b2, b3) = (row(4), row(5), row(6), row(7))
  }

  @inlinable @inline(__always)
  func forEach(_ body: (Int, Row) -> Void) {
    body(0, a0)
    body(1, a1)
    body(2, a2)
    body(3, a3)
    body(4, b0)
    body(5, b1)
    body(6, b2)
    body(7, b3)
  }
}

extension UInt16 {
  /// 8 × 8 words.
  @inlinable @inline(__always)
  static func transposed(_ rows: (Int) -> UnsafePointer<UInt16>) -> EightVectors<SIMD8<UInt16>> {
    typealias Row = SIMD8<UInt16>
    var rows = EightVectors { loadVector(rows($0), as: Row.self) }
    for _ in 0..<3 {
      let (c0, c1) = (Row.interleaveFirst(rows.a0, rows.b0), Row.interleaveSecond(rows.a0, rows.b0))
      let (c2, c3) = (Row.interleaveFirst(rows.a1, rows.b1), Row.interleaveSecond(rows.a1, rows.b1))
      let (d0, d1) = (Row.interleaveFirst(rows.a2, rows.b2), Row.interleaveSecond(rows.a2, rows.b2))
      let (d2, d3) = (Row.interleaveFirst(rows.a3, rows.b3), Row.interleaveSecond(rows.a3, rows.b3))
      (rows.a0, rows.a1, rows.a2, rows.a3) = (c0, c1, c2, c3)
      (rows.b0, rows.b1, rows.b2, rows.b3) = (d0, d1, d2, d3)
    }
    return rows
  }

  /// 8 × 8 words, which become doubles.
  @inlinable @inline(__always)
  public static func takeColumns(
    from rows: (Int) -> UnsafePointer<UInt16>, to columns: (Int) -> UnsafeMutablePointer<Double>
  ) {
    transposed(rows).forEach { index, words in
      var wide = SIMD8<Double>()
      for lane in 0..<8 { wide[lane] = Double(words[lane]) }
      storeVector(wide, to: columns(index))
    }
  }

  /// 8 × 8 words.
  @inlinable @inline(__always)
  public static func giveRows(
    from columns: (Int) -> UnsafePointer<UInt16>, to rows: (Int) -> UnsafeMutablePointer<UInt16>
  ) {
    transposed(columns).forEach { index, words in storeVector(words, to: rows(index)) }
  }
}

extension Float {
  /// 4 × 4 floats.
  @inlinable @inline(__always)
  static func transposed(
    _ rows: (Int) -> UnsafePointer<Float>, _ row: Int, _ column: Int
  ) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
    typealias Row = SIMD4<Float>
    return transposeGroups(
      loadVector(rows(row) + column, as: Row.self),
      loadVector(rows(row &+ 1) + column, as: Row.self),
      loadVector(rows(row &+ 2) + column, as: Row.self),
      loadVector(rows(row &+ 3) + column, as: Row.self))
  }

  /// 8 × 8 floats, a quarter at a time, which become doubles.
  @inlinable @inline(__always)
  public static func takeColumns(
    from rows: (Int) -> UnsafePointer<Float>, to columns: (Int) -> UnsafeMutablePointer<Double>
  ) {
    for quarter in 0..<4 {
      let (row, column) = (quarter / 2 &* 4, quarter % 2 &* 4)
      let square = transposed(rows, row, column)
      store(square.0, to: columns(column) + row)
      store(square.1, to: columns(column &+ 1) + row)
      store(square.2, to: columns(column &+ 2) + row)
      store(square.3, to: columns(column &+ 3) + row)
    }
  }

  @inlinable @inline(__always)
  static func store(_ floats: SIMD4<Float>, to target: UnsafeMutablePointer<Double>) {
    var wide = SIMD4<Double>()
    for lane in 0..<4 { wide[lane] = Double(floats[lane]) }
    storeVector(wide, to: target)
  }

  /// 8 × 8 floats, a quarter at a time.
  @inlinable @inline(__always)
  public static func giveRows(
    from columns: (Int) -> UnsafePointer<Float>, to rows: (Int) -> UnsafeMutablePointer<Float>
  ) {
    for quarter in 0..<4 {
      let (row, column) = (quarter / 2 &* 4, quarter % 2 &* 4)
      let square = transposed(columns, row, column)
      storeVector(square.0, to: rows(column) + row)
      storeVector(square.1, to: rows(column &+ 1) + row)
      storeVector(square.2, to: rows(column &+ 2) + row)
      storeVector(square.3, to: rows(column &+ 3) + row)
    }
  }
}
