import TesseraCodecs
import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraFiles
@testable import TesseraPipeline

/// Colours, opacity, and channels that no picture holds.
struct ChannelTests {
  static let png = #"{"stage": "encode"}"#

  /// A gray or colour image whose last channel is opacity.
  private func withAlpha(_ channels: Int, opaque: Bool = false) -> TestArray {
    var image = TestArray.noise([channels, 6, 7], .uint8, seed: 11)
    let alpha = (channels - 1) * 42..<channels * 42
    for index in alpha where opaque { image.values[index] = 255 }
    if !opaque {
      for index in alpha { image.values[index] = Double([0, 1, 128, 254, 255][index % 5]) }
    }
    return image
  }

  @Test("Opacity is kept with all colours, and dropped with a warning where it mattered")
  func keepAndDrop() throws {
    let workshop = try Workshop()
    for channels in [2, 4] {
      let image = withAlpha(channels)
      let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
      let kept = try workshop.run(Self.png, onFile: path)
      #expect(kept.outputs == [image])
      #expect(kept.result.warnings.isEmpty)
      let dropped = try workshop.run(Self.png, load: #", "alpha": "drop""#, onFile: path)
      #expect(dropped.outputs.first?.values == Array(image.values.dropLast(42)))
      #expect(dropped.result.warnings.count == 1)
      let opaque = try workshop.savePNG(
        withAlpha(channels, opaque: true), hasAlpha: true, as: "o.png")
      let silent = try workshop.run(Self.png, load: #", "alpha": "drop""#, onFile: opaque)
      #expect(silent.result.warnings.isEmpty)
    }
  }

  @Test("A matte stands under what is not opaque")
  func matte() throws {
    let workshop = try Workshop()
    let image = withAlpha(4)
    let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
    let outcome = try workshop.run(
      Self.png, load: #", "alpha": "matte", "matte": [255, 0, 128]"#, onFile: path)
    let result = try #require(outcome.outputs.first)
    #expect(result.shape == [3, 6, 7])
    for (channel, under) in [255.0, 0, 128].enumerated() {
      for index in 0..<42 {
        let alpha = image.values[3 * 42 + index] / 255
        let exact = image.values[channel * 42 + index] * alpha + under * (1 - alpha)
        #expect(abs(result.values[channel * 42 + index] - exact) <= 1)
      }
    }
  }

  @Test("Premultiplied colours come back wherever they can be seen")
  func premultiply() throws {
    let workshop = try Workshop()
    let load = #", "alpha": "premultiply""#
    for channels in [2, 4] {
      let image = withAlpha(channels)
      let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
      for stages in [
        Self.png, #"{"stage": "normalize"}, \#(Self.png)"#,
        #"{"stage": "normalize", "mean": 0.5, "std": 0.2}, \#(Self.png)"#,
        #"{"stage": "normalize"}, {"stage": "encode", "range": [0, 1]}"#,
      ] {
        let result = try #require(try workshop.run(stages, load: load, onFile: path).outputs.first)
        for index in image.values.indices {
          let alpha = image.values[(channels - 1) * 42 + index % 42]
          let expected = alpha == 0 ? 0 : image.values[index]
          #expect(result.values[index] == expected, "\(stages) at \(index)")
        }
      }
    }
  }

  @Test("Transparent pixels lend no colour to their neighbours when premultiplied")
  func noFringes() throws {
    let workshop = try Workshop()
    // Red and opaque on the left, green and invisible on the right.
    let rows = (0..<4).map { _ in 0 }
    let image = TestArray(
      [4, 4, 4], .uint8,
      rows.flatMap { _ in [255.0, 255, 0, 0] } + rows.flatMap { _ in [0.0, 0, 255, 255] }
        + Array(repeating: 0, count: 16) + rows.flatMap { _ in [255.0, 255, 0, 0] })
    let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
    let blur = """
      {"stage": "convolve", "bank": {"name": "box", "kernel_size": 3}, "padding": 1,
       "padding_mode": "replicate"}, \(Self.png)
      """
    let outcome = try workshop.run(blur, load: #", "alpha": "premultiply""#, onFile: path)
    let result = try #require(outcome.outputs.first)
    #expect(Array(result.values[16..<32]) == Array(repeating: 0, count: 16))
    #expect(Array(result.values[0..<3]) == [255, 255, 255])
  }

  @Test("Channels that are mixed are no opacity any more")
  func mixedAlpha() throws {
    let workshop = try Workshop()
    let path = try workshop.savePNG(withAlpha(4), hasAlpha: true, as: "a.png")
    let mix = #"{"stage": "convolve", "kernels": [[[[0.25]], [[0.25]], [[0.25]], [[0.25]]]]}"#
    let outcome = try workshop.run(
      "\(mix), \(Self.png)", load: #", "alpha": "premultiply""#, onFile: path)
    #expect(outcome.result.error == nil)
    #expect(outcome.outputs.first?.shape == [1, 6, 7])
  }

  @Test("Opacity keeps its range, whatever becomes of the colours")
  func opacityRange() throws {
    let workshop = try Workshop()
    let image = withAlpha(4)
    let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
    for range in [#""auto""#, "[-1, 2]", #""bounds""#, #""symmetric""#, #""clip""#] {
      let outcome = try workshop.run(
        """
        {"stage": "normalize", "mean": 0.5, "std": 0.25}, {"stage": "encode", "range": \(range)}
        """, onFile: path)
      #expect(outcome.outputs.first?.values.suffix(42) == image.values.suffix(42), "\(range)")
    }
  }

  @Test("Pictures of 2, 5 and more channels are one gray file each")
  func splitting() throws {
    let workshop = try Workshop()
    for channels in [2, 5, 6] {
      let image = TestArray.noise([channels, 5, 4], .uint16)
      let outcome = try workshop.run(Self.png, on: image)
      #expect(outcome.outputs.count == channels)
      #expect(outcome.outputs.flatMap(\.values) == image.values)
      #expect(outcome.outputs.allSatisfy { $0.shape == [1, 5, 4] })
      let names = outcome.result.outputs.map { Path.name(of: $0.path) }
      #expect(names == (0..<channels).map { "input.\($0).png" })
    }
  }

  @Test("CMYK is refused as a picture, with the conversion that would help")
  func cmyk() throws {
    let header = ImageHeader(
      format: .jpeg, shape: ImageShape(channels: 4, height: 5, width: 5), elementType: .uint8,
      colorModel: .cmyk, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
    let workshop = try Workshop()
    for format in ["png", "jpeg"] {
      let stage = #"{"stage": "encode", "format": "\#(format)"}"#
      let error = #expect(throws: PlanningError.self) {
        try workshop.planner(stage).plan(header)
      }
      #expect(error?.message.contains(#""color": "rgb""#) == true)
      for color in ["rgb", "gray"] {
        #expect(throws: Never.self) {
          try workshop.planner(stage, load: #", "color": "\#(color)""#).plan(header)
        }
      }
    }
    #expect(throws: Never.self) { try workshop.planner(npy).plan(header) }
  }

  @Test("Arrays without colours are not converted")
  func namelessChannels() throws {
    let workshop = try Workshop()
    let outcome = try workshop.run(
      npy, load: #", "color": "rgb""#, on: .noise([5, 4, 4], .uint8))
    #expect(outcome.result.error?.kind == .plan)
    #expect(outcome.result.error?.message.contains("5 channels") == true)
  }
}
