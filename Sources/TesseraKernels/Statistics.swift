/// Sums over one row, for statistics of a whole image.
///
/// Sums run in 16 double-precision lanes and are added up in a fixed order: they are the same in
/// every variant.
public struct RowStatistics: Hashable, Sendable {
  /// The smallest value; +∞ for an empty row.
  ///
  /// NaN is left out.
  public var minimum: Float
  /// The largest value; −∞ for an empty row.
  ///
  /// NaN is left out.
  public var maximum: Float
  /// The sum.
  public var sum: Double
  /// The sum of squares.
  public var sumOfSquares: Double

  /// Creates statistics.
  public init(minimum: Float, maximum: Float, sum: Double, sumOfSquares: Double) {
    self.minimum = minimum
    self.maximum = maximum
    self.sum = sum
    self.sumOfSquares = sumOfSquares
  }
}

/// How far two rows differ.
public struct RowDifference<Sum: Hashable & Sendable>: Hashable, Sendable {
  /// The sum of squared differences.
  public var sumOfSquares: Sum
  /// The sum of absolute differences.
  public var sumOfMagnitudes: Sum
  /// The largest absolute difference.
  ///
  /// For floats, NaN is left out here but not in the sums.
  public var maximum: Sum

  /// Creates a difference.
  public init(sumOfSquares: Sum, sumOfMagnitudes: Sum, maximum: Sum) {
    self.sumOfSquares = sumOfSquares
    self.sumOfMagnitudes = sumOfMagnitudes
    self.maximum = maximum
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
  let range = range(variant, row, count)
  return RowStatistics(
    minimum: range.lower, maximum: range.upper, sum: total(sumLow + sumHigh),
    sumOfSquares: total(squareLow + squareHigh))
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
  return RowDifference(
    sumOfSquares: total(squareLow + squareHigh), sumOfMagnitudes: total(sumLow + sumHigh),
    maximum: largest(most))
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
