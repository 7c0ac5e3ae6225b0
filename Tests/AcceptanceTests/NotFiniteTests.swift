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

  /// Bounds that only images without any difference meet.
  private static let tightest = ["psnr": "\"inf\"", "ssim": "1", "max_abs": "0", "mean_abs": "0"]

  @Test(
    "NaN and infinities that come back where they stood are no difference, and are counted",
    arguments: metrics, [Float.nan, .infinity, -.infinity])
  func sources(_ metric: String, _ value: Float) throws {
    let folder = try TemporaryFolder()
    for place in Self.places {
      try folder.write(Self.image(value, at: place), to: "in/place-\(place).npy")
    }
    let bound = try #require(Self.tightest[metric])
    try folder.write(
      pipeline(
        [
          #"{ "stage": "unfold", "kernel_size": 4, "stride": 3, "edge": "shift" }"#,
          #"{ "stage": "fold" }"#, Self.compare(metric, bound),
        ], encode: #""format": "npy""#), to: "bound.json")
    let outcome = try Command.run(
      ["run", "bound.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0 && !outcome.hasCrashed, "\(outcome.errors)")
    for line in try folder.report() {
      #expect(line.warnings.count == 1)
      #expect(line.warnings.first?.contains("stages[3] (compare): 1 of 782 values is not") == true)
    }
  }

  @Test("One that only one side has meets no bound, however loose", arguments: metrics)
  func oneSided(_ metric: String) throws {
    let folder = try TemporaryFolder()
    for place in Self.places {
      try folder.write(Self.image(.nan, at: place), to: "in/place-\(place).npy")
    }
    try folder.write(Self.image(0, at: nil), to: "in/finite.npy")
    let bound = try #require(Self.loosest[metric])
    // The mean of nine values spreads what stands in one of them.
    let spread = #"{ "stage": "convolve", "bank": "box", "padding": "same" }"#
    try folder.write(
      pipeline([spread, Self.compare(metric, bound)], encode: #""format": "npy""#),
      to: "bound.json")
    let outcome = try Command.run(
      ["run", "bound.json", "--input", "in", "--output", "out"], in: folder.path)
    // Windows without similarity bring its mean down, but not below its loosest bound.
    #expect(outcome.status == (metric == "ssim" ? 0 : 65), "\(outcome.errors)")
    for line in try folder.report() where metric != "ssim" {
      #expect(line.failureKind == (line.source == "finite.npy" ? nil : "requirement"))
    }
  }

  @Test(
    "Differences that are infinite meet no finite bound",
    arguments: ["psnr", "max_abs", "mean_abs"])
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

  @Test("A file that is compared with itself is the same, whatever stands in it")
  func itself() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(.nan, at: 200), to: "in/nan.npy")
    try folder.write(Self.image(0, at: nil), to: "in/finite.npy")
    try folder.write(
      NPYFile.float32([Float](repeating: .nan, count: 144), shape: [1, 12, 12]), to: "in/none.npy")
    try folder.write(
      pipeline(
        [
          #"{ "stage": "compare", "data_range": 1, "metrics": ["psnr", "ssim", "max_abs", "mean_abs"] }"#
        ], encode: #""format": "npy""#), to: "measure.json")
    let outcome = try Command.run(
      ["run", "measure.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try folder.report()
    #expect(report.map(\.source) == ["finite.npy", "nan.npy", "none.npy"])
    for metrics in report.map(\.metrics) {
      #expect(metrics["psnr"] as? String == "inf" && metrics["ssim"] as? Double == 1)
      #expect(metrics["max_abs"] as? Double == 0 && metrics["mean_abs"] as? Double == 0)
    }
  }

  @Test(
    "Figures of an image are those of its finite values, and the others stay what they are",
    arguments: [Float.nan, .infinity, -.infinity], places)
  func statistics(_ value: Float, _ place: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(value, at: place), to: "in/odd.npy")
    try folder.write(Self.image(0.5, at: place), to: "in/even.npy")
    for kind in ["standardize", "minmax"] {
      try folder.write(
        pipeline(
          [#"{ "stage": "normalize", "per_image": "\#(kind)" }"#], encode: #""format": "npy""#),
        to: "\(kind).json")
      let outcome = try Command.run(
        ["run", "\(kind).json", "--input", "in", "--output", kind], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let odd = try NPYFile.floats(in: folder.path("\(kind)/odd.npy"))
      try #require(odd.count == 2 * 23 * 17)
      let values = (0..<odd.count).map { Double(Float($0 * 37 % 101) / 101) }
      let finite = values.indices.filter { $0 != place }.map { values[$0] }
      let mean = finite.reduce(0, +) / Double(finite.count)
      let variance = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)
      let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
      let (centre, scale) = kind == "minmax" ? (low, high - low) : (mean, variance.squareRoot())
      for index in odd.indices where index != place {
        #expect(abs(Double(odd[index]) - (values[index] - centre) / scale) < 1e-5)
      }
      #expect(value.isNaN ? odd[place].isNaN : odd[place] == value)
      #expect(try folder.report(in: kind).map(\.warnings.count) == [0, 1])
    }
  }

  @Test(
    "A range over the finite values makes black of NaN and −∞, white of ∞",
    arguments: [(Float.nan, 0), (.infinity, 255), (-.infinity, 0)], places)
  func range(_ odd: (value: Float, level: Int), _ place: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.image(odd.value, at: place), to: "in/odd.npy")
    let constant = [Float](repeating: 7, count: 5) + [odd.value]
    try folder.write(NPYFile.float32(constant, shape: [1, 2, 3]), to: "in/constant.npy")
    let encode = #""format": "npy", "dtype": "uint8", "range": "auto""#
    try folder.write(pipeline([], encode: encode), to: "rows.json")
    try folder.write(
      pipeline([#"{ "stage": "unfold", "kernel_size": 1 }"#], encode: encode), to: "patches.json")
    for name in ["rows", "patches"] {
      let outcome = try Command.run(
        ["run", "\(name).json", "--input", "in", "--output", name], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = try NPYFile.integers(in: folder.path("\(name)/odd.npy"))
      try #require(found.count == 2 * 23 * 17)
      for index in found.indices {
        let level = Double(index * 37 % 101) / 100 * 255
        #expect(
          index == place ? found[index] == odd.level : abs(Double(found[index]) - level) <= 0.501)
      }
      #expect(
        try NPYFile.integers(in: folder.path("\(name)/constant.npy")) == [0, 0, 0, 0, 0, odd.level])
      #expect(try folder.report(in: name).map(\.warnings.count) == [1, 1])
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
