/// What is known of values that were rounded to integers.
struct RoundedValues {
  /// What was met among some of them.
  struct Met {
    var finiteCount: Int
    /// The smallest and largest finite value.
    var values: ClosedRange<Float>?
  }

  /// How many there were, and how many did not fit.
  private(set) var counts = QuantizationCounts()
  /// How many were not finite, where somebody looked.
  private(set) var notFiniteCount = 0
  /// The smallest and largest finite value, where somebody looked.
  private(set) var met: ClosedRange<Float>?

  /// How many there were, and how many finite ones did not fit.
  var finiteCounts: QuantizationCounts {
    QuantizationCounts(
      saturated: counts.saturated - notFiniteCount, quantized: counts.quantized)
  }

  /// Takes more of them, and what was met where somebody looked.
  mutating func add(_ counts: QuantizationCounts, _ met: Met?) {
    self.counts = self.counts + counts
    guard let met else { return }
    notFiniteCount += counts.quantized - met.finiteCount
    guard let values = met.values else { return }
    self.met =
      min(
        values.lowerBound, self.met?.lowerBound ?? .infinity)...max(
        values.upperBound, self.met?.upperBound ?? -.infinity)
  }
}
