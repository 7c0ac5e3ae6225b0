import TesseraCodecs
import TesseraCore
import TesseraFiles
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// A resize that makes only what a crop keeps, beside one that makes everything.
struct CroppedResizeTests {
  /// Stages, and whether pixels are spared.
  static let cases: [(stages: [String], isTaken: Bool)] = [
    ([#""resize", "size": [40, 60]"#, #""crop", "size": 24"#], true),
    (
      [#""resize", "size": [40, 60]"#, #""crop", "size": [1, 1], "position": "bottom_right""#], true
    ),
    ([#""resize", "size": [9, 90]"#, #""crop", "size": [9, 33], "offset": [0, 57]"#], true),
    // Only one axis is resized; only the other is cropped.
    ([#""resize", "size": [50, 23]"#, #""crop", "size": [13, 11], "offset": [31, 5]"#], true),
    ([#""resize", "size": [20, 70]"#, #""crop", "size": [13, 11], "offset": [3, 50]"#], true),
    ([#""resize", "size": [50, 23]"#, #""crop", "size": [13, 23]"#], false),
    // Zeros around a part, and around everything.
    ([#""resize", "size": [40, 60]"#, #""crop", "size": [50, 24]"#], true),
    ([#""resize", "size": [40, 60]"#, #""crop", "size": [50, 64]"#], false),
    ([#""resize", "size": 30, "filter": "nearest""#, #""crop", "size": [17, 21]"#], true),
    ([#""resize", "size": 100, "filter": "lanczos""#, #""crop", "size": [64, 30]"#], true),
    // Rows first, as Pillow takes the axes where it loses many of them.
    ([#""resize", "size": [5, 69]"#, #""crop", "size": [3, 40]"#], true),
    // What an earlier resize or crop makes is another one's input.
    (
      [
        #""resize", "size": [60, 80]"#, #""resize", "size": [30, 33]"#,
        #""crop", "size": [20, 21]"#,
      ], true
    ),
    (
      [
        #""resize", "size": [60, 80]"#, #""crop", "size": [50, 60]"#,
        #""resize", "size": [20, 33]"#,
        #""crop", "size": 16"#, #""crop", "size": [9, 7]"#,
      ], true
    ),
    ([#""crop", "size": 30"#, #""resize", "size": [20, 33]"#], false),
  ]

  @Test("The same bits as from a resize that makes everything", arguments: cases)
  func sameBits(stages: [String], isTaken: Bool) throws {
    let text = (stages.map { #"{"stage": \#($0)}"# } + [npy]).joined(separator: ", ")
    for (channels, type) in [(3, .uint8), (1, .uint8), (3, .uint16), (1, .float32)]
      as [(Int, ElementType)]
    {
      let image = TestArray.noise([channels, 50, 70], type, seed: 3)
      let workshop = try Workshop()
      workshop.rewrites = []
      let expected = try workshop.array(text, on: image)
      for (height, workers) in [(nil, 1), (1, 2), (3, 2)] as [(Int?, Int)] {
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        for rewrites in [[CroppedResize()], Rewrites.all] as [[any Rewrite]] {
          workshop.rewrites = rewrites
          #expect(try workshop.array(text, on: image) == expected, "\(type) \(height ?? 0)")
        }
      }
    }
  }

  @Test("The rewrite is taken where pixels are spared", arguments: cases)
  func taken(stages: [String], isTaken: Bool) throws {
    let text = (stages.map { #"{"stage": \#($0)}"# } + [npy]).joined(separator: ", ")
    let workshop = try Workshop()
    let path = try workshop.save(TestArray.noise([3, 50, 70], .uint8), as: "input.npy")
    let plan = try workshop.planner(text).plan(contentsOf: ByteSource(path: path))
    #expect(plan.rewrites.contains("cropped_resize") == isTaken)
  }

  /// Where a crop of 40 × 60 lies, what is kept of it, and the crop that stays.
  static let crops: [(crop: CropRows, rows: Range<Int>, columns: Range<Int>, rest: CropRows?)] = [
    (CropRows(top: 8, left: 18, size: Size(24)), 8..<32, 18..<42, nil),
    (
      CropRows(top: -5, left: 18, size: Size(height: 50, width: 24)), 0..<40, 18..<42,
      CropRows(top: -5, left: 0, size: Size(height: 50, width: 24))
    ),
    (
      CropRows(top: 30, left: 59, size: Size(20)), 30..<40, 59..<60,
      CropRows(top: 0, left: 0, size: Size(20))
    ),
  ]

  @Test("Passes make what is kept and no more, and a crop that is done goes", arguments: crops)
  func passes(
    crop: CropRows, rows: Range<Int>, columns: Range<Int>, rest: CropRows?
  ) throws {
    let header = ImageHeader(
      format: .npy, shape: ImageShape(channels: 3, height: 50, width: 70), elementType: .uint8,
      colorModel: .unknown, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
    var graph = Graph(source: SourcePlan(header))
    graph.append(
      ResizePass.passes(
        from: Size(height: 50, width: 70), to: Size(height: 40, width: 60), filter: .bicubic),
      stage: 1)
    graph.append([crop], stage: 2)
    graph.rewrite(by: [CroppedResize()])
    let kept = graph.links.compactMap { ($0.work as? ResizePass)?.axis.kept }
    #expect(kept == [columns, rows])
    #expect(graph.links.dropFirst(2).map(\.stageIndex) == (rest == nil ? [] : [2]))
    #expect(graph.links.dropFirst(2).first?.work as? CropRows == rest)
  }
}
