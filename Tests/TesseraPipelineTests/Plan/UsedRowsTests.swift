import Foundation
import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// The rows of a loaded image that anything is made of.
struct UsedRowsTests {
  /// Stages on an image of 97 × 61, and the rows.
  static let cases: [(stages: String, rows: Range<Int>)] = [
    (npy, 0..<97),
    (#"{"stage": "crop", "size": 21}, \#(npy)"#, 38..<59),
    (#"{"stage": "crop", "size": 21, "position": "bottom_left"}, \#(npy)"#, 76..<97),
    (
      #"{"stage": "crop", "size": 21}, {"stage": "crop", "size": 3, "position": "top_left"}, \#(npy)"#,
      38..<59
    ),
    (
      #"{"stage": "crop", "size": 20}, {"stage": "crop", "size": [97, 61]}, {"stage": "compare", "metrics": ["psnr"]}"#,
      0..<97
    ),
    (#"{"stage": "unfold", "kernel_size": 16, "stride": 16, "edge": "drop"}, \#(npy)"#, 0..<96),
    (
      #"{"stage": "crop", "size": 21}, {"stage": "normalize", "scale": "unit", "per_image": "standardize"}, \#(npy)"#,
      38..<59
    ),
    // Row 10 is made of what lies within 4.04 of 21.22, row 37 of what lies so far from 75.78.
    (#"{"stage": "resize", "size": [48, 30]}, {"stage": "crop", "size": 28}, \#(npy)"#, 17..<80),
    (
      #"{"stage": "resize", "size": [97, 30]}, {"stage": "crop", "size": [9, 30]}, \#(npy)"#, 0..<97
    ),
    (
      #"{"stage": "resize", "size": [200, 20], "filter": "nearest"}, {"stage": "crop", "size": [10, 20], "position": "top_left"}, \#(npy)"#,
      0..<5
    ),
  ]

  @Test("They are what the stages ask for", arguments: cases)
  func rows(stages: String, rows: Range<Int>) throws {
    let planner = try Workshop().planner(stages)
    let plan = try planner.plan(ImageShape(channels: 3, height: 97, width: 61))
    #expect(plan.work.usedRows == rows)
  }

  @Test("An image that is turned is read whole", arguments: [1, 3, 6])
  func turned(orientation: Int) throws {
    var header = ImageHeader(
      format: .jpeg, shape: ImageShape(channels: 3, height: 97, width: 61), elementType: .uint8,
      colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
    header.orientation = orientation
    let plan = try Workshop().planner(#"{"stage": "crop", "size": 21}, \#(npy)"#).plan(header)
    #expect(plan.work.usedRows == (orientation == 1 ? 38..<59 : 0..<97))
  }

  @Test("Opacity that is dropped is looked at everywhere", arguments: [1, 2])
  func opacity(workers: Int) throws {
    let workshop = try Workshop()
    workshop.workers = workers
    workshop.banding = Banding(height: 3, largeImage: 0)
    for (row, isOpaque) in [(0, false), (40, false), (78, false), (-1, true)] {
      var image = TestArray.noise([4, 79, 12], .uint8, seed: 3)
      for pixel in 0..<79 * 12 { image.values[3 * 79 * 12 + pixel] = 255 }
      if row >= 0 { image.values[3 * 79 * 12 + row * 12 + 5] = 254 }
      let file = try workshop.savePNG(image, hasAlpha: true, as: "\(row).png")
      let found = try workshop.run(
        #"{"stage": "crop", "size": 9}, \#(npy)"#, load: #", "alpha": "drop""#, onFile: file)
      let warnings = found.result.warnings.filter { $0.contains("opacity was dropped") }
      #expect(warnings.count == (isOpaque ? 0 : 1), "\(row)")
    }
  }

  @Test(
    "A file that is broken outside of a crop is told of as a whole one",
    arguments: ["error", "none"])
  func broken(failOn: String) throws {
    let workshop = try Workshop()
    let photograph = try workshop.run(
      #"{"stage": "encode", "format": "jpeg"}"#, on: TestArray.noise([3, 200, 90], .uint8))
    let path = try #require(photograph.result.outputs.first).path
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let load = #", "fail_on": "\#(failOn)""#
    for share in [0.1, 0.5, 0.93] {
      try workshop.folder.write(Array(bytes.prefix(Int(Double(bytes.count) * share))), to: "s.jpg")
      let file = workshop.folder.path("s.jpg")
      let whole = try workshop.run(npy, load: load, onFile: file)
      let cropped = try workshop.run(
        #"{"stage": "crop", "size": [40, 90]}, \#(npy)"#, load: load, onFile: file)
      #expect(cropped.result.error == whole.result.error)
      #expect((cropped.result.error == nil) == (failOn == "none"))
      #expect(cropped.result.warnings == whole.result.warnings)
      guard failOn == "none" else { continue }
      let planes = whole.outputs[0].values
      var expected: [Double] = []
      for first in [80 * 90, 280 * 90, 480 * 90] { expected += planes[first..<first + 40 * 90] }
      #expect(cropped.outputs[0].values == expected)
    }
  }
}
