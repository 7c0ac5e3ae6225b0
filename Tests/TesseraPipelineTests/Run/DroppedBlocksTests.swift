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
