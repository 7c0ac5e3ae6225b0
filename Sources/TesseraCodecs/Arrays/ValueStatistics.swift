/// Figures of many values, taken a piece at a time.
public struct ValueStatistics: Hashable, Sendable {
  /// How many values there are.
  public private(set) var count = 0
  /// How many of them are no numbers.
  public private(set) var nanCount = 0
  /// How many of them are infinite.
  public private(set) var infiniteCount = 0
  /// The smallest finite value; `nil` where there is none.
  public private(set) var minimum: Double?
  /// The largest finite value.
  public private(set) var maximum: Double?
  /// In parts of `unit`, as is `squares`.
  private var average = 0.0
  /// The sum of squared distances from the average.
  private var squares = 0.0
  /// What values are multiplied by: 1, or `small` once squares of them could be too large.
  private var unit = 1.0

  /// Squares of values up to here, and sums of them, are finite.
  private static let large = 0x1p400
  /// Makes that so of every finite value; a power of two rounds nothing.
  private static let small = 0x1p-600

  /// Of nothing yet.
  public init() {}

  /// How many values are finite.
  public var finiteCount: Int { count - nanCount - infiniteCount }

  /// The mean of the finite values.
  public var mean: Double? {
    guard let minimum, let maximum else { return nil }
    return min(max(average / unit, minimum), maximum)
  }

  /// The deviation of the finite values from their mean, that of a population.
  public var deviation: Double? {
    guard finiteCount > 0 else { return nil }
    return min((squares / Double(finiteCount)).squareRoot() / unit, .greatestFiniteMagnitude)
  }

  /// Takes some values.
  package mutating func add<Value: BinaryFloatingPoint>(_ values: UnsafeBufferPointer<Value>) {
    guard let first = values.first(where: \.isFinite).map({ Double($0) }) else {
      count += values.count
      nanCount += values.count(where: \.isNaN)
      infiniteCount += values.count { !$0.isNaN }
      return
    }
    var sums = Sums(values, from: first, unit: 1)
    var unit = 1.0
    if max(-sums.low, sums.high) > Self.large {
      unit = Self.small
      sums = Sums(values, from: first, unit: unit)
    }
    let offset = sums.sum / Double(sums.finite)
    join(
      sums.finite, mean: first * unit + offset, squares: max(sums.squared - sums.sum * offset, 0),
      unit: unit, low: sums.low, high: sums.high)
    count += values.count
    nanCount += sums.nan
    infiniteCount += values.count - sums.finite - sums.nan
  }

  /// Sums over the finite values of a piece.
  ///
  /// Those of distances from a value of the piece lose no digits where all lie far from 0.
  private struct Sums {
    var (finite, nan) = (0, 0)
    var low: Double
    var high: Double
    /// Of distances, in parts of the unit.
    var sum = 0.0
    /// Of their squares.
    var squared = 0.0

    init<Value: BinaryFloatingPoint>(
      _ values: UnsafeBufferPointer<Value>, from first: Double, unit: Double
    ) {
      (low, high) = (first, first)
      let origin = first * unit
      for value in values {
        let value = Double(value)
        if value.isFinite {
          finite += 1
          low = min(low, value)
          high = max(high, value)
          let distance = value * unit - origin
          sum += distance
          squared += distance * distance
        } else if value.isNaN {
          nan += 1
        }
      }
    }
  }

  /// Takes the figures of other values.
  package mutating func add(_ other: ValueStatistics) {
    if let low = other.minimum, let high = other.maximum {
      join(
        other.finiteCount, mean: other.average, squares: other.squares, unit: other.unit, low: low,
        high: high)
    }
    count += other.count
    nanCount += other.nanCount
    infiniteCount += other.infiniteCount
  }

  /// Source: Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
  /// Variances, 1979.
  private mutating func join(
    _ added: Int, mean: Double, squares: Double, unit: Double, low: Double, high: Double
  ) {
    let shared = Swift.min(self.unit, unit)
    // One factor after the other: the square of a small one is 0.
    let (own, others) = (shared / self.unit, shared / unit)
    (average, self.squares, self.unit) = (average * own, self.squares * own * own, shared)
    let (before, added) = (Double(finiteCount), Double(added))
    let distance = mean * others - average
    average += distance * added / (before + added)
    let between = distance * distance * before * added / (before + added)
    self.squares += squares * others * others + between
    minimum = Swift.min(minimum ?? low, low)
    maximum = Swift.max(maximum ?? high, high)
  }
}
