// A square of n = 2ᵏ rows of n values is transposed by k rounds, in each of which row i is interleaved
// with row i + n / 2. As in Transposition.swift, loops of insertions become the shuffles.

extension SIMD32<UInt8> {
  /// Interleaves the first halves of both runs of 16 bytes.
  @inlinable @inline(__always)
  static func interleaveFirst(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<8 { result[2 &* lane &+ 1] = b[lane] }
    for lane in 0..<8 { result[2 &* lane &+ 17] = b[16 &+ lane] }
    for lane in 0..<8 { result[2 &* lane &+ 16] = a[16 &+ lane] }
    for lane in 0..<8 { result[2 &* lane] = a[lane] }
    return result
  }

  /// Interleaves the second halves of both runs of 16 bytes.
  @inlinable @inline(__always)
  static func interleaveSecond(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    for lane in 0..<8 { result[2 &* lane &+ 1] = b[8 &+ lane] }
    for lane in 0..<8 { result[2 &* lane &+ 17] = b[24 &+ lane] }
    for lane in 0..<8 { result[2 &* lane &+ 16] = a[24 &+ lane] }
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

/// Two squares of 16 × 16 bytes side by side: a vector is a row of both.
@usableFromInline
struct SquarePair {
  @usableFromInline typealias Row = SIMD32<UInt8>
  @usableFromInline var a0, a1, a2, a3, a4, a5, a6, a7: Row
  @usableFromInline var b0, b1, b2, b3, b4, b5, b6, b7: Row

  @inlinable @inline(__always)
  init(_ row: (Int) -> Row) {
    (a0, a1, a2, a3, a4, a5, a6, a7) = (
      row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)
    )
    (b0, b1, b2, b3, b4, b5, b6, b7) = (
      row(8), row(9), row(10), row(11), row(12), row(13), row(14), row(15)
    )
  }

  @inlinable @inline(__always)
  mutating func interleave() {
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

  /// Transposes both squares.
  @inlinable @inline(__always)
  mutating func transpose() {
    // One round after the other: of all of them together the optimizer makes shuffles of its own.
    for _ in 0..<4 { interleave() }
  }

  @inlinable @inline(__always)
  func forEach(_ body: (Int, Row) -> Void) {
    body(0, a0)
    body(1, a1)
    body(2, a2)
    body(3, a3)
    body(4, a4)
    body(5, a5)
    body(6, a6)
    body(7, a7)
    body(8, b0)
    body(9, b1)
    body(10, b2)
    body(11, b3)
    body(12, b4)
    body(13, b5)
    body(14, b6)
    body(15, b7)
  }
}

extension UInt8 {
  /// 16 rows of 32 bytes.
  @inlinable @inline(__always)
  public static func takeColumns(
    from rows: (Int) -> UnsafePointer<UInt8>, to columns: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    var squares = SquarePair { loadVector(rows($0), as: SIMD32<UInt8>.self) }
    squares.transpose()
    squares.forEach { column, bytes in
      let words = unsafeBitCast(bytes, to: SIMD4<UInt64>.self)
      storeVector(SIMD2(words[0], words[1]), to: columns(column))
      storeVector(SIMD2(words[2], words[3]), to: columns(16 &+ column))
    }
  }

  /// 32 columns of 16 bytes.
  @inlinable @inline(__always)
  public static func giveRows(
    from columns: (Int) -> UnsafePointer<UInt8>, to rows: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    var squares = SquarePair { column in
      let first = loadVector(columns(column), as: SIMD2<UInt64>.self)
      let second = loadVector(columns(16 &+ column), as: SIMD2<UInt64>.self)
      return unsafeBitCast(
        SIMD4(first[0], first[1], second[0], second[1]), to: SIMD32<UInt8>.self)
    }
    squares.transpose()
    squares.forEach { row, bytes in storeVector(bytes, to: rows(row)) }
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
