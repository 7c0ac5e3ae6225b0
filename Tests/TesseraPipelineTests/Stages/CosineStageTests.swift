import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `transform.dct`, `transform.idct` and `transform.dct_threshold`: units, opacity and weights.
struct CosineStageTests {
  private static let cut = #"{"stage": "unfold", "kernel_size": 8, "stride": 3, "edge": "shift"}"#

  @Test("The transform and its inverse restore pixels, whatever normalize made of them")
  func restores() throws {
    let workshop = try Workshop()
    for (shape, normalize) in [
      ([3, 20, 17], #"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}, "#),
      ([1, 9, 8], #"{"stage": "normalize", "mean": 0.3, "std": 0.2}, "#),
      ([4, 11, 30], #"{"stage": "normalize"}, "#),
      ([2, 8, 8], ""),
    ] {
      for type in [ElementType.uint8, .uint16] {
        let image = TestArray.noise(shape, type)
        let outcome = try workshop.run(
          normalize + Self.cut
            + #", {"stage": "transform.dct"}, {"stage": "transform.quantize", "step": 1e-30}, "#
            + #"{"stage": "transform.idct"}, {"stage": "fold"}, "#
            + #"{"stage": "compare", "require": {"max_abs": 0}, "metrics": ["max_abs"]}"#,
          on: image)
        #expect(outcome.result.error == nil)
      }
    }
  }

  @Test("Coefficients are not the file's values, and say so")
  func coefficients() throws {
    let workshop = try Workshop()
    for middle in ["", #", {"stage": "transform.mean_removal"}, {"stage": "transform.idct"}"#] {
      let error = try workshop.refusal(
        #"{"stage": "normalize", "mean": 0.5}, \#(Self.cut), {"stage": "transform.dct"}\#(middle), "#
          + #"{"stage": "fold"}, {"stage": "encode"}"#,
        shape: ImageShape(channels: 1, height: 16, width: 16))
      #expect("\(try #require(error))".contains("transform.dct"))
    }
  }

  @Test("The mean stands first, times the root of the number of pixels")
  func mean() throws {
    let image = TestArray([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8])
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": [2, 4]}, {"stage": "transform.dct"}, \#(npy)"#, on: image
    )
    #expect(made.shape == [8, 1])
    #expect(abs(made.values[0] - 36 / 8.0.squareRoot()) < 1e-5)
  }

  @Test("The deviation is in the units of the file: normalizing changes nothing")
  func units() throws {
    let workshop = try Workshop()
    for shape in [[3, 24, 21], [1, 24, 21], [4, 24, 21]] {
      let image = TestArray.noise(shape, .uint8)
      for keys in ["", #", "decorrelate": false"#, #", "kind": "soft", "weights": "adaptive""#] {
        let denoise =
          Self.cut
          + #", {"stage": "transform.dct_threshold", "sigma": 40\#(keys)}, {"stage": "fold"}"#
        let plain = try workshop.array("\(denoise), \(npy)", on: image)
        let normalized = try workshop.array(
          #"{"stage": "normalize", "mean": 0.4, "std": 0.25}, \#(denoise), \#(npy)"#, on: image)
        var restored = normalized
        restored.values = normalized.values.map { ($0 * 0.25 + 0.4) * 255 }
        // A coefficient near the bound may fall to the other side of it.
        let far = zip(plain.values, restored.values).count { abs($0 - $1) > 0.01 }
        #expect(far * 100 < plain.values.count, "\(shape) \(keys)")
      }
    }
  }

  @Test("Without noise nothing changes; with all of it means are left")
  func ends() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 16, 16], .uint8)
    for keys in ["", #", "weights": "adaptive""#, #", "kind": "soft""#].map({
      $0 + #", "decorrelate": false"#
    }) {
      let cut = #"{"stage": "unfold", "kernel_size": 8, "stride": 8}, "#
      let stages = { (sigma: String) in
        cut
          + #"{"stage": "transform.dct_threshold", "sigma": \#(sigma)\#(keys)}, {"stage": "fold"}, "#
          + npy
      }
      #expect(try workshop.array(stages("1e-9"), on: image).distance(to: image) < 1e-3)
      let flat = try workshop.array(stages("1e9"), on: image)
      for (place, value) in flat.values.enumerated() {
        let (channel, row, column) = (place / 256, place / 16 % 16, place % 16)
        var sum = 0.0
        for i in 0..<64 {
          sum += image.values[channel * 256 + (row / 8 * 8 + i / 8) * 16 + column / 8 * 8 + i % 8]
        }
        #expect(abs(value - sum / 64) < 1e-3)
      }
    }
  }

  @Test("Of three colours parted into brightness and differences, all noise leaves the brightness")
  func brightness() throws {
    let image = TestArray.noise([3, 8, 8], .uint8)
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": 8}, {"stage": "transform.dct_threshold", "sigma": 1e9}, "#
        + #"{"stage": "fold"}, \#(npy)"#, on: image)
    let mean = image.values.reduce(0, +) / 192
    #expect(made.values.allSatisfy { abs($0 - mean) < 1e-3 })
  }

  @Test("Opacity stays as it is")
  func opacity() throws {
    let workshop = try Workshop()
    for channels in [2, 4] {
      let image = TestArray.noise([channels, 19, 22], .uint8)
      let file = try workshop.savePNG(image, hasAlpha: true, as: "opacity.png")
      for keys in ["", #", "weights": "adaptive""#] {
        let made = try #require(
          try workshop.run(
            Self.cut + #", {"stage": "transform.dct_threshold", "sigma": 30\#(keys)}, "#
              + #"{"stage": "fold"}, \#(npy)"#, onFile: file
          ).outputs.first)
        let first = (channels - 1) * 19 * 22
        for place in first..<made.values.count {
          #expect(abs(made.values[place] - image.values[place]) < 1e-3)
        }
        #expect(abs(made.values[0] - image.values[0]) > 1e-3)
      }
    }
  }

  @Test("Adaptive weights and windows multiply")
  func weightsMeetWindows() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 14, 13], .float32)
    let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 2, "edge": "shift"}"#
    let denoise = #"{"stage": "transform.dct_threshold", "sigma": 0.3, "weights": "adaptive"}"#
    let grid = try Window(
      kernelSize: Size(4), stride: Size(2), edge: .shift
    ).grid(on: Size(height: 14, width: 13))
    let patches = try workshop.array("\(cut), \(denoise), \(npy)", on: image)
    // What a block weighs is told by how many of its coefficients are not 0.
    let coefficients = try workshop.array(
      "\(cut), \(denoise), "
        + #"{"stage": "transform.dct"}, {"stage": "transform.quantize", "step": 1e-4}, \#(npy)"#,
      on: image)
    for (name, window) in [("hann", FoldWindow.hann), ("pyramid", .pyramid)] {
      let made = try workshop.array(
        #"\#(cut), \#(denoise), {"stage": "fold", "normalize": "window", "window": "\#(name)"}, \#(npy)"#,
        on: image)
      var (sums, divisors) = (
        [Double](repeating: 0, count: 182), [Double](repeating: 0, count: 182)
      )
      let places = window.weights(Size(4))
      for block in 0..<grid.blockCount {
        let kept = (1..<16).count { coefficients.values[$0 * grid.blockCount + block] != 0 } + 1
        let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
        for place in 0..<16 {
          let weight = places[place] / Double(kept)
          let target = (grid.rows.starts[row] + place / 4) * 13
          let pixel = target + grid.columns.starts[column] + place % 4
          sums[pixel] += weight * patches.values[place * grid.blockCount + block]
          divisors[pixel] += weight
        }
      }
      let expected = TestArray(
        [1, 14, 13], .float32, zip(sums, divisors).map { $0 / $1 })
      #expect(made.distance(to: expected) < 1e-5, "\(name)")
    }
  }

  @Test("A deviation without units is refused, with what took them")
  func refusals() throws {
    let workshop = try Workshop()
    for (before, word) in [
      (#"{"stage": "normalize", "per_image": "standardize"}, "#, "per_image"),
      (
        #"{"stage": "normalize", "mean": 0.5}, {"stage": "convolve", "bank": "sobel"}, "#,
        "convolve"
      ),
    ] {
      let error = try #require(
        try workshop.refusal(
          before + Self.cut
            + #", {"stage": "transform.dct_threshold", "sigma": 3}, {"stage": "fold"}, \#(npy)"#,
          shape: ImageShape(channels: 1, height: 16, width: 16)))
      #expect("\(error)".contains(word) && "\(error)".contains("sigma"), "\(error)")
    }
    let large = try workshop.refusal(
      #"{"stage": "unfold", "kernel_size": 2049}, {"stage": "transform.dct"}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 3000, width: 3000))
    #expect("\(try #require(large))".contains("2048"))
    let largest = try workshop.refusal(
      #"{"stage": "unfold", "kernel_size": [2048, 1]}, {"stage": "transform.dct"}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 3000, width: 3000))
    #expect(largest == nil)
  }

  @Test("Blocks keep the length of their vector, and so the interval of values is known")
  func interval() throws {
    for (normalize, channels, bound) in [
      ("", 1, 255.0 * 8), ("", 4, 255 * 192.0.squareRoot()),
      (#"{"stage": "normalize", "mean": 0.5, "std": 0.25}, "#, 1, 16),
    ] {
      let plan = try Workshop().planner(
        normalize + Self.cut + #", {"stage": "transform.dct_threshold", "sigma": 3}, \#(npy)"#
      ).plan(ImageShape(channels: channels, height: 16, width: 16))
      let values = try #require(
        plan.stages.first { $0.name == "transform.dct_threshold" }?.layout.values)
      #expect(abs(values.upper - bound) < 1e-9 && values.lower == -values.upper, "\(values)")
    }
  }
}
