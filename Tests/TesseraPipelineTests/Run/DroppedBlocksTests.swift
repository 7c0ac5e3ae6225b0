import Foundation
import TesseraCore
import Testing

@testable import TesseraBatch
@testable import TesseraEngine

/// Blocks that are let go are counted, whatever takes those that are left.
@Suite struct DroppedBlocksTests {
  private static let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 4}"#
  private static let fold = #"{"stage": "fold", "uncovered": "zero"}"#
  private static let png = #"{"stage": "encode", "format": "png"}"#

  @Test(
    "The count is the same for files of patches and for folds, in bands of any height",
    arguments: [
      (#"{"stage": "sample", "count": 7}"#, 30 - 7),
      (#"{"stage": "sample", "fraction": 1}"#, nil),
      (#"{"stage": "mask", "ratio": 0.5}"#, 15),
      (#"{"stage": "mask", "ratio": 0.5}, {"stage": "sample", "count": 3}"#, 27),
      (#"{"stage": "select", "by": "mean", "min": 1000}"#, 30),
      (#"{"stage": "select", "by": "mean", "min": 0}"#, 0),
    ] as [(String, Int?)])
  func counts(_ stages: String, _ dropped: Int?) throws {
    let image = TestArray.noise([3, 20, 24], .uint8)
    for height in [nil, 1, 3] {
      let workshop = try Workshop()
      workshop.banding = Banding(height: height, largeImage: 0)
      workshop.workers = 2
      for end in [npy, "\(Self.fold), \(Self.png)", "\(npy), \(Self.fold), \(Self.png)"] {
        let outcome = try workshop.run("\(Self.cut), \(stages), \(end)", on: image)
        #expect(outcome.result.error == nil)
        #expect(outcome.result.droppedBlocks == dropped, "\(end) \(height ?? 0)")
      }
    }
  }

  @Test("Opacity chooses, and bounds are included", arguments: [(0.0, 20), (0.5, 15), (1.0, 5)])
  func opacity(_ least: Double, _ left: Int) throws {
    let workshop = try Workshop()
    var image = TestArray.noise([4, 16, 20], .uint8)
    // Rows of blocks with an opacity of 0, ½, ½ and 1.
    for index in 0..<320 { image.values[960 + index] = index < 80 ? 0 : 255 }
    for index in 80..<240 where index % 2 == 0 { image.values[960 + index] = 0 }
    let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
    let select = #"{"stage": "select", "by": "alpha", "min": \#(least)}"#
    let outcome = try workshop.run("\(Self.cut), \(select), \(npy)", onFile: path)
    #expect(
      outcome.outputs.first?.shape == [64, left], "\(String(describing: outcome.result.error))")
  }

  /// A figure of one block's values, channel by channel; gray levels are of 8 bits.
  private static func figure(_ name: String, of values: [Double], levels: [[Int]]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    if name == "mean" { return mean }
    if name == "std" {
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        .squareRoot()
    }
    // Pillow's luminance, in 16 bits of fraction.
    let grays = levels[0].indices.map { place in
      levels.count == 1
        ? levels[0][place]
        : (19_595 * levels[0][place] + 38_470 * levels[1][place] + 7_471 * levels[2][place]
          + 32_768) >> 16
    }
    return Dictionary(grouping: grays) { $0 }.values.reduce(0) { sum, equal in
      let share = Double(equal.count) / Double(grays.count)
      return sum - share * log2(share)
    }
  }

  @Test(
    "Mean and deviation choose in the units in force, entropy by gray levels in any units",
    arguments: ["mean", "std", "entropy"],
    [(1, .uint8), (1, .uint16), (3, .uint8), (3, .uint16)] as [(Int, ElementType)])
  func figures(_ name: String, _ image: (channels: Int, type: ElementType)) throws {
    let maximum = Double(image.type.maximum ?? 1)
    var pixels = TestArray.noise([image.channels, 20, 24], image.type)
    // Each column of blocks has twice as many levels as the one to the left of it.
    for index in pixels.values.indices {
      let step = (maximum + 1) / Double(1 << (index % 24 / 4))
      pixels.values[index] = (pixels.values[index] / step).rounded(.down) * step
    }
    let workshop = try Workshop()
    let path = try workshop.savePNG(pixels, as: "a.png")
    let units: [(stage: String, map: (Double) -> Double)] = [
      ("", { $0 }), (#"{"stage": "normalize"},"#, { $0 / maximum }),
      (#"{"stage": "normalize", "mean": 0.5, "std": 0.25},"#, { ($0 / maximum - 0.5) / 0.25 }),
    ]
    for (stage, map) in units {
      let all = try #require(
        workshop.run("\(stage) \(Self.cut), \(npy)", onFile: path).outputs.first)
      let figures = (0..<30).map { block -> Double in
        let planes = (0..<image.channels).map { channel in
          (0..<16).map { place in
            let (row, column) = (block / 6 * 4 + place / 4, block % 6 * 4 + place % 4)
            return pixels.values[(channel * 20 + row) * 24 + column]
          }
        }
        return Self.figure(
          name, of: planes.joined().map(map),
          levels: planes.map { $0.map { Int(($0 * 255 / maximum).rounded()) } })
      }
      // In the widest gap, so that it does not matter how figures are rounded.
      let sorted = figures.sorted()
      let place = (8..<22).max { sorted[$0 + 1] - sorted[$0] < sorted[$1 + 1] - sorted[$1] } ?? 8
      let bound = (sorted[place] + sorted[place + 1]) / 2
      for (key, fits) in [("min", { $0 >= bound }), ("max", { $0 <= bound })]
        as [(String, (Double) -> Bool)]
      {
        let select = #"{"stage": "select", "by": "\#(name)", "\#(key)": \#(bound)}"#
        let left = try workshop.run(
          "\(stage) \(Self.cut), \(select), \(npy)", onFile: path
        ).outputs.first
        let blocks = figures.indices.filter { fits(figures[$0]) }
        let expected = (0..<all.shape[0]).flatMap { row in
          blocks.map { all.values[row * 30 + $0] }
        }
        #expect(left?.shape == [all.shape[0], blocks.count], "\(stage)")
        #expect(left?.values == expected, "\(stage)")
      }
    }
  }

  @Test("Several stages that choose, with files between them and folds, are counted together")
  func together() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 20, 24], .uint8)
    let sample = { (count: Int) in #"{"stage": "sample", "count": \#(count)}"# }
    let tokens = #"{"stage": "encode", "format": "npy", "name": "tokens.npy"}"#
    let twice = try workshop.run(
      [
        Self.cut, sample(20), npy, sample(10), tokens, Self.fold, Self.cut, sample(25), Self.fold,
        Self.png,
      ]
      .joined(separator: ", "), on: image)
    #expect(twice.result.error == nil && twice.result.droppedBlocks == 20 + 5)
    let plain = try workshop.run("\(Self.cut), \(Self.fold), \(Self.png)", on: image)
    #expect(plain.result.droppedBlocks == nil)
  }
}
