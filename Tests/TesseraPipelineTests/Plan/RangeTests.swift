import TesseraCodecs
import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraPipeline

/// How float values become integers, and when that can be known.
struct RangeTests {
  static let mean = #"{"stage": "normalize", "mean": 0.4, "std": 0.2}"#
  static let unit = #"{"stage": "normalize"}"#
  static let minmax = #"{"stage": "normalize", "per_image": "minmax"}"#
  static let box =
    #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 3}, "padding": 1}"#
  static let twoBoxes = #"{"stage": "convolve", "kernels": [[[1]], [[1]]]}"#
  static let sobel =
    #"{"stage": "convolve", "bank": {"name": "sobel", "direction": "x"}, "padding": 1}"#
  static let bias = #"{"stage": "convolve", "kernels": [[1]], "bias": 0.5}"#
  static let abs = #"{"stage": "convolve", "kernels": [[1]], "response": "abs"}"#
  static let unfold = #"{"stage": "unfold", "kernel_size": 2}"#
  static let fold = #"{"stage": "fold"}"#
  static let foldSum = #"{"stage": "fold", "normalize": "sum"}"#
  static let meanRemoval = #"{"stage": "transform.mean_removal"}"#
  static let standardize = #"{"stage": "transform.standardize"}"#
  static let insideBox =
    #"{"stage": "transform.convolve", "bank": {"name": "box", "kernel_size": 3}}"#

  /// Stages, and the index of the one that loses the inverse, or −1 where it survives.
  static let survivals: [([String], Int)] = [
    ([mean], -1), ([minmax], -1), ([unit, sobel], -1), ([unit, bias], -1), ([mean, box], -1),
    ([minmax, box], -1), ([minmax, twoBoxes], -1), ([mean, twoBoxes], -1),
    ([mean, sobel], 2), ([minmax, sobel], 2), ([mean, bias], 2), ([mean, abs], 2),
    ([unit, abs], -1), ([mean, unfold, fold], -1), ([mean, unfold, foldSum], 3),
    ([unit, unfold, foldSum], -1), ([mean, unfold, meanRemoval, fold], 3),
    ([unit, unfold, meanRemoval, fold], -1), ([unit, unfold, standardize, fold], 3),
    ([mean, unfold, insideBox, fold], -1), ([minmax, unfold, insideBox, fold], -1),
    ([mean, mean], -1), ([minmax, mean], 2), ([mean, minmax], 2),
  ]

  @Test("The inverse of normalize survives exactly what it should, else the stage is named")
  func inverse() throws {
    let workshop = try Workshop()
    let shape = ImageShape(channels: 3, height: 6, width: 6)
    for (stages, loser) in Self.survivals {
      let text = stages.joined(separator: ", ")
      let error = try workshop.refusal(#"\#(text), {"stage": "encode"}"#, shape: shape)
      if loser < 0 {
        #expect(error == nil, "\(text)")
      } else {
        #expect(error?.key == "range")
        #expect(
          error?.message.contains("stages[\(loser)]") == true, "\(text): \(error?.message ?? "")")
        #expect(error?.stageIndex == stages.count + 1)
        for range in [#""auto""#, "[0, 1]", #""clip""#, #""bounds""#, #""symmetric""#] {
          let explicit = #"\#(text), {"stage": "encode", "range": \#(range)}"#
          #expect(try workshop.refusal(explicit, shape: shape) == nil, "\(explicit)")
        }
        // Floats are written as they are.
        #expect(try workshop.refusal("\(text), \(npy)", shape: shape) == nil)
      }
    }
  }

  @Test("Where the inverse survives, every channel gets its own back")
  func ownChannels() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 8, 8], .uint8)
    for normalize in [
      #"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}"#, Self.minmax,
    ] {
      let outcome = try workshop.run(
        #"\#(normalize), \#(Self.twoBoxes), {"stage": "encode", "format": "npy", "dtype": "uint8"}"#,
        on: image)
      let planes = (0..<3).map { Array(image.values[$0 * 64..<($0 + 1) * 64]) }
      let doubled: [Double] = planes.flatMap { $0 + $0 }
      #expect(outcome.outputs.first?.values == doubled)
    }
  }

  @Test("Every range maps as it says")
  func maps() throws {
    let workshop = try Workshop()
    let image = TestArray([1, 1, 5], .uint8, [0, 51, 102, 204, 255])
    func codes(_ stages: String, _ range: String, type: String = "uint8") throws -> [Double] {
      try workshop.array(
        #"\#(stages), {"stage": "encode", "format": "npy", "dtype": "\#(type)", "range": \#(range)}"#,
        on: image
      ).values
    }
    let negative = #"{"stage": "normalize", "mean": 0.4}"#
    #expect(try codes(negative, #""restore""#) == image.values)
    #expect(try codes(negative, #""restore""#, type: "uint16") == image.values.map { $0 * 257 })
    #expect(try codes(negative, #""clip""#) == [0, 0, 0, 102, 153])
    #expect(try codes(negative, #""auto""#) == image.values)
    // Bounds are those of the plan, −0.4…0.6.
    #expect(try codes(negative, #""bounds""#) == image.values)
    // ±0.6 with zero in the middle: 127.5 + x · 212.5, halves to even.
    #expect(try codes(negative, #""symmetric""#) == [42, 85, 128, 212, 255])
    #expect(try codes(negative, "[-1, 1]") == [76, 102, 128, 178, 204])
    #expect(try codes(Self.unit, "[0, 2]") == [0, 26, 51, 102, 128])
    let constant = TestArray([1, 2, 2], .uint8, [9, 9, 9, 9])
    #expect(
      try workshop.array(#"\#(Self.unit), {"stage": "encode", "range": "auto"}"#, on: constant)
        .values == [0, 0, 0, 0])
  }

  @Test("Bounds that are not known are refused, and auto or numbers advised")
  func unknownBounds() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 4, 4], .float32)
    for range in ["bounds", "symmetric"] {
      let outcome = try workshop.run(
        #"{"stage": "encode", "format": "png", "range": "\#(range)"}"#, on: image)
      #expect(outcome.result.error?.kind == .plan)
      #expect(outcome.result.error?.message.contains("auto") == true)
    }
  }

  @Test("Planned bounds hold every value that comes out")
  func boundsHold() throws {
    let workshop = try Workshop()
    let path = try workshop.save(TestArray.noise([2, 9, 10], .uint8), as: "a.npy")
    for (stages, _) in Self.survivals {
      let text = stages.joined(separator: ", ")
      let plan = try workshop.planner("\(text), \(npy)").plan(contentsOf: path)
      #expect(plan.source.size == Size(height: 9, width: 10))
      let bounds = try #require(plan.stages.last?.layout.values)
      let values = try #require(
        try workshop.run("\(text), \(npy)", onFile: path).outputs.last
      ).values
      let slack = 1e-4 * max(1, bounds.upper - bounds.lower)
      #expect(bounds.isBounded)
      #expect(
        values.allSatisfy { $0 >= bounds.lower - slack && $0 <= bounds.upper + slack }, "\(text)")
    }
  }
}

extension RangeTests {
  @Test(
    "Bounds are those of colours, whatever opacity is",
    arguments: [
      #"{"stage": "convolve", "bank": "laplacian", "padding": "same"}"#,
      #"\#(mean), {"stage": "convolve", "kernels": [[0.01, -0.02]]}"#,
      #"\#(unfold), {"stage": "transform.convolve", "bank": "laplacian"}, \#(fold)"#,
      #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": 200}"#,
      #"{"stage": "normalize", "scale": 0.5, "mean": 3}"#,
    ], ["bounds", "symmetric"])
  func opacity(_ stages: String, _ range: String) throws {
    let workshop = try Workshop()
    let colors = TestArray.noise([3, 9, 10], .uint8, seed: 21)
    let opaque = TestArray(
      [4, 9, 10], .uint8, colors.values + (0..<90).map { Double($0 * 37 % 256) })
    let encode = #"{"stage": "encode", "range": "\#(range)"}"#
    let plain = try workshop.run(
      "\(stages), \(encode)", onFile: workshop.savePNG(colors, as: "a.png"))
    let found = try workshop.run(
      "\(stages), \(encode)", onFile: workshop.savePNG(opaque, hasAlpha: true, as: "b.png"))
    let expected = try #require(plain.outputs.first)
    #expect(found.outputs.first?.shape[0] == 4)
    #expect(
      found.outputs.first.map { Array($0.values.prefix(expected.values.count)) } == expected.values)
  }

  @Test("Colours that opacity divides have bounds only where filters are means")
  func premultiplied() throws {
    let workshop = try Workshop()
    let path = try workshop.savePNG(
      .noise([4, 9, 10], .uint8, seed: 22), hasAlpha: true, as: "a.png")
    let load = #", "alpha": "premultiply""#
    for (stages, isKnown) in [
      ("", true), (#"{"stage": "convolve", "bank": "gaussian", "padding": "same"},"#, true),
      (#"{"stage": "normalize", "mean": 0.5, "std": 0.25},"#, true),
      (#"{"stage": "convolve", "bank": "laplacian"},"#, false),
      // Zeros in the padding are no black any more.
      (
        #"{"stage": "normalize", "mean": 0.5, "std": 0.5}, {"stage": "convolve", "bank": "box", "padding": 2},"#,
        false
      ),
      (
        #"{"stage": "normalize", "mean": 0.5}, {"stage": "pad", "amount": 1},"#, false
      ),
      (#"{"stage": "normalize"}, {"stage": "pad", "amount": 1},"#, true),
      (
        #"{"stage": "normalize", "mean": 0.5}, {"stage": "unfold", "kernel_size": 2, "stride": 3}, {"stage": "fold", "uncovered": "zero"},"#,
        false
      ),
      (
        #"{"stage": "unfold", "kernel_size": 2, "stride": 3}, {"stage": "fold", "uncovered": "zero"},"#,
        true
      ),
      (#"{"stage": "normalize", "per_image": "minmax"},"#, false),
      (#"{"stage": "convolve", "bank": "box", "response": "abs"},"#, false),
    ] {
      for range in ["bounds", "symmetric"] {
        let outcome = try workshop.run(
          #"\#(stages) {"stage": "encode", "range": "\#(range)"}"#, load: load, onFile: path)
        #expect(outcome.result.error?.message.contains("no bounds") == (isKnown ? nil : true))
        #expect(!isKnown || outcome.result.saturatedFraction == 0, "\(stages)")
      }
      let plan = try workshop.planner("\(stages) \(npy)", load: load).plan(
        ImageReader(path: path).header)
      #expect(plan.files.first?.bounds.isBounded == isKnown)
      #expect(plan.table.contains("colours divided by opacity"))
    }
  }

  @Test(
    "Weights of 0 bound no sums of floats, which may be NaN",
    arguments: [
      #"{"stage": "convolve", "kernels": [[0, 0], [0, 0]]}"#,
      #"{"stage": "convolve_transpose", "kernels": [[0, 0], [0, 0]]}"#,
      #"{"stage": "convolve", "weights": "zeros.npy", "locally_connected": true}"#,
    ])
  func zeroWeights(_ stage: String) throws {
    let workshop = try Workshop()
    let zeros = TestArray([4, 1, 1, 2, 2], .float32, [Double](repeating: 0, count: 16))
    try workshop.save(zeros, as: "zeros.npy")
    let path = try workshop.save(.noise([1, 3, 3], .float32), as: "a.npy")
    let outcome = try workshop.run(
      #"\#(stage), {"stage": "encode", "format": "png", "range": "bounds"}"#, onFile: path)
    #expect(outcome.result.error?.message.contains("no bounds") == true)
  }

  @Test(
    "Bounds of sums of products are reached, and hold",
    arguments: [
      (#"{"stage": "convolve_transpose", "weights": "w.npy", "bias": 3}"#, [2, 3, 2, 2]),
      (#"{"stage": "convolve_transpose", "weights": "w.npy", "groups": 2}"#, [2, 3, 2, 2]),
      (#"{"stage": "convolve", "weights": "w.npy", "bias": -2}"#, [3, 2, 2, 2]),
      (
        #"{"stage": "convolve", "weights": "w.npy", "locally_connected": true, "bias": 1}"#,
        [4, 3, 2, 2, 2]
      ),
    ])
  func products(_ stage: String, _ shape: [Int]) throws {
    let workshop = try Workshop()
    // Ones alone: a white image reaches the bound of every sum.
    let count = shape.reduce(1, *)
    let ones = TestArray(shape, .float32, [Double](repeating: 1, count: count))
    try workshop.save(ones, as: "w.npy")
    let white = TestArray([2, 3, 3], .uint8, [Double](repeating: 255, count: 18))
    let path = try workshop.save(white, as: "a.npy")
    let plan = try workshop.planner("\(stage), \(npy)").plan(contentsOf: path)
    let bounds = try #require(plan.stages.last?.layout.values)
    let values = try #require(
      try workshop.run("\(stage), \(npy)", onFile: path).outputs.last
    ).values
    #expect(values.max() == bounds.upper)
    #expect((values.min() ?? 0) >= bounds.lower)
  }
}
