import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraEngine

/// Pixels that are filtered in the form in which they were decoded become the same files.
struct PixelStripsTests {
  /// Stages between load and encode.
  static let convolutions = [
    #"{"stage": "convolve", "bank": "sharpen", "padding": "same", "padding_mode": "reflect"}"#,
    #"{"stage": "convolve", "bank": {"name": "gaussian", "kernel_size": 7}, "padding": "same","#
      + #" "padding_mode": "symmetric"}"#,
    #"{"stage": "convolve", "kernels": [[0.5, -1.25], [0.125, 2]], "padding": 3, "dilation": [1, 2],"#
      + #" "padding_mode": "circular"}"#,
    #"{"stage": "convolve", "kernels": [[1, -3, 2.5]], "padding": [2, 0], "bias": 19.5,"#
      + #" "response": "abs"}"#,
    #"{"stage": "convolve", "kernels": [[-1], [2]], "padding": [5, 4], "dilation": 3,"#
      + #" "padding_mode": "replicate"}"#,
  ]
  static let normalizations = [
    "", #"{"stage": "normalize"},"#, #"{"stage": "normalize", "mean": 0.25, "std": [0.5]},"#,
    #"{"stage": "normalize", "scale": 0.37, "mean": 11.5, "std": 3.25},"#,
  ]
  static let encodings = [
    #"{"stage": "encode", "range": "clip"}"#,
    #"{"stage": "encode", "range": [-100, 300], "verify": true}"#,
    #"{"stage": "encode", "format": "jpeg", "range": "symmetric"}"#,
    #"{"stage": "encode"}"#, #"{"stage": "encode", "bit_depth": 16}"#,
  ]

  @Test(
    "The same files as through planes of floats", arguments: convolutions + ["none"], encodings)
  func sameFiles(convolution: String, encoding: String) throws {
    let filter = convolution == "none" ? "" : "\(convolution),"
    for (shape, type) in [
      ([3, 23, 31], .uint8), ([1, 9, 300], .uint8), ([4, 40, 17], .uint8), ([2, 5, 6], .uint8),
      ([3, 12, 150], .uint16), ([1, 7, 9], .uint16), ([4, 6, 33], .uint16),
    ] as [([Int], ElementType)] {
      let hasAlpha = shape[0] % 2 == 0
      if hasAlpha && encoding.contains("jpeg") { continue }
      for (index, normalization) in Self.normalizations.enumerated() {
        let workshop = try Workshop()
        workshop.kernels = KernelSet.supported[index % KernelSet.supported.count]
        let path = try workshop.savePNG(
          .noise(shape, type, seed: UInt64(index)), hasAlpha: hasAlpha, as: "input.png")
        let stages = "\(normalization) \(filter) \(encoding)"
        workshop.rewrites = []
        let expected = try workshop.run(stages, onFile: path)
        workshop.rewrites = Rewrites.all
        for (height, workers) in [(nil, 1), (1, 1), (5, 2)] as [(Int?, Int)] {
          workshop.banding = Banding(height: height, largeImage: 0)
          workshop.workers = workers
          let outcome = try workshop.run(stages, onFile: path)
          let place = "\(shape) \(type) \(normalization) \(height ?? 0) \(workers)"
          #expect(outcome.result.error == expected.result.error, "\(place)")
          #expect(outcome.outputs == expected.outputs, "\(place)")
          #expect(
            outcome.result.saturatedFraction == expected.result.saturatedFraction, "\(place)")
        }
      }
    }
  }

  @Test("An array of planes is filtered like a picture of them")
  func planarInput() throws {
    let image = TestArray.noise([3, 29, 41], .uint8, seed: 9)
    let stages = "\(Self.convolutions[0]), \(Self.encodings[0])"
    let workshop = try Workshop()
    let array = try workshop.run(stages, on: image)
    let picture = try workshop.run(stages, onFile: workshop.savePNG(image, as: "input.png"))
    #expect(array.result.error == nil)
    #expect(array.outputs == picture.outputs)
  }

  @Test("Only what gives the same values is filtered so")
  func plans() throws {
    let workshop = try Workshop()
    let sharpen = Self.convolutions[0]
    func keepsPixels(_ stages: String, channels: Int = 3) throws -> Bool {
      let plan = try workshop.planner(stages).plan(
        ImageShape(channels: channels, height: 40, width: 50))
      return plan.rewrites.contains("pixel_strips")
    }
    let clip = Self.encodings[0]
    #expect(try keepsPixels("\(sharpen), \(clip)"))
    #expect(try keepsPixels("\(sharpen), \(clip)", channels: 1))
    // Opacity has a range of its own, which a map per channel knows.
    #expect(try keepsPixels("\(sharpen), \(Self.encodings[1])", channels: 4))
    let filtered = sharpen.dropLast() + #", "alpha": "filter"}"#
    #expect(try keepsPixels("\(filtered), \(Self.encodings[1])", channels: 4))
    let imagenet = #"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}"#
    #expect(try keepsPixels("\(imagenet), \(sharpen), \(clip)"))
    #expect(try keepsPixels("\(imagenet), \(clip)"))
    let twice = #"{"stage": "normalize"}, {"stage": "normalize"}"#
    #expect(try keepsPixels("\(twice), \(sharpen), \(clip)") == false)
    #expect(try keepsPixels(#"\#(sharpen), {"stage": "compare"}, \#(clip)"#) == false)
    #expect(try keepsPixels("\(sharpen), \(npy)") == false)
    #expect(
      try keepsPixels(#"\#(sharpen), {"stage": "encode", "range": "auto"}"#) == false)
    let biased = #"{"stage": "convolve", "bank": "sharpen", "bias": [1, 2, 3]}"#
    #expect(try keepsPixels("\(biased), \(clip)") == false)
    let wide = #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 101}, "padding": 50}"#
    #expect(try keepsPixels("\(wide), \(clip)") == false)
    let sobel = #"{"stage": "convolve", "bank": "sobel", "response": "magnitude"}"#
    #expect(try keepsPixels("\(sobel), \(clip)") == false)
  }

  @Test(
    "A magnitude is taken of what flows, not of the stored values that it stands for",
    arguments: [#"[[1]]"#, "[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]", "[[-2]]"],
    [#""mean": 0.5, "std": 0.5"#, #""mean": 0"#, #""scale": 1, "mean": 100, "std": 3"#])
  func magnitudes(kernel: String, normalization: String) throws {
    let workshop = try Workshop()
    let path = try workshop.savePNG(.noise([1, 19, 23], .uint8), hasAlpha: false, as: "input.png")
    for range in ["[-1, 1]", "[0, 255]", #""clip""#] {
      let stages = """
        {"stage": "normalize", \(normalization)},
        {"stage": "convolve", "kernels": \(kernel), "response": "abs"},
        {"stage": "encode", "range": \(range)}
        """
      workshop.rewrites = []
      let expected = try workshop.run(stages, onFile: path)
      workshop.rewrites = Rewrites.all
      let outcome = try workshop.run(stages, onFile: path)
      #expect(expected.result.error == nil)
      #expect(outcome.outputs == expected.outputs, "\(range)")
    }
  }

  /// A kernel whose weights are ±`weight`, and add up to 1.
  private func kernel(side: Int, weight: Int) -> String {
    var weights = (0..<side * side).map { $0 % 2 == 0 ? weight : -weight }
    weights[0] += 1 - weights.reduce(0, +)
    let rows = (0..<side).map { "\(Array(weights[$0 * side..<($0 + 1) * side]))" }
    return "[\(rows.joined(separator: ", "))]"
  }

  @Test(
    "Integers take the place of normalized values up to an error of a quarter",
    arguments: [
      // The sums of 25 rounded products of 0.2 are off by 0.21, those of 36 by 0.31.
      (5, 10, true), (6, 7, false), (5, 1, true), (3, 20, true),
    ])
  func margin(side: Int, weight: Int, isTaken: Bool) throws {
    let workshop = try Workshop()
    let stages = """
      {"stage": "normalize"},
      {"stage": "convolve", "kernels": \(kernel(side: side, weight: weight))}, {"stage": "encode"}
      """
    let plan = try workshop.planner(stages).plan(ImageShape(channels: 3, height: 40, width: 50))
    #expect(plan.rewrites.contains("pixel_strips"))
    #expect(plan.rewrites.contains("integer_strips") == isTaken)
    let path = try workshop.savePNG(.noise([3, 40, 50], .uint8), as: "input.png")
    let outcome = try workshop.run(stages, onFile: path)
    workshop.rewrites = []
    #expect(outcome.result.error == nil)
    #expect(try outcome.outputs == workshop.run(stages, onFile: path).outputs)
  }

  @Test(
    "A fold that puts pixels elsewhere is not taken for one that leaves them in place",
    arguments: [(true, true), (true, false), (false, true)])
  func scattered(rows: Bool, columns: Bool) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 3, 3], .uint8)
    let stages = """
      {"stage": "unfold", "kernel_size": 1}, {"stage": "convolve", "kernels": [[1]]},
      {"stage": "fold", "output_size": [3, 3], "kernel_size": 1,
       "stride": [\(rows ? 2 : 1), \(columns ? 2 : 1)],
       "padding": [\(rows ? 1 : 0), \(columns ? 1 : 0)], "normalize": "sum"}, \(npy)
      """
    let result = try workshop.array(stages, on: image)
    // Starts are −1, 1 and 3 on a scattered axis: the middle block alone lies in the image.
    let expected = image.values.enumerated().map { index, value in
      (!rows || index / 3 == 1) && (!columns || index % 3 == 1) ? value : 0
    }
    #expect(result.values == expected)
  }
}
