import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `transform.median`, `clip`, `contrast_normalize` and `reduce`: what they make of units, bounds and
/// opacity; their values are in `RankVectorTests`.
struct PatchFigureTests {
  private static let unfold = #"{"stage": "unfold", "kernel_size": 4, "stride": 4}"#

  private func layout(
    _ stages: String, load: String = "", channels: Int = 3
  ) throws -> Layout {
    let plan = try Workshop().planner(stages, load: load)
      .plan(ImageShape(channels: channels, height: 16, width: 24))
    return try #require(plan.stages.dropLast().last?.layout)
  }

  private func picture(
    _ stages: String, on image: TestArray, load: String = ""
  ) throws -> TestArray {
    let workshop = try Workshop()
    let path = try workshop.savePNG(image, hasAlpha: image.shape[0] % 2 == 0, as: "input.png")
    let outcome = try workshop.run(stages, load: load, onFile: path)
    return try #require(outcome.outputs.first, "\(String(describing: outcome.result.error))")
  }

  @Test("Patches of one block are filtered as their images are, whatever lanes hold them")
  func median() throws {
    for (height, width, size) in [(24, 31, 5), (9, 400, 3), (7, 7, 21)] {
      let image = TestArray.noise([2, height, width], .uint16, seed: 2)
      for mode in PaddingMode.allCases {
        let keys = #""kernel_size": \#(size), "padding_mode": "\#(mode.rawValue)""#
        let whole = try Workshop().array(#"{"stage": "median", \#(keys)}, \#(npy)"#, on: image)
        let patch = try Workshop().array(
          #"{"stage": "unfold", "kernel_size": [\#(height), \#(width)]}, {"stage": "transform.median", \#(keys)}, {"stage": "fold"}, \#(npy)"#,
          on: image)
        #expect(patch.values == whole.values, "\(height) × \(width), \(mode)")
      }
    }
  }

  @Test("Long patches, one a tile, are filtered and reduced too")
  func long() throws {
    let image = TestArray.noise([1, 400, 700], .uint8, seed: 12)
    let cut = #"{"stage": "unfold", "kernel_size": [400, 350], "stride": [400, 350]}"#
    let made = try Workshop().array(
      #"\#(cut), {"stage": "transform.median"}, {"stage": "fold"}, \#(npy)"#, on: image)
    let halves = try [0, 350].map {
      try Workshop().array(
        #"{"stage": "crop", "offset": [0, \#($0)], "size": [400, 350]}, {"stage": "median"}, \#(npy)"#,
        on: image)
    }
    for row in [0, 1, 200, 399] {
      for column in [0, 1, 349, 350, 351, 699] {
        let half = halves[column / 350]
        #expect(made.values[row * 700 + column] == half.values[row * 350 + column % 350])
      }
    }
    let reduced = try Workshop().array(
      #"\#(cut), {"stage": "transform.reduce", "kind": "median"}, {"stage": "fold"}, \#(npy)"#,
      on: image)
    let expected = [0, 350].map { first in
      let values = (0..<400).flatMap { row in
        (first..<first + 350).map { image.values[row * 700 + $0] }
      }.sorted()
      return (values[values.count / 2 - 1] + values[values.count / 2]) / 2
    }
    #expect(reduced.shape == [1, 1, 2] && reduced.values == expected)
  }

  @Test("Overlapping patches give the image back where a median changes nothing")
  func constant() throws {
    let image = TestArray([1, 13, 18], .uint8, Array(repeating: 77, count: 13 * 18))
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": 6, "stride": 3, "edge": "shift"}, {"stage": "transform.median", "kernel_size": 5}, {"stage": "fold"}, \#(npy)"#,
      on: image)
    #expect(made.values == image.values)
  }

  @Test(
    "Opacity stays beside what is clipped, filtered or normalized",
    arguments: [[4, 16, 24], [2, 8, 12]])
  func kept(shape: [Int]) throws {
    let image = TestArray.noise(shape, .uint8, seed: 5)
    let area = shape[1] * shape[2]
    let colors = TestArray(
      [shape[0] - 1, shape[1], shape[2]], .uint8, Array(image.values.dropLast(area)))
    for stage in [
      #"{"stage": "transform.clip", "min": 20, "max": 30}"#, #"{"stage": "transform.median"}"#,
      #"{"stage": "transform.contrast_normalize"}"#,
      #"{"stage": "transform.contrast_normalize", "per": "channel"}"#,
    ] {
      let stages = #"\#(Self.unfold), \#(stage), {"stage": "fold"}, \#(npy)"#
      let made = try picture(stages, on: image)
      let alone = try Workshop().array(stages, on: colors)
      #expect(Array(made.values.suffix(area)) == Array(image.values.suffix(area)), "\(stage)")
      #expect(Array(made.values.dropLast(area)) == alone.values, "\(stage)")
    }
  }

  @Test("Pooled opacity is its mean, or reduced as the colours that were multiplied by it")
  func pooled() throws {
    let image = TestArray.noise([4, 8, 8], .uint8, seed: 5)
    let area = 64
    func block(_ plane: [Double], _ y: Int, _ x: Int) -> [Double] {
      (0..<4).flatMap { row -> [Double] in
        let first = (y + row) * 8 + x
        return Array(plane[first..<first + 4])
      }
    }
    func blocks(_ plane: [Double]) -> [[Double]] {
      [block(plane, 0, 0), block(plane, 0, 4), block(plane, 4, 0), block(plane, 4, 4)]
    }
    let opacity = blocks(Array(image.values.suffix(area)))
    let stages = { (kind: String) in
      #"\#(Self.unfold), {"stage": "transform.reduce", "kind": "\#(kind)"}, {"stage": "fold"}, \#(npy)"#
    }
    for kind in ["mean", "max", "min", "std", "median"] {
      let made = try picture(stages(kind), on: image)
      #expect(made.shape == [4, 2, 2])
      #expect(Array(made.values.suffix(4)) == opacity.map { $0.reduce(0, +) / 16 })
    }
    let load = #", "alpha": "premultiply""#
    let flowing = try picture(npy, on: image, load: load)
    let multiplied = blocks(Array(flowing.values.suffix(area)))
    let largest = try picture(stages("max"), on: image, load: load)
    #expect(Array(largest.values.suffix(4)) == multiplied.compactMap { $0.max() })
    let error = try Workshop().refusal(
      stages("std"), load: load, shape: ImageShape(channels: 4, height: 8, width: 8))
    #expect("\(try #require(error))".contains("multiplied colours by opacity"))
  }

  @Test("Reductions keep the units, and deviations their scale")
  func units() throws {
    let image = TestArray.noise([3, 8, 8], .uint8, seed: 6)
    let normalize = #"{"stage": "normalize", "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25]}"#
    for kind in ["mean", "max", "min", "std", "median"] {
      let reduce =
        #"\#(Self.unfold), {"stage": "transform.reduce", "kind": "\#(kind)"}, {"stage": "fold"}, "#
      let plain = try Workshop().array(reduce + npy, on: image)
      let written = try Workshop().run(
        "\(normalize), \(reduce)" + #"{"stage": "encode", "format": "png"}"#, on: image)
      let picture = try #require(
        written.outputs.first, "\(String(describing: written.result.error))")
      // A half is where floats of other units may fall to either side.
      #expect(
        zip(picture.values, plain.values).allSatisfy { abs($0 - $1) <= 0.501 }, "\(kind)")
    }
  }

  @Test("Layouts: pixels of the grid, floats, and bounds that hold")
  func layouts() throws {
    for kind in ["mean", "max", "min", "std", "median"] {
      let layout = try layout(
        #"\#(Self.unfold), {"stage": "transform.reduce", "kind": "\#(kind)"}, \#(npy)"#)
      #expect(layout.size == Size(height: 4, width: 6) && layout.patchLength == 3)
      #expect(layout.elementType == .float32 && layout.colorModel == .rgb)
      #expect(layout.values == ValueInterval(0, kind == "std" ? 127.5 : 255))
    }
    let clip = { (keys: String) in
      try self.layout(#"\#(Self.unfold), {"stage": "transform.clip", \#(keys)}, \#(npy)"#)
    }
    #expect(try clip(#""min": 10"#).values == ValueInterval(10, 255))
    #expect(try clip(#""max": 10"#).values == ValueInterval(0, 10))
    #expect(try clip(#""min": 300, "max": 400"#).values == ValueInterval(300, 300))
    #expect(try clip(#""max": 10"#).inverse == layout("\(Self.unfold), \(npy)").inverse)
    let contrast = try layout(
      #"\#(Self.unfold), {"stage": "transform.contrast_normalize", "epsilon": 1e6}, \#(npy)"#)
    #expect(abs(contrast.values.upper - 0.255) < 1e-9 && contrast.values.lower < 0)
    let bound = try layout(
      #"\#(Self.unfold), {"stage": "transform.contrast_normalize"}, \#(npy)"#)
    #expect(abs(bound.values.upper - 47 / 48.0.squareRoot()) < 1e-9)
    if case .lost = bound.inverse {} else { Issue.record("units cannot be restored") }
    let load = #", "alpha": "premultiply""#
    for kind in ["mean", "max", "median"] {
      let pooled = try layout(
        #"{"stage": "normalize"}, \#(Self.unfold), {"stage": "transform.reduce", "kind": "\#(kind)"}, \#(npy)"#,
        load: load, channels: 4)
      #expect(pooled.straightValues.isBounded)
    }
  }

  @Test("Epsilon is 10 levels of 255 squared, whatever units are in force")
  func epsilon() throws {
    let image = TestArray.noise([1, 8, 8], .uint8, seed: 3)
    let contrast =
      #"\#(Self.unfold), {"stage": "transform.contrast_normalize"}, {"stage": "fold"}, \#(npy)"#
    let plain = try Workshop().array(contrast, on: image)
    for normalize in [
      #"{"stage": "normalize"}"#, #"{"stage": "normalize", "mean": 0.5, "std": 0.25}"#,
      #"{"stage": "normalize", "scale": 3}"#,
    ] {
      let made = try Workshop().array("\(normalize), \(contrast)", on: image)
      #expect(made.distance(to: plain) < 1e-5)
    }
    for normalize in [
      #"{"stage": "normalize", "mean": 0.5, "std": [0.2, 0.3, 0.4]}"#,
      #"{"stage": "normalize", "per_image": "standardize"}"#,
    ] {
      let error = try Workshop().refusal(
        "\(normalize), \(contrast)", shape: ImageShape(channels: 3, height: 8, width: 8))
      #expect(error?.key == "epsilon")
      #expect(error?.message.contains("0…255") == true)
    }
  }

  @Test(
    "Keys that do not go together are mistakes",
    arguments: [
      #"{"stage": "transform.clip"}"#, #"{"stage": "transform.clip", "min": 3, "max": 2}"#,
      #"{"stage": "transform.reduce"}"#, #"{"stage": "transform.reduce", "kind": "sum"}"#,
      #"{"stage": "transform.contrast_normalize", "epsilon": 0}"#,
      #"{"stage": "transform.median", "kernel_size": 2}"#,
    ])
  func mistakes(stage: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner(#"\#(Self.unfold), \#(stage), {"stage": "fold"}, \#(npy)"#)
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
  }
}
