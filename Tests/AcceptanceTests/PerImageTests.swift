import Testing

/// What `per_image` makes of every value, against the definition in double precision.
@Suite struct PerImageTests {
  /// A picture whose colours have means and spans of their own, and whose opacity reaches further.
  private static func varied(_ channels: Int, _ bitDepth: Int, _ size: (Int, Int)) -> Picture {
    var picture = Picture.noise(
      width: size.0, height: size.1, channels: channels, bitDepth: bitDepth,
      seed: UInt64(channels * bitDepth))
    let maximum = Double((1 << bitDepth) - 1)
    let spans = [(0.1, 0.3), (0.35, 0.2), (0.6, 0.35)]
    for index in picture.values.indices {
      let channel = index % channels
      let isAlpha = channels % 2 == 0 && channel == channels - 1
      let (low, span) = isAlpha ? (0.0, 1.0) : spans[channel]
      let share = low + span * Double(picture.values[index]) / maximum
      picture.values[index] = Int((share * maximum).rounded())
    }
    return picture
  }

  /// Pictures of all kinds, by name.
  private static func pictures(_ channels: Int, _ bitDepth: Int) -> [String: Picture] {
    var pictures: [String: Picture] = [:]
    for size in [(1, 1), (1, 5), (3, 2), (7, 11), (67, 70)] {
      pictures["varied-\(size.0)x\(size.1)"] = varied(channels, bitDepth, size)
    }
    var constant = varied(channels, bitDepth, (6, 5))
    let colors = channels - (1 - channels % 2)
    let high = (1 << bitDepth) - 9
    for index in constant.values.indices where index % channels < colors {
      constant.values[index] = high
    }
    pictures["constant"] = constant
    // Deviations below 1/√N, and just above it.
    for (name, step) in [("flat", 1), ("less-flat", bitDepth == 8 ? 255 - high : 8)] {
      pictures[name] = constant
      pictures[name]?.values[channels] += step
    }
    // Large values that hardly differ: squares of them do not fit single precision.
    var bright = constant
    bright.width = 60
    bright.height = 50
    bright.values = (0..<60 * 50 * channels).map { index in
      index % channels < colors ? high + index / channels % 3 : index % 200
    }
    pictures["bright"] = bright
    return pictures
  }

  /// What is subtracted from colours, and what they are then divided by.
  private struct Figures {
    var offset: Double
    var divisor: Double

    /// The definition: TensorFlow's `per_image_standardization` over all colours, or 0…1.
    init(of colors: [Double], _ kind: String) {
      offset = colors.min() ?? 0
      divisor = (colors.max() ?? 0) - offset
      if divisor == 0 { divisor = 1 }
      guard kind == "standardize" else { return }
      let count = Double(colors.count)
      let mean = colors.reduce(0, +) / count
      let variance = colors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      offset = mean
      divisor = max(variance.squareRoot(), 1 / count.squareRoot())
    }
  }

  private static let kinds = [1, 3, 2, 4].flatMap { channels in [8, 16].map { (channels, $0) } }
  private static let forms = [
    ("standardize", "unit"), ("standardize", "none"), ("minmax", "unit"), ("minmax", "0.125"),
  ]

  @Test(
    "Every value of gray and colour, with opacity and without, in 8 and 16 bits",
    arguments: kinds, forms)
  func values(_ kind: (channels: Int, bitDepth: Int), _ form: (name: String, scale: String)) throws
  {
    let folder = try TemporaryFolder()
    let pictures = Self.pictures(kind.channels, kind.bitDepth)
    for (name, picture) in pictures { try folder.write(picture.png(), to: "in/\(name).png") }
    let factor = Double(form.scale)
    let scale = factor == nil ? "\"\(form.scale)\"" : form.scale
    try folder.write(
      pipeline(
        [#"{ "stage": "normalize", "scale": \#(scale), "per_image": "\#(form.name)" }"#],
        encode: #""format": "npy""#), to: "normalize.json")
    let outcome = try Command.run(
      ["run", "normalize.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let unit = 1 / Double((1 << kind.bitDepth) - 1)
    for (name, picture) in pictures {
      let path = folder.path("out/\(name).npy")
      #expect(try NPYFile.header(of: path).shape == [kind.channels, picture.height, picture.width])
      expect(
        try NPYFile.floats(in: path), of: picture, form.name,
        scale: factor ?? (form.scale == "unit" ? unit : 1), name)
    }
  }

  private func expect(
    _ found: [Float], of picture: Picture, _ kind: String, scale: Double, _ name: String
  ) {
    let colors = picture.channels - (1 - picture.channels % 2)
    let planes = (0..<picture.channels).map { picture.plane($0).map { Double($0) * scale } }
    let figures = Figures(of: planes.prefix(colors).flatMap { $0 }, kind)
    // Values and what is subtracted from them are rounded to single precision.
    let rounding = scale * Double((1 << picture.bitDepth) - 1) * Double(Float.ulpOfOne)
    for (channel, plane) in planes.enumerated() {
      let values = found.dropFirst(channel * plane.count).prefix(plane.count)
      var distance = 0.0
      for (value, loaded) in zip(values, plane) {
        let isColor = channel < colors
        let expected = isColor ? (loaded - figures.offset) / figures.divisor : loaded
        let allowed =
          isColor
          ? 2 * rounding / figures.divisor + abs(expected) * 4 * Double(Float.ulpOfOne) : rounding
        distance = max(distance, abs(Double(value) - expected) / allowed)
      }
      #expect(values.count == plane.count && distance <= 1, "\(name), \(channel): \(distance)")
    }
  }

  @Test(
    "Values whose span, or whose mean, a float does not hold have their figures all the same",
    arguments: [
      [-3.2e38, 3.2e38, 0, 1.6e38], [3.4e38, -3.4e38, -3.4e38, -3.4e38, 1],
      [1_000_000, 1_000_001, 1_000_004, 1_000_002, 1_000_003, 1_000_004],
    ] as [[Double]])
  func wide(_ values: [Double]) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      NPYFile.float32(values.map(Float.init), shape: [1, 1, values.count]), to: "in/a.npy")
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    for (kind, centre, scale) in [
      ("minmax", low, high - low), ("standardize", mean, variance.squareRoot()),
    ] {
      try folder.write(
        #"""
        {"version": 1, "stages": [{"stage": "load", "path": "in"},
          {"stage": "normalize", "per_image": "\#(kind)"},
          {"stage": "encode", "format": "npy"}]}
        """#, to: "\(kind).json")
      let outcome = try Command.run(["run", "\(kind).json", "--output", kind], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = try NPYFile.floats(in: folder.path("\(kind)/a.npy"))
      try #require(found.count == values.count)
      for (value, result) in zip(values, found) {
        #expect(abs((value - centre) / scale - Double(result)) < 1e-6)
      }
    }
  }
}
