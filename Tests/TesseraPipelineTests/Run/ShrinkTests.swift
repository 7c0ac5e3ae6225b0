import Foundation
import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `shrink_on_load`: when it is used, and that the image stays the same but for what was said.
struct ShrinkTests {
  static let shrinks = #", "shrink_on_load": true"#

  /// Stages on a JPEG file of 480 × 640, and what height and width are divided by.
  static let chains: [(stages: String, divisor: Int)] = [
    (#"{"stage": "resize", "size": 240}"#, 2),
    (#"{"stage": "resize", "size": 241}"#, 1),
    (#"{"stage": "resize", "size": 64}"#, 4),
    (#"{"stage": "resize", "size": [60, 80]}"#, 8),
    (#"{"stage": "resize", "size": [60, 81]}"#, 4),
    (#"{"stage": "resize", "size": [1, 1]}"#, 8),
    (#"{"stage": "resize", "size": [480, 80]}"#, 1),
    (#"{"stage": "resize", "size": 60, "filter": "nearest"}"#, 1),
    (#"{"stage": "normalize"}, {"stage": "resize", "size": 60}"#, 8),
    (#"{"stage": "normalize", "per_image": "minmax"}, {"stage": "resize", "size": 60}"#, 1),
    (#"{"stage": "pad", "amount": 1}, {"stage": "resize", "size": 60}"#, 1),
    (#"{"stage": "encode", "path": "a"}, {"stage": "resize", "size": 60}"#, 1),
    (#"{"stage": "resize", "size": 120}, {"stage": "resize", "size": 60}"#, 4),
    (
      #"{"stage": "resize", "size": 60}, {"stage": "resize", "size": [480, 640]}, "#
        + #"{"stage": "compare", "metrics": ["psnr"]}"#, 1
    ),
  ]

  @Test("It is used as far as the resize needs, and where nobody looks before", arguments: chains)
  func use(stages: String, divisor: Int) throws {
    for (format, orientation) in [(ImageFormat.jpeg, 1), (.jpeg, 3), (.png, 1)] {
      var header = ImageHeader(
        format: format, shape: ImageShape(channels: 3, height: 480, width: 640),
        elementType: .uint8, colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
      header.orientation = orientation
      let end = #", {"stage": "encode", "path": "b"}"#
      let plan = try Workshop().planner(stages + end, load: Self.shrinks).plan(header)
      #expect(plan.source.divisor == (format == .jpeg ? divisor : 1))
      #expect(plan.stages[0].layout.size == Size(height: 480, width: 640))
      let whole = try Workshop().planner(stages + end).plan(header)
      #expect(whole.source.divisor == 1)
      #expect(plan.stages.map(\.layout) == whole.stages.map(\.layout))
    }
  }

  @Test("A turned image asks with its sides exchanged")
  func orientation() throws {
    var header = ImageHeader(
      format: .jpeg, shape: ImageShape(channels: 3, height: 480, width: 640),
      elementType: .uint8, colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
    header.orientation = 6
    for (size, divisor) in [("[80, 60]", 8), ("[60, 80]", 4), ("[81, 60]", 4)] {
      let plan = try Workshop().planner(
        #"{"stage": "resize", "size": \#(size)}, \#(npy)"#, load: Self.shrinks
      ).plan(header)
      #expect(plan.source.divisor == divisor)
    }
  }

  @Test("Pixels stay near those of the whole image, in their places", arguments: [1, 2, 4, 8])
  func pixels(divisor: Int) throws {
    // Waves that no size divides, and sides that no block does.
    let (height, width) = (203, 301)
    var values: [Double] = []
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width {
          let wave = sin(Double(x) / 31 + Double(channel)) * cos(Double(y) / 23)
          values.append((127.5 + 110 * wave).rounded())
        }
      }
    }
    let workshop = try Workshop()
    let photograph = try workshop.run(
      #"{"stage": "encode", "format": "jpeg", "quality": 98, "subsampling": "4:4:4"}"#,
      on: TestArray([3, height, width], .uint8, values))
    let file = try #require(photograph.result.outputs.first).path
    let stages =
      #"{"stage": "resize", "size": [\#(height / divisor), \#(width / divisor)]}, \#(npy)"#
    let whole = try workshop.run(stages, onFile: file)
    let shrunk = try workshop.run(stages, load: Self.shrinks, onFile: file)
    let (first, second) = (try #require(whole.outputs.first), try #require(shrunk.outputs.first))
    #expect(first.distance(to: second) <= 4)
    #expect((first == second) == (divisor == 1))
    #expect(shrunk.result.source == whole.result.source)
  }

  @Test(
    "Files of every kind decode smaller", arguments: ["rotated", "progressive", "gray", "cmyk"])
  func samples(kind: String) throws {
    let samples = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../samples").path(percentEncoded: false)
    let names = try FileManager.default.contentsOfDirectory(atPath: samples)
    let name = try #require(
      names.first { $0.hasSuffix("\(kind).jpg") || $0.contains("-\(kind).jpg") })
    let workshop = try Workshop()
    let stages = #"{"stage": "resize", "longest_side": 40}, \#(npy)"#
    let load = #", "color": "rgb""#
    let whole = try workshop.run(stages, load: load, onFile: "\(samples)/\(name)")
    let shrunk = try workshop.run(stages, load: load + Self.shrinks, onFile: "\(samples)/\(name)")
    let (first, second) = (try #require(whole.outputs.first), try #require(shrunk.outputs.first))
    #expect(first.shape == second.shape)
    let sum = zip(first.values, second.values).reduce(0) { $0 + abs($1.0 - $1.1) }
    #expect(sum > 0 && sum / Double(first.values.count) < 3)
  }
}
