import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraEngine

/// Bytes that are filtered without rows of floats in between become the same bytes.
struct ByteConvolutionTests {
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
  static let encodings = [
    #"{"stage": "encode", "range": "clip"}"#,
    #"{"stage": "encode", "range": [-100, 300], "verify": true}"#,
    #"{"stage": "encode", "format": "jpeg", "range": "symmetric"}"#,
  ]

  @Test("The same files as through rows of floats", arguments: convolutions, encodings)
  func sameBytes(convolution: String, encoding: String) throws {
    for (shape, seed) in [([3, 23, 31], 1), ([1, 9, 300], 2), ([4, 40, 17], 3), ([2, 5, 6], 4)]
      as [([Int], UInt64)]
    {
      let hasAlpha = shape[0] % 2 == 0
      if hasAlpha && (encoding.contains("jpeg") || encoding.contains("clip")) { continue }
      let workshop = try Workshop()
      let path = try workshop.savePNG(
        .noise(shape, .uint8, seed: seed), hasAlpha: hasAlpha, as: "input.png")
      workshop.rewrites = Rewrites.all.filter { $0.name == "direct_convolution" }
      let expected = try workshop.run("\(convolution), \(encoding)", onFile: path)
      #expect(expected.result.error == nil)
      workshop.rewrites = Rewrites.all
      for (height, workers) in [(nil, 1), (1, 1), (5, 2)] as [(Int?, Int)] {
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        let outcome = try workshop.run("\(convolution), \(encoding)", onFile: path)
        #expect(outcome.outputs == expected.outputs, "\(shape) \(height ?? 0) \(workers)")
        #expect(outcome.result.saturatedFraction == expected.result.saturatedFraction)
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
    func staysInBytes(_ stages: String, channels: Int = 3) throws -> Bool {
      let plan = try workshop.planner(stages).plan(
        ImageShape(channels: channels, height: 40, width: 50))
      return plan.rewrites.contains("pixel_strips")
    }
    let clip = Self.encodings[0]
    #expect(try staysInBytes("\(sharpen), \(clip)"))
    #expect(try staysInBytes("\(sharpen), \(clip)", channels: 1))
    // Opacity has a range of its own only where values are scaled.
    #expect(try staysInBytes("\(sharpen), \(Self.encodings[1])", channels: 4) == false)
    #expect(try staysInBytes(#"{"stage": "normalize"}, \#(sharpen), \#(clip)"#) == false)
    #expect(try staysInBytes(#"\#(sharpen), {"stage": "compare"}, \#(clip)"#) == false)
    #expect(try staysInBytes("\(sharpen), \(npy)") == false)
    #expect(
      try staysInBytes(#"\#(sharpen), {"stage": "encode", "range": "auto"}"#) == false)
    let biased = #"{"stage": "convolve", "bank": "sharpen", "bias": [1, 2, 3]}"#
    #expect(try staysInBytes("\(biased), \(clip)") == false)
    let wide = #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 101}, "padding": 50}"#
    #expect(try staysInBytes("\(wide), \(clip)") == false)
    let sobel = #"{"stage": "convolve", "bank": "sobel", "response": "magnitude"}"#
    #expect(try staysInBytes("\(sobel), \(clip)") == false)
  }
}
