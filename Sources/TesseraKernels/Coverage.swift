/// A row of sums to be divided by how many blocks touched each pixel.
///
/// Coverage is an outer product, so a row's divisors are `rowCount · columnCounts[x]`. Pixels that no
/// block touched become 0.
public struct CoverageDivision<Sum, E> {
  /// The sums; `count` values.
  public var sums: UnsafePointer<Sum>
  /// How many rows of blocks touch this row of pixels.
  public var rowCount: Int
  /// How many columns of blocks touch each column; `count` values.
  public var columnCounts: UnsafePointer<Int32>
  /// Where the means go; `count` values.
  public var destination: UnsafeMutablePointer<E>
  /// Pixels in the row.
  public var count: Int

  /// Describes the division of one row.
  public init(
    sums: UnsafePointer<Sum>, rowCount: Int, columnCounts: UnsafePointer<Int32>,
    destination: UnsafeMutablePointer<E>, count: Int
  ) {
    self.sums = sums
    self.rowCount = rowCount
    self.columnCounts = columnCounts
    self.destination = destination
    self.count = count
  }
}

/// Divides float sums.
@inlinable @inline(__always)
func divide<V: Variant>(_ variant: V.Type, _ row: CoverageDivision<Float, Float>) {
  let rows = Float(row.rowCount)
  let (sums, columns, destination) = (row.sums, row.columnCounts, row.destination)
  var x = 0
  while x < row.count {
    let divisor = rows * Float(columns[x])
    destination[x] = divisor > 0 ? sums[x] / divisor : 0
    x &+= 1
  }
}

/// Divides double sums and rounds to single precision once.
@inlinable @inline(__always)
func divide<V: Variant>(_ variant: V.Type, _ row: CoverageDivision<Double, Float>) {
  let rows = Double(row.rowCount)
  let (sums, columns, destination) = (row.sums, row.columnCounts, row.destination)
  var x = 0
  while x < row.count {
    let divisor = rows * Double(columns[x])
    destination[x] = divisor > 0 ? Float(sums[x] / divisor) : 0
    x &+= 1
  }
}

/// Divides integer sums, rounding half to even.
///
/// A quotient of integers below 2³² is at least 2⁻³³ away from any half that it does not equal, so
/// the double quotient rounds as the exact one would. Adding 2⁵² leaves it in the low bits.
@inlinable @inline(__always)
func divide<V: Variant, E: FixedWidthInteger & UnsignedInteger>(
  _ variant: V.Type, _ row: CoverageDivision<UInt32, E>
) {
  let rows = Double(row.rowCount)
  let (sums, columns, destination) = (row.sums, row.columnCounts, row.destination)
  let magic: Double = 4_503_599_627_370_496
  var x = 0
  while x < row.count {
    let divisor = rows * Double(columns[x])
    let quotient = divisor > 0 ? Double(sums[x]) / divisor : 0
    destination[x] = E(truncatingIfNeeded: (quotient + magic).bitPattern)
    x &+= 1
  }
}

/// Rounds doubles to single precision.
@inlinable @inline(__always)
func narrow<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Double>, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var x = 0
  while x < count {
    destination[x] = Float(source[x])
    x &+= 1
  }
}
