import Foundation
import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// Photographs of which only the columns are decoded that a resize looks at.
struct CroppedColumnsTests {
  /// Stages on a JPEG file of 97 × 331, and the columns that are decoded in steps of 16; `nil` for all.
  static let chains: [(stages: String, columns: Range<Int>?)] = [
    (#"{"stage": "resize", "size": 48}, {"stage": "crop", "size": 40}"#, 96..<224),
    (
      #"{"stage": "resize", "size": 48}, {"stage": "crop", "size": 40, "position": "top_left"}"#,
      0..<100
    ),
    (
      #"{"stage": "resize", "size": 48}, {"stage": "crop", "size": 40, "position": "bottom_right"}"#,
      224..<331
    ),
    (#"{"stage": "resize", "size": [97, 90]}, {"stage": "crop", "size": [97, 1]}"#, nil),
    (#"{"stage": "resize", "size": [97, 90]}, {"stage": "crop", "size": [90, 3]}"#, nil),
    (#"{"stage": "resize", "size": 120, "filter": "nearest"}, {"stage": "crop", "size": 7}"#, nil),
    (#"{"stage": "resize", "size": [5, 90]}, {"stage": "crop", "size": [3, 11]}"#, nil),
    (#"{"stage": "resize", "size": 48}, {"stage": "crop", "size": [48, 160]}"#, nil),
    (#"{"stage": "resize", "size": [30, 331]}, {"stage": "crop", "size": 20}"#, nil),
    (#"{"stage": "crop", "size": 90}, {"stage": "resize", "size": 40}"#, nil),
  ]

  @Test(
    "The same bits as from whole rows, whatever the sampling",
    arguments: ["4:4:4", "4:2:2", "4:2:0"])
  func sameBits(subsampling: String) throws {
    let workshop = try Workshop()
    for (channels, isProgressive) in [(3, false), (3, true), (1, false)] {
      let image = TestArray.noise([channels, 97, 331], .uint8, seed: 5)
      let sampling = channels == 3 ? #", "subsampling": "\#(subsampling)""# : ""
      let photograph = try workshop.run(
        #"{"stage": "encode", "format": "jpeg", "quality": 90, "progressive": \#(isProgressive)"#
          + sampling + "}", on: image)
      let file = try #require(photograph.result.outputs.first).path
      for (stages, _) in Self.chains {
        let text = "\(stages), \(npy)"
        workshop.rewrites = []
        let expected = try workshop.run(text, onFile: file).outputs
        workshop.rewrites = Rewrites.all
        let found = try workshop.run(text, onFile: file).outputs
        #expect(!found.isEmpty && found == expected, "\(channels) \(stages)")
      }
    }
  }

  @Test("No more columns are decoded than are looked at, and a step beside them")
  func columns() throws {
    for (format, orientation) in [(ImageFormat.jpeg, 1), (.jpeg, 3), (.png, 1)] {
      var header = ImageHeader(
        format: format, shape: ImageShape(channels: 3, height: 97, width: 331),
        elementType: .uint8, colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
      header.orientation = orientation
      if format == .jpeg { header.columnStep = 16 }
      for (stages, columns) in Self.chains {
        guard let columns else { continue }
        let plan = try Workshop().planner("\(stages), \(npy)").plan(header)
        let isCropped = format == .jpeg && orientation == 1
        #expect(plan.source.columns == (isCropped ? columns : nil), "\(stages)")
        #expect(plan.stages[0].layout.size == Size(height: 97, width: 331))
      }
    }
  }

  @Test("Who looks at the whole image gets it")
  func compared() throws {
    var header = ImageHeader(
      format: .jpeg, shape: ImageShape(channels: 3, height: 97, width: 331),
      elementType: .uint8, colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
    header.columnStep = 16
    let stages =
      #"{"stage": "resize", "size": 48}, {"stage": "crop", "size": 40}, "#
      + #"{"stage": "resize", "size": [97, 331]}, {"stage": "compare", "metrics": ["psnr"]}"#
    let plan = try Workshop().planner("\(stages), \(npy)").plan(header)
    #expect(plan.source.columns == nil)
  }

  @Test("A file that ends early is told in the same words", arguments: ["error", "none"])
  func truncated(failOn: String) throws {
    let workshop = try Workshop()
    let photograph = try workshop.run(
      #"{"stage": "encode", "format": "jpeg"}"#, on: TestArray.noise([3, 97, 331], .uint8))
    let path = try #require(photograph.result.outputs.first).path
    let data = try Data(contentsOf: URL(filePath: path))
    let load = #", "fail_on": "\#(failOn)""#
    for share in [0.3, 0.7, 0.95] {
      let short = workshop.folder.path("short.jpg")
      try data.prefix(Int(Double(data.count) * share)).write(to: URL(filePath: short))
      let text = "\(Self.chains[0].stages), \(npy)"
      workshop.rewrites = []
      let expected = try workshop.run(text, load: load, onFile: short)
      workshop.rewrites = Rewrites.all
      let found = try workshop.run(text, load: load, onFile: short)
      #expect(found.result.error == expected.result.error)
      #expect((found.result.error == nil) == (failOn == "none"))
      #expect(found.result.warnings == expected.result.warnings)
      #expect(found.outputs == expected.outputs)
    }
  }
}
