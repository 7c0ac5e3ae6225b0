/// What is odd about the values of an image that was processed all the same.
package enum RunWarning: Hashable, Sendable {
  /// Values that are not finite: statistics leave them out.
  case notFinite(count: Int, total: Int)
  /// Values that are not finite, in a file of integers.
  case notFiniteIntegers(count: Int, total: Int)
  /// Values that a file of integers does not hold, where nobody said how they become integers.
  case saturated(Saturation)
  /// Opacity beyond its full scale, which no range changes.
  case opacity(QuantizationCounts, met: ClosedRange<Float>)

  /// Values beyond what integers hold.
  package struct Saturation: Hashable, Sendable {
    /// What was rounded, and how much of it did not fit.
    package var counts: QuantizationCounts
    /// What fits, in the units that flow: it becomes 0 and the largest integer.
    package var scale: SaturationWatch
    /// The smallest and largest value; `nil` where nobody looked.
    package var met: ClosedRange<Float>?
  }
}

extension RunWarning: CustomStringConvertible {
  /// One sentence, without the stage.
  package var description: String {
    switch self {
    case .notFinite(let count, let total):
      "\(count) of \(total) values \(count == 1 ? "is" : "are") not finite, and left out of the "
        + "statistics"
    case .notFiniteIntegers(let count, let total):
      "\(count) of \(total) values \(count == 1 ? "is" : "are") not finite: NaN and −∞ become 0, "
        + "∞ the largest integer"
    case .saturated(let saturation): saturation.description
    case .opacity(let counts, let met):
      "\(Self.percent(counts)) % of the opacity lies outside 0…1; values from "
        + "\(Self.text(Double(met.lowerBound))) to \(Self.text(Double(met.upperBound))) were met; "
        + "opacity in arrays of floats is 0…1, whatever \"range\" says: divide it before, or leave it "
        + "out with \"alpha\": \"drop\" in load"
    }
  }
}

extension RunWarning {
  /// The share that did not fit, in hundredths; 0 for none and 100 for all alone.
  fileprivate static func percent(_ counts: QuantizationCounts) -> String {
    let share = Double(counts.saturated) / Double(max(counts.quantized, 1)) * 100
    let rounded = (share * 10).rounded() / 10
    if share > 0, rounded == 0 { return "less than 0.1" }
    return text(share < 100 ? min(rounded, 99.9) : 100)
  }

  fileprivate static func text(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15
      ? "\(Int(value))" : "\(Float(value))"
  }
}

extension RunWarning.Saturation: CustomStringConvertible {
  /// What share did not fit where, what was met, and the key that mends it.
  package var description: String {
    let fitting =
      scale.values.map {
        "\(RunWarning.text($0.lowerBound))…\(RunWarning.text($0.upperBound)), which becomes 0…\(scale.maximum)"
      } ?? "what becomes 0…\(scale.maximum)"
    let values =
      met.map {
        "; values from \(RunWarning.text(Double($0.lowerBound))) to "
          + "\(RunWarning.text(Double($0.upperBound))) were met"
      }
      ?? scale.bounds.map {
        "; values may be from \(RunWarning.text($0.lowerBound)) to \(RunWarning.text($0.upperBound))"
      }
    return "\(RunWarning.percent(counts)) % of the values lie outside \(fitting)\(values ?? ""); "
      + "\"range\": \(advice)"
  }

  private var advice: String {
    // Values that come near the largest byte or word are likely to be on that scale.
    let scales: [(values: ClosedRange<Float>, top: Int)] = [
      (16...255, 255), (4096...65_535, 65_535),
    ]
    if let met, met.lowerBound >= 0,
      let top = scales.first(where: { $0.values.contains(met.upperBound) })?.top,
      Double(top) != scale.values?.upperBound
    {
      return "[0, \(top)] takes them"
    }
    return "\"auto\" stretches each image, and [low, high] takes values of your own"
  }
}

/// What of a quantization is watched, where nobody gave a range.
package struct SaturationWatch: Hashable, Sendable {
  /// The values, in the units that flow, that become 0 and the largest integer; `nil` where they
  /// depend on the image.
  package var values: ClosedRange<Double>?
  /// The largest integer.
  package var maximum: Int
  /// What values can be, where that is known from the stages; `nil` has those that were met told.
  package var bounds: ClosedRange<Double>?
  /// The share of values beyond them from which it is worth a warning.
  package var limit: Double

  package init(
    values: ClosedRange<Double>?, maximum: Int, bounds: ClosedRange<Double>?, limit: Double
  ) {
    self.values = values
    self.maximum = maximum
    self.bounds = bounds
    self.limit = limit
  }

  /// Whether too much did not fit.
  func isPassed(by counts: QuantizationCounts) -> Bool {
    counts.saturated > 0 && Double(counts.saturated) > limit * Double(counts.quantized)
  }

  /// Opacity of an array: one value in a hundred beyond its full scale.
  static let opacity = SaturationWatch(values: 0...1, maximum: 1, bounds: nil, limit: 0.01)
}
