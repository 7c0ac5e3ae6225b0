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
  private var average = 0.0
  /// The sum of squared distances from the average.
  private var squares = 0.0

  /// Of nothing yet.
  public init() {}

  /// How many values are finite.
  public var finiteCount: Int { count - nanCount - infiniteCount }

  /// The mean of the finite values.
  public var mean: Double? { finiteCount > 0 ? average : nil }

  /// The deviation of the finite values from their mean, that of a population.
  public var deviation: Double? {
    finiteCount > 0 ? (squares / Double(finiteCount)).squareRoot() : nil
  }

  /// Takes some values.
  package mutating func add<Value: BinaryFloatingPoint>(_ values: UnsafeBufferPointer<Value>) {
    guard let first = values.first(where: \.isFinite).map({ Double($0) }) else {
      count += values.count
      nanCount += values.count(where: \.isNaN)
      infiniteCount += values.count { !$0.isNaN }
      return
    }
    var (low, high, sum, squared) = (first, first, 0.0, 0.0)
    var (finite, nan) = (0, 0)
    // Sums of distances from a value of the piece lose no digits where all lie far from 0.
    for value in values {
      let value = Double(value)
      if value.isFinite {
        finite += 1
        low = min(low, value)
        high = max(high, value)
        sum += value - first
        squared += (value - first) * (value - first)
      } else if value.isNaN {
        nan += 1
      }
    }
    let offset = sum / Double(finite)
    join(
      finite, mean: first + offset, squares: max(squared - sum * offset, 0), low: low, high: high)
    count += values.count
    nanCount += nan
    infiniteCount += values.count - finite - nan
  }

  /// Takes the figures of other values.
  package mutating func add(_ other: ValueStatistics) {
    if let low = other.minimum, let high = other.maximum {
      join(other.finiteCount, mean: other.average, squares: other.squares, low: low, high: high)
    }
    count += other.count
    nanCount += other.nanCount
    infiniteCount += other.infiniteCount
  }

  /// Source: Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
  /// Variances, 1979.
  private mutating func join(
    _ added: Int, mean: Double, squares: Double, low: Double, high: Double
  ) {
    let (before, added) = (Double(finiteCount), Double(added))
    let distance = mean - average
    average += distance * added / (before + added)
    self.squares += squares + distance * distance * before * added / (before + added)
    minimum = Swift.min(minimum ?? low, low)
    maximum = Swift.max(maximum ?? high, high)
  }
}
