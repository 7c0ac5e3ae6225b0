/// A figure of many inputs: its ends, and a sample of its values that grows no further.
struct FigureSample {
  let name: String
  /// How many there are.
  private(set) var count = 0
  /// How many of them are not finite.
  private(set) var notFiniteCount = 0
  /// The smallest and largest of the others; `nil` where there are none.
  private(set) var ends: ClosedRange<Double>?
  private var kept: [Double] = []
  /// Every so many values one is kept.
  private var step = 1

  /// The most values that are kept.
  private static let most = 1 << 15

  init(_ name: String, _ value: Double) {
    self.name = name
    add(value)
  }

  /// Counts a value.
  mutating func add(_ value: Double) {
    count += 1
    guard value.isFinite else {
      notFiniteCount += 1
      return
    }
    ends = ends.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
    guard (count - notFiniteCount - 1).isMultiple(of: step) else { return }
    kept.append(value)
    guard kept.count > Self.most else { return }
    kept = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
    step *= 2
  }

  /// Finite values in ascending order: all of few, every so many of many.
  var sample: [Double] { kept.sorted() }
}
