/// Sums over one row, for statistics of a whole image.
///
/// Values that are not finite are left out. Sums run in 16 double-precision lanes and are added up in
/// a fixed order: they are the same in every variant.
public struct RowStatistics: Hashable, Sendable {
  /// How many values are finite.
  public var finiteCount: Int
  /// The smallest value; +∞ where none is finite.
  public var minimum: Float
  /// The largest value; −∞ where none is finite.
  public var maximum: Float
  /// The sum.
  public var sum: Double
  /// The sum of squares.
  public var sumOfSquares: Double

  /// Creates statistics; without arguments, those of no values.
  public init(
    finiteCount: Int = 0, minimum: Float = .infinity, maximum: Float = -.infinity, sum: Double = 0,
    sumOfSquares: Double = 0
  ) {
    self.finiteCount = finiteCount
    self.minimum = minimum
    self.maximum = maximum
    self.sum = sum
    self.sumOfSquares = sumOfSquares
  }

  /// Adds the values of another row.
  public mutating func add(_ other: RowStatistics) {
    finiteCount += other.finiteCount
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    sumOfSquares += other.sumOfSquares
  }
}

/// How far two rows differ.
///
/// Floats that are not finite differ by nothing from the same at the same place, and without bound
/// from any other value.
public struct RowDifference<Sum: Hashable & Sendable>: Hashable, Sendable {
  /// The sum of squared differences.
  public var sumOfSquares: Sum
  /// The sum of absolute differences.
  public var sumOfMagnitudes: Sum
  /// The largest absolute difference.
  public var maximum: Sum
  /// Places where one of the two or both are not finite.
  public var notFiniteCount: Int

  /// Creates a difference.
  public init(sumOfSquares: Sum, sumOfMagnitudes: Sum, maximum: Sum, notFiniteCount: Int = 0) {
    self.sumOfSquares = sumOfSquares
    self.sumOfMagnitudes = sumOfMagnitudes
    self.maximum = maximum
    self.notFiniteCount = notFiniteCount
  }
}

/// Eight values of a row from `x` on, with zeros in place of those past its end.
@inlinable @inline(__always)
func eight(_ row: UnsafePointer<Float>, _ x: Int, _ count: Int) -> SIMD8<Double> {
  if x &+ 8 <= count {
    return SIMD8<Double>(UnsafeRawPointer(row + x).loadUnaligned(as: SIMD8<Float>.self))
  }
  var values = SIMD8<Float>()
  var lane = 0
  while x &+ lane < count {
    values[lane] = row[x &+ lane]
    lane &+= 1
  }
  return SIMD8<Double>(values)
}

/// The sum of eight lanes, in a fixed order.
@inlinable @inline(__always)
func total(_ lanes: SIMD8<Double>) -> Double {
  let four = lanes.lowHalf + lanes.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The largest of eight lanes.
///
/// `SIMD.max()` is not inlined: its code, a symbol without a variant, would be shared by all of them.
@inlinable @inline(__always)
func largest(_ lanes: SIMD8<Double>) -> Double {
  var most = lanes[0]
  for lane in 1..<8 { most = lanes[lane] > most ? lanes[lane] : most }
  return most
}

/// Computes the statistics of a row.
@inlinable @inline(__always)
func statistics<V: Variant>(
  _ variant: V.Type, _ row: UnsafePointer<Float>, _ count: Int
) -> RowStatistics {
  var (sumLow, sumHigh) = (SIMD8<Double>(), SIMD8<Double>())
  var (squareLow, squareHigh) = (SIMD8<Double>(), SIMD8<Double>())
  var x = 0
  while x < count {
    let low = eight(row, x, count)
    let high = eight(row, x &+ 8, count)
    sumLow += low
    sumHigh += high
    squareLow += low * low
    squareHigh += high * high
    x &+= 16
  }
  let sumOfSquares = total(squareLow + squareHigh)
  // Squares of floats cannot overflow in double precision: one of the values is not finite.
  guard sumOfSquares.isFinite else { return finiteStatistics(variant, row, count) }
  let range = range(variant, row, count)
  return RowStatistics(
    finiteCount: count, minimum: range.lower, maximum: range.upper, sum: total(sumLow + sumHigh),
    sumOfSquares: sumOfSquares)
}

/// The statistics of the finite values of a row that has others, too.
@inlinable @inline(__always)
func finiteStatistics<V: Variant>(
  _ variant: V.Type, _ row: UnsafePointer<Float>, _ count: Int
) -> RowStatistics {
  var (finiteCount, sum, squares) = (0, 0.0, 0.0)
  var (least, most) = (Float.infinity, -Float.infinity)
  for x in 0..<count {
    let value = row[x]
    guard value - value == 0 else { continue }
    finiteCount &+= 1
    least = value < least ? value : least
    most = value > most ? value : most
    sum += Double(value)
    squares += Double(value) * Double(value)
  }
  return RowStatistics(
    finiteCount: finiteCount, minimum: least + 0, maximum: most + 0, sum: sum,
    sumOfSquares: squares)
}

/// The smallest and the largest value of a row.
///
/// Zeros come out positive, whichever was met first.
@inlinable @inline(__always)
func range<V: Variant>(
  _ variant: V.Type, _ row: UnsafePointer<Float>, _ count: Int
) -> (lower: Float, upper: Float) {
  let lanes = V.Vector.scalarCount
  var lower = V.Vector(repeating: .infinity)
  var upper = V.Vector(repeating: -.infinity)
  var x = 0
  while x &+ lanes <= count {
    let values = Single<V>(at: row + x).lanes
    lower = lower.lesser(values)
    upper = upper.greater(values)
    x &+= lanes
  }
  var least = Float.infinity
  var most = -Float.infinity
  for lane in 0..<lanes {
    least = lower[lane] < least ? lower[lane] : least
    most = upper[lane] > most ? upper[lane] : most
  }
  while x < count {
    least = row[x] < least ? row[x] : least
    most = row[x] > most ? row[x] : most
    x &+= 1
  }
  return (least + 0, most + 0)
}

/// Compares two rows of floats.
@inlinable @inline(__always)
func difference<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
) -> RowDifference<Double> {
  var (squareLow, squareHigh) = (SIMD8<Double>(), SIMD8<Double>())
  var (sumLow, sumHigh) = (SIMD8<Double>(), SIMD8<Double>())
  var most = SIMD8<Double>()
  var x = 0
  while x < count {
    let low = eight(first, x, count) - eight(second, x, count)
    let high = eight(first, x &+ 8, count) - eight(second, x &+ 8, count)
    squareLow += low * low
    squareHigh += high * high
    let lowSize = low.replacing(with: -low, where: low .< 0)
    let highSize = high.replacing(with: -high, where: high .< 0)
    sumLow += lowSize
    sumHigh += highSize
    most.replace(with: lowSize, where: lowSize .> most)
    most.replace(with: highSize, where: highSize .> most)
    x &+= 16
  }
  let sumOfSquares = total(squareLow + squareHigh)
  guard sumOfSquares.isFinite else { return oddDifference(variant, first, second, count) }
  return RowDifference(
    sumOfSquares: sumOfSquares, sumOfMagnitudes: total(sumLow + sumHigh),
    maximum: largest(most))
}

/// Compares two rows of which some values are not finite.
@inlinable @inline(__always)
func oddDifference<V: Variant>(
  _ variant: V.Type, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
) -> RowDifference<Double> {
  var difference = RowDifference(sumOfSquares: 0.0, sumOfMagnitudes: 0, maximum: 0)
  for x in 0..<count {
    let (a, b) = (first[x], second[x])
    var size = (Double(a) - Double(b)).magnitude
    if !(size < .infinity) {
      difference.notFiniteCount &+= 1
      let isAlike = a == b || (a != a && b != b)
      size = isAlike ? 0 : .infinity
    }
    difference.sumOfSquares += size * size
    difference.sumOfMagnitudes += size
    difference.maximum = size > difference.maximum ? size : difference.maximum
  }
  return difference
}

/// Compares two rows of integers; the sums are exact.
@inlinable @inline(__always)
func difference<V: Variant, E: FixedWidthInteger & UnsignedInteger>(
  _ variant: V.Type, _ first: UnsafePointer<E>, _ second: UnsafePointer<E>, _ count: Int
) -> RowDifference<UInt64> {
  var squares: UInt64 = 0
  var sum: UInt64 = 0
  var most: UInt32 = 0
  var x = 0
  while x < count {
    let (a, b) = (UInt32(first[x]), UInt32(second[x]))
    let size = a > b ? a &- b : b &- a
    squares &+= UInt64(size &* size)
    sum &+= UInt64(size)
    most = size > most ? size : most
    x &+= 1
  }
  return RowDifference(sumOfSquares: squares, sumOfMagnitudes: sum, maximum: UInt64(most))
}
