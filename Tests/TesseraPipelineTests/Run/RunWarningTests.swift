import Testing

@testable import TesseraEngine

/// The words of warnings.
struct RunWarningTests {
  private static func saturation(
    _ saturated: Int, of quantized: Int = 1000, met: ClosedRange<Float>? = nil,
    values: ClosedRange<Double>? = 0...1, bounds: ClosedRange<Double>? = nil
  ) -> String {
    let scale = SaturationWatch(values: values, maximum: 255, bounds: bounds, limit: 0)
    return RunWarning.saturated(
      .init(
        counts: QuantizationCounts(saturated: saturated, quantized: quantized), scale: scale,
        met: met)
    ).description
  }

  @Test(
    "a share has one decimal, and is 100 for all alone",
    arguments: [
      (1, 3, "33.3"), (5, 8, "62.5"), (2, 3, "66.7"), (1, 1, "100"), (9994, 10_000, "99.9"),
      (9996, 10_000, "99.9"), (99_999, 100_000, "99.9"), (3, 4, "75"), (1, 1000, "0.1"),
      (1, 2001, "less than 0.1"), (0, 9, "0"), (0, 0, "0"),
    ])
  func shares(saturated: Int, quantized: Int, expected: String) {
    let text = Self.saturation(saturated, of: quantized)
    #expect(
      text.hasPrefix("\(expected) % of the values lie outside 0…1, which becomes 0…255;"), "\(text)"
    )
    let counts = QuantizationCounts(saturated: saturated, quantized: quantized)
    let opacity = RunWarning.opacity(counts, met: -0.5...2).description
    #expect(
      opacity.hasPrefix(
        "\(expected) % of the opacity lies outside 0…1; values from -0.5 to 2 were met;"),
      "\(opacity)")
  }

  @Test(
    "the key is advised that takes what was met",
    arguments: [
      (0...16, "[0, 255] takes them"), (0...255, "[0, 255] takes them"),
      (0...4096, "[0, 65535] takes them"), (3...65_535, "[0, 65535] takes them"),
      (0...15.5, "\"auto\""), (0...255.5, "\"auto\""), (0...4095.5, "\"auto\""),
      (0...65_536, "\"auto\""), (-1...255, "\"auto\""),
    ] as [(ClosedRange<Float>, String)])
  func advice(met: ClosedRange<Float>, expected: String) {
    let text = Self.saturation(1, met: met)
    #expect(text.contains("; \"range\": \(expected)"), "\(text)")
  }

  @Test("no scale is advised that is the file's already")
  func sameScale() {
    let text = Self.saturation(1, met: 0...255, values: 0...255)
    #expect(text.contains("lie outside 0…255, which becomes 0…255;"), "\(text)")
    #expect(text.contains("\"range\": \"auto\" stretches each image"), "\(text)")
  }

  @Test("what was met is told; else what may be; else neither")
  func values() {
    let met = Self.saturation(1, met: -2...0.25, bounds: -8...8)
    #expect(met.contains("; values from -2 to 0.25 were met;"), "\(met)")
    let bounds = Self.saturation(1, bounds: -8...8)
    #expect(bounds.contains("; values may be from -8 to 8;"), "\(bounds)")
    let neither = Self.saturation(1, values: nil)
    #expect(neither.contains("lie outside what becomes 0…255; \"range\""), "\(neither)")
  }

  @Test("values that are not finite are counted, in a singular of their own")
  func notFinite() {
    #expect(
      RunWarning.notFinite(count: 1, total: 9).description
        == "1 of 9 values is not finite, and left out of the statistics")
    #expect(
      RunWarning.notFiniteIntegers(count: 2, total: 9).description
        == "2 of 9 values are not finite: NaN and −∞ become 0, ∞ the largest integer")
  }
}
