import RandomPipelines
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraCodecs
@testable import TesseraCore
@testable import TesseraEngine
@testable import TesseraPipeline

/// What is seen of stages is what they give.
struct StageViewTests {
  static let seeds: Range<UInt64> = 5_000..<5_240

  @Test(
    "What is counted of a stage is what an array of it holds, whatever stages there are",
    arguments: stride(from: seeds.lowerBound, to: seeds.upperBound, by: 40).map { $0..<$0 + 40 })
  func counts(seeds: Range<UInt64>) throws {
    var comparedCount = 0
    for seed in seeds {
      let work = try RandomWork(seed: seed)
      let about = Comment(
        rawValue: "seed \(seed), \(work.pipeline.image.name)\n\(work.pipeline.text)")
      let processor = try PipelineProcessor(work.planner, outputDirectory: "/nowhere")
      let whole = Self.run(work, work.planner.pipeline)
      do throws(InputFailure) {
        let seen = try ImageViews(of: work.input, by: processor, side: 4096, Cancellation())
        #expect(seen.failure?.kind == whole.failure?.kind, about)
        #expect(seen.views.count == seen.seen.count)
        if let metrics = whole.image?.metrics { #expect(seen.metrics == metrics, about) }
        for (index, view) in seen.seen where view.subject != .differences {
          guard let arrays = Self.arrays(of: index, work, seen, whole.image) else { continue }
          comparedCount += 1
          let figures = DrawnView.Figures(view.censuses)
          let finite = arrays.flatMap(\.floats).filter(\.isFinite).map { Double($0) }
          let total = arrays.reduce(0) { $0 + $1.floats.count }
          #expect(figures.extremes?.minimum == finite.min(), "stage \(index) of \(about)")
          #expect(figures.extremes?.maximum == finite.max(), "stage \(index) of \(about)")
          #expect(figures.notFiniteCount == total - finite.count, "stage \(index) of \(about)")
          let counted = figures.histograms.flatMap(\.self).reduce(0, +)
          #expect(counted == finite.count, "stage \(index) of \(about)")
        }
      } catch {
        #expect(error.kind == whole.failure?.kind, about)
      }
    }
    #expect(comparedCount > seeds.count)
  }

  /// Arrays of what a stage gives: of its files, or else of what flows after it.
  ///
  /// `nil` where an array would hold something else: values that opacity is taken out of, or that files
  /// round.
  private static func arrays(
    of index: Int, _ work: RandomWork, _ seen: ImageViews, _ whole: ImageResult?
  ) -> [ValueArray]? {
    let pipeline = work.planner.pipeline
    let stages = pipeline.stages
    if let encode = stages[index] as? Encode {
      guard let whole, encode.channels == .files else { return nil }
      let arrays = whole.arrays.filter { $0.stageIndex == index }.map(\.array)
      // Views of patches count what flows, and gray in three planes, or opacity in each of many files, is
      // counted as often.
      let file = seen.plan.file(ofStage: index)
      guard !arrays.isEmpty, arrays.count == 1, seen.plan.flows[index] == .image,
        encode.format != .webp, file?.storedType == arrays[0].type
      else { return nil }
      return arrays
    }
    if seen.isPremultiplied(index) { return nil }
    var encode = Encode()
    (encode.path, encode.format) = ("nowhere", .npy)
    let before = stages[...index].filter { !($0 is Encode) && !($0 is Compare) }
    let shift = stages[...index].count - before.count
    // Stages know each other by their numbers.
    guard shift == 0 else { return nil }
    let prefix = Pipeline(of: pipeline, stages: before + [encode])
    return Self.run(work, prefix).image?.arrays.map(\.array)
  }

  /// Runs a pipeline in memory.
  private static func run(
    _ work: RandomWork, _ pipeline: Pipeline
  ) -> (image: ImageResult?, failure: InputFailure?) {
    do {
      var planner = try Planner(pipeline, kernels: work.planner.kernels)
      planner.banding = work.planner.banding
      let reader = try PipelineProcessor(planner, outputDirectory: "/nowhere")
        .reader(of: work.input, Cancellation())
      let (_, image) = try planner.executed(
        reader, header: reader.header, as: work.input.identity, Cancellation())
      return (image, nil)
    } catch let failure as InputFailure {
      return (nil, failure)
    } catch {
      Issue.record("\(error)")
      return (nil, nil)
    }
  }

  // MARK: Pictures

  @Test(
    "An image is seen as the means of what falls on a pixel",
    arguments: [(7, 5, 64), (64, 48, 16), (33, 70, 9), (1, 40, 8), (129, 1, 7), (50, 50, 50)])
  func means(width: Int, height: Int, side: Int) throws {
    let values = (0..<3 * height * width).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 11) }
    let view = try Self.view(
      values, ImageShape(channels: 3, height: height, width: width), [Load()], side: side)
    #expect(max(view.size.height, view.size.width) <= side)
    for channel in 0..<3 {
      for y in 0..<view.size.height {
        for x in 0..<view.size.width {
          // Every pixel whose place, scaled down, is this one.
          var (sum, count) = (0.0, 0.0)
          for row in 0..<height where row * view.size.height / height == y {
            for column in 0..<width where column * view.size.width / width == x {
              sum += Double(values[(channel * height + row) * width + column])
              count += 1
            }
          }
          let seen = view.values[(channel * view.size.height + y) * view.size.width + x]
          #expect(abs(Double(seen) - sum / count) < 1e-4)
        }
      }
    }
  }

  @Test("Patches in the middle are seen, each as it is")
  func patches() throws {
    let (height, width) = (40, 60)
    let values = (0..<height * width).map { Float($0) }
    let view = try Self.view(
      values, ImageShape(channels: 1, height: height, width: width),
      [Load(), Unfold(Window(kernelSize: Size(2), stride: Size(2)))], side: 24)
    guard case .patches(let blocks) = view.subject else {
      Issue.record("\(view.subject)")
      return
    }
    // 20 × 30 blocks, of which 8 × 8 of 2 pixels and a gap fit.
    #expect(blocks == Size(height: 8, width: 8))
    #expect(view.firstBlock == (6, 11))
    for y in 0..<16 {
      for x in 0..<16 {
        #expect(view.values[y * 16 + x] == Float((12 + y) * width + 22 + x))
      }
    }
    #expect(view.isThere == nil)
  }

  @Test("An image that misses a bound is seen to its last row, and told to fail")
  func missedBound() throws {
    let workshop = try Workshop()
    let path = try workshop.save(
      TestArray([1, 700, 40], .uint8, Array(repeating: 201, count: 700 * 40)), as: "a.npy")
    let item = Item(file: path, name: "a.npy")
    var encode = Encode()
    encode.path = "nowhere"
    let pipeline = try Pipeline(stages: [
      Load(), Unfold(Window(kernelSize: Size(4), stride: Size(4))),
      TransformQuantize { $0.step = 10 }, Fold(), Compare(require: [.maxAbs: 0]), encode,
    ])
    let processor = try PipelineProcessor(
      Planner(pipeline, kernels: .selected()), outputDirectory: "/nowhere")
    let seen = try ImageViews(of: item, by: processor, side: 4096, Cancellation())
    #expect(seen.failure?.kind == .requirement && seen.failure?.stageIndex == 4)
    #expect(seen.seen.map(\.stageIndex) == [0, 1, 2, 3, 4, 4, 5])
    #expect(seen.seen.last?.view.values.allSatisfy { $0 == 200 } ?? false)
    #expect(seen.seen[5].view.values.allSatisfy { $0 == 1 })
  }

  @Test("Large patches are seen smaller, at least four on a side")
  func largePatches() throws {
    let values = [Float](repeating: 3, count: 256 * 256)
    let view = try Self.view(
      values, ImageShape(channels: 1, height: 256, width: 256),
      [Load(), Unfold(Window(kernelSize: Size(64), stride: Size(32)))], side: 64)
    // 7 × 7 blocks of 64 pixels, of which 4 × 4 fit when each has 15 and a gap.
    #expect(view.subject == .patches(blocks: Size(height: 4, width: 4)))
    #expect(view.size == Size(60) && view.firstBlock == (1, 1))
    #expect(view.values.allSatisfy { $0 == 3 })
  }

  /// What is seen of the last stage.
  private static func view<Value: Element>(
    _ values: [Value], _ shape: ImageShape, _ stages: [any Stage], side: Int
  ) throws -> StageView {
    var encode = Encode()
    (encode.path, encode.format) = ("nowhere", .npy)
    var planner = try Planner(Pipeline(stages: stages + [encode]), kernels: .selected())
    planner.viewing = Viewing(ViewSize(side: side), stages: [stages.count - 1])
    let reader = ImageReader(pixels: values, shape: shape, colorModel: nil, hasAlpha: false)
    let (_, image) = try planner.executed(
      reader, header: reader.header, as: .example, Cancellation())
    // What is looked at is not kept as what a file would hold, too.
    #expect(image.arrays.isEmpty)
    return try #require(image.views.last).view
  }
}

extension ImageViews {
  /// Whether opacity is in the colours after a stage.
  fileprivate func isPremultiplied(_ index: Int) -> Bool {
    plan.stages[index].layout.isPremultiplied
  }
}
