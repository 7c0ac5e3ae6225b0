import Testing

/// Values that are not finite, and figures that are not, under bounds that they must not meet.
@Suite struct NotFiniteTests {
  /// Bounds that every finite figure meets.
  private static let loosest = [
    "psnr": "-1e300", "ssim": "-1", "max_abs": "1e300", "mean_abs": "1e300",
  ]
  private static let metrics = loosest.keys.sorted()

  /// Where in two channels of 23 × 17 values the one stands: at either end, and between.
  private static let places = [0, 200, 390, 391, 2 * 23 * 17 - 1]

  private static func image(_ value: Float, at place: Int?) -> [UInt8] {
    var values = (0..<2 * 23 * 17).map { (index: Int) in Float(index * 37 % 101) / 101 }
    if let place { values[place] = value }
    return NPYFile.float32(values, shape: [2, 23, 17])
  }

  private static func compare(_ metric: String, _ bound: String) -> String {
    #"{ "stage": "compare", "data_range": 1, "metrics": ["psnr"], "require": { "\#(metric)": \#(bound) } }"#
  }

  @Test(
    "NaN and infinities of the file meet no bound, however loose, wherever they stand",
    arguments: metrics, [Float.nan, .infinity, -.infinity])
  func sources(_ metric: String, _ value: Float) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(0, at: nil), to: "in/finite.npy")
    for place in Self.places {
      try folder.write(Self.image(value, at: place), to: "in/place-\(place).npy")
    }
    let bound = try #require(Self.loosest[metric])
    try folder.write(
      pipeline(
        [
          #"{ "stage": "unfold", "kernel_size": 4, "stride": 3, "edge": "shift" }"#,
          #"{ "stage": "fold" }"#, Self.compare(metric, bound),
        ], encode: #""format": "npy""#), to: "bound.json")
    let outcome = try Command.run(
      ["run", "bound.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 65 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(folder.outputs(in: "out") == ["finite.npy"])
    let report = try folder.report()
    #expect(report.count == Self.places.count + 1)
    for line in report {
      let isFinite = line.source == "finite.npy"
      #expect(line.failureKind == (isFinite ? nil : "requirement"), "\(line.source)")
      #expect(isFinite || line.failureMessage?.contains(metric) == true)
    }
  }

  @Test("Differences that are infinite meet no finite bound", arguments: metrics)
  func differences(_ metric: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(0.5, at: 0), to: "in/image.npy")
    try folder.write(NPYFile.float32([3e38], shape: [1, 1]), to: "huge.npy")
    let huge = #"{ "stage": "convolve", "weights": "huge.npy" }"#
    let bound = try #require(Self.loosest[metric])
    try folder.write(
      pipeline([huge, huge, Self.compare(metric, bound)], encode: #""format": "npy""#),
      to: "bound.json")
    let outcome = try Command.run(
      ["run", "bound.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 65 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(folder.outputs(in: "out").isEmpty)
    #expect(try folder.report().first?.failureKind == "requirement")
  }

  @Test("Without a bound the same images pass, and the report says what the figures are")
  func unbounded() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(.nan, at: 200), to: "in/nan.npy")
    try folder.write(Self.image(0, at: nil), to: "in/finite.npy")
    try folder.write(
      pipeline(
        [
          #"{ "stage": "compare", "data_range": 1, "metrics": ["psnr", "ssim", "max_abs", "mean_abs"] }"#
        ], encode: #""format": "npy""#), to: "measure.json")
    let outcome = try Command.run(
      ["run", "measure.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try folder.report()
    #expect(report.map(\.source) == ["finite.npy", "nan.npy"])
    let finite = try #require(report.first).metrics
    #expect(finite["psnr"] as? String == "inf" && finite["ssim"] as? Double == 1)
    #expect(finite["max_abs"] as? Double == 0 && finite["mean_abs"] as? Double == 0)
    for (metric, value) in try #require(report.last).metrics {
      #expect(value as? Double == nil && value as? String != "inf", "\(metric): \(value)")
    }
  }

  @Test(
    "Bounds stand on the right side of the figure",
    arguments: [
      ("psnr", ["20", "20.000001"]), ("max_abs", ["25.5", "25.499"]),
      ("mean_abs", ["25.5", "25.499"]), ("ssim", ["0.97475", "0.97476"]),
    ])
  func bounds(_ metric: String, _ bounds: [String]) throws {
    let folder = try TemporaryFolder()
    // A tenth of the range everywhere is 20 dB, and (2xy + c₁) / (x² + y² + c₁) = 0.974754.
    let values = [Float](repeating: 100, count: 16 * 16)
    try folder.write(NPYFile.float32(values, shape: [1, 16, 16]), to: "in/image.npy")
    try folder.write(NPYFile.float32([25.5], shape: [1]), to: "bias.npy")
    try folder.write(NPYFile.float32([1], shape: [1, 1]), to: "one.npy")
    for (bound, status) in zip(bounds, [Int32(0), 65]) {
      let compare =
        #"{ "stage": "compare", "data_range": 255, "require": { "\#(metric)": \#(bound) } }"#
      try folder.write(
        pipeline(
          [#"{ "stage": "convolve", "weights": "one.npy", "bias": "bias.npy" }"#, compare],
          encode: #""format": "npy""#), to: "bound.json")
      let outcome = try Command.run(
        ["run", "bound.json", "--input", "in", "--output", "out", "--overwrite"], in: folder.path)
      #expect(outcome.status == status, "\(bound): \(outcome.errors)")
    }
  }
}
