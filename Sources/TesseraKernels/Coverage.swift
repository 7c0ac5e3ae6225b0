/// A row of sums to be divided by how many blocks touched each pixel.
///
/// Coverage is an outer product, and so are the sums of separable window weights: a row's divisors
/// are `rowDivisor · columnDivisors[x]`. Where that is 0 the result is 0.
public struct CoverageDivision<Sum, E> {
  /// The sums; `count` values.
  public var sums: UnsafePointer<Sum>
  /// How many rows of blocks touch this row of pixels, or the sum of their weights.
  public var rowDivisor: Float
  /// How many columns of blocks touch each column, or the sum of their weights; `count` values.
  public var columnDivisors: UnsafePointer<Float>
  /// Where the means go, `count` values: other memory, or that of the sums if types agree.
  public var destination: UnsafeMutablePointer<E>
  /// Pixels in the row.
  public var count: Int

  /// Describes the division of one row.
  public init(
    sums: UnsafePointer<Sum>, rowDivisor: Float, columnDivisors: UnsafePointer<Float>,
    destination: UnsafeMutablePointer<E>, count: Int
  ) {
    self.sums = sums
    self.rowDivisor = rowDivisor
    self.columnDivisors = columnDivisors
    self.destination = destination
    self.count = count
  }
}

/// Divides float sums.
@inlinable @inline(__always)
func divide<V: Variant>(_ variant: V.Type, _ row: CoverageDivision<Float, Float>) {
  var x = 0
  while x &+ V.Vector.scalarCount <= row.count {
    divide(Single<V>.self, row, x)
    x &+= V.Vector.scalarCount
  }
  while x < row.count {
    divide(Lone<V>.self, row, x)
    x &+= 1
  }
}

/// Divides one block of float sums.
@inlinable @inline(__always)
func divide<B: ValueBlock>(_ block: B.Type, _ row: CoverageDivision<Float, Float>, _ x: Int) {
  let divisor = B(repeating: row.rowDivisor) * B(at: row.columnDivisors + x)
  (B(at: row.sums + x) / divisor).replacingWithZero(where: divisor).store(to: row.destination + x)
}

/// Divides double sums and rounds to single precision once.
@inlinable @inline(__always)
func divide<V: Variant>(_ variant: V.Type, _ row: CoverageDivision<Double, Float>) {
  let rows = Double(row.rowDivisor)
  let (sums, columns, destination) = (row.sums, row.columnDivisors, row.destination)
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
  let rows = Double(row.rowDivisor)
  let (sums, columns, destination) = (row.sums, row.columnDivisors, row.destination)
  let magic: Double = 4_503_599_627_370_496
  var x = 0
  while x < row.count {
    let divisor = rows * Double(columns[x])
    let quotient = divisor > 0 ? Double(sums[x]) / divisor : 0
    destination[x] = E(truncatingIfNeeded: (quotient + magic).bitPattern)
    x &+= 1
  }
}
