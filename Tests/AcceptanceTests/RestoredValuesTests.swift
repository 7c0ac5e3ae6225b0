import Testing

/// Values that `encode` gives back after several maps of them: those of the file.
@Suite struct RestoredValuesTests {
  /// Three maps after one another, with figures per channel that differ in every order.
  private static func normalizes(_ channels: Int) -> [String] {
    let lists = [
      ("unit", [0.1, 0.45, 0.7], [0.5, 0.2, 1.25]), ("2.5", [-1.0, 0.25, 3.0], [4.0, 0.75, 0.3]),
      ("none", [0.5, -0.5, 0.125], [0.8, 1.6, 2.4]),
    ]
    return lists.map { scale, means, deviations in
      let word = Double(scale) == nil ? "\"\(scale)\"" : scale
      return """
        { "stage": "normalize", "scale": \(word), "mean": \(Array(means.prefix(channels))), \
        "std": \(Array(deviations.prefix(channels))) }
        """
    }
  }

  /// Weights that sum to 1: what the file holds can be had back.
  private static let smooth =
    #"{ "stage": "convolve", "kernels": [[[0, 0, 0], [0.25, 0.5, 0.25], [0, 0, 0]]], "padding": "same", "padding_mode": "replicate" }"#

  private static let kinds = [1, 3, 2, 4].flatMap { channels in [8, 16].map { (channels, $0) } }

  private func run(
    _ stages: [String], on picture: Picture, encode: String = ""
  ) throws -> (Command.Outcome, TemporaryFolder) {
    let folder = try TemporaryFolder()
    try folder.write(picture.png(), to: "in/picture.png")
    try folder.write(pipeline(stages, encode: encode), to: "restore.json")
    let outcome = try Command.run(
      ["run", "restore.json", "--input", "in", "--output", "out"], in: folder.path)
    return (outcome, folder)
  }

  @Test("After one, two and three normalizes the pixels are those of the file", arguments: kinds)
  func identities(_ channels: Int, _ bitDepth: Int) throws {
    let picture = Picture.noise(
      width: 37, height: 29, channels: channels, bitDepth: bitDepth, seed: 31)
    let normalizes = Self.normalizes(channels - (1 - channels % 2))
    for count in 1...3 {
      let (outcome, folder) = try run(
        Array(normalizes.prefix(count))
          + [
            #"{ "stage": "unfold", "kernel_size": 4, "stride": 3, "edge": "shift" }"#,
            #"{ "stage": "fold" }"#, #"{ "stage": "compare", "require": { "max_abs": 0 } }"#,
          ], on: picture)
      #expect(outcome.status == 0, "\(count): \(outcome.errors)")
      #expect(Picture(try PNGFile(folder.path("out/picture.png"))) == picture, "\(count)")
    }
  }

  @Test("A filter of unit gain between them leaves its mean of the file's values", arguments: kinds)
  func filtered(_ channels: Int, _ bitDepth: Int) throws {
    let picture = Picture.noise(
      width: 23, height: 19, channels: channels, bitDepth: bitDepth, seed: 32)
    let normalizes = Self.normalizes(channels - (1 - channels % 2))
    for stages in [
      [normalizes[0], Self.smooth], [normalizes[0], normalizes[1], Self.smooth],
      [normalizes[0], Self.smooth, normalizes[1], normalizes[2]],
      [normalizes[0], normalizes[1], Self.smooth, normalizes[2], Self.smooth],
    ] {
      let passes = stages.filter { $0 == Self.smooth }.count
      let (outcome, folder) = try run(stages, on: picture)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = Picture(try PNGFile(folder.path("out/picture.png")))
      try #require(found.values.count == picture.values.count)
      let bound = 0.5 + (bitDepth == 8 ? 1e-3 : 0.2)
      for channel in 0..<channels - (1 - channels % 2) {
        var expected = picture.plane(channel).map { Double($0) }
        for _ in 0..<passes { expected = Self.smoothed(expected, width: picture.width) }
        let distance = zip(found.plane(channel), expected).map { abs(Double($0) - $1) }.max() ?? 9
        #expect(distance <= bound, "channel \(channel) after \(passes): \(distance)")
      }
    }
  }

  @Test(
    "Figures of each image are undone, too, and so is what came before them",
    arguments: kinds, ["standardize", "minmax"])
  func perImage(_ kind: (channels: Int, bitDepth: Int), _ form: String) throws {
    let picture = Picture.noise(
      width: 19, height: 31, channels: kind.channels, bitDepth: kind.bitDepth, seed: 33)
    for scale in [#""unit""#, #""none""#, "3"] {
      let normalize = #"{ "stage": "normalize", "scale": \#(scale), "per_image": "\#(form)" }"#
      let (outcome, folder) = try run([normalize], on: picture)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = Picture(try PNGFile(folder.path("out/picture.png")))
      #expect(found == picture, "\(scale)")
    }
  }

  @Test("What cannot be undone is refused, at the stage that is why")
  func lost() throws {
    let picture = Picture.noise(width: 8, height: 8, channels: 3, seed: 34)
    let perImage = #"{ "stage": "normalize", "per_image": "standardize" }"#
    for stages in [
      [perImage, Self.normalizes(3)[1]],
      [
        Self.normalizes(3)[0],
        #"{ "stage": "convolve", "bank": { "name": "sobel", "direction": "x" } }"#,
      ],
    ] {
      let (outcome, _) = try run(stages, on: picture)
      #expect(outcome.status == 78 && outcome.errors.contains("range"), "\(outcome.errors)")
      let (ranged, folder) = try run(stages, on: picture, encode: #""range": [-9, 9]"#)
      #expect(ranged.status == 0, "\(ranged.errors)")
      #expect(folder.outputs(in: "out") == ["picture.png"])
    }
  }

  /// A quarter, a half and a quarter along each row.
  private static func smoothed(_ plane: [Double], width: Int) -> [Double] {
    plane.indices.map { index in
      let column = index % width
      let left = plane[column == 0 ? index : index - 1]
      let right = plane[column == width - 1 ? index : index + 1]
      return left / 4 + plane[index] / 2 + right / 4
    }
  }
}
