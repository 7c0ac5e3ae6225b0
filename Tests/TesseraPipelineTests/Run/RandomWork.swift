import RandomPipelines
import TesseraKernels
import TesseraTestSupport

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraFiles
@testable import TesseraPipeline

/// A pipeline that follows from a seed, in a workshop that knows its image and its arrays.
struct RandomWork {
  let pipeline: RandomPipeline
  private let workshop: Workshop
  let planner: Planner
  let input: Item

  /// What a run gave.
  struct Output {
    var result: InputResult
    var files: [[UInt8]]

    /// Everything that has to be the same, but for the files.
    var figures: String {
      let metrics = result.metrics.map { "\($0.name) \($0.value)" }
      let saturated = result.saturatedFraction.map { "\($0)" } ?? "-"
      let files = result.outputs.map { "\(Path.name(of: $0.path)) \($0.shape) \($0.dtype)" }
      let failure = result.error.map { "\($0.kind) \($0.message)" } ?? "done"
      return ([failure, saturated] + metrics + result.warnings + files).joined(separator: "\n")
    }
  }

  /// Seeds decide on kernels, bands and threads too, so that rewrites meet all of them.
  init(seed: UInt64, generation: Int = RandomPipeline.newest) throws {
    pipeline = RandomPipeline(seed: seed, generation: generation)
    var random = SplitMix64(seed: ~seed)
    workshop = try Workshop()
    workshop.kernels = random.pick(KernelSet.supported)
    workshop.workers = random.number(1...2)
    workshop.banding = Banding(height: random.pick([nil, 1, 3, 8]), largeImage: 0)
    for array in pipeline.arrays { try workshop.folder.write(array.bytes, to: array.name) }
    let path = try workshop.folder.write(try pipeline.image.bytes(), to: pipeline.image.name)
    input = Item(
      name: pipeline.image.name, source: ByteSource(path: path), byteCount: 1,
      modificationTime: 0)
    planner = try workshop.planner(parsing: pipeline.text)
  }

  /// The rewrites that planning takes of those that it may take; `nil` where the image is refused.
  func taken(keeping rewrites: Set<String> = Planner.rewriteNames) -> Set<String>? {
    let planner = planner.keeping(rewrites)
    return (try? planner.plan(contentsOf: input.source)).map { Set($0.rewrites) }
  }

  /// Runs it with some of the rewrites.
  func run(keeping rewrites: Set<String>) throws -> Output {
    let folder = "out-\(rewrites.sorted().joined(separator: "-"))"
    try workshop.folder.makeFolder(folder)
    let processor = try PipelineProcessor(
      planner.keeping(rewrites), outputDirectory: workshop.folder.path(folder))
    let result = try processor.result(of: input)
    return Output(
      result: result, files: try result.outputs.map { try FileSystem.content(of: $0.path) })
  }

  /// Where the values of two outputs first differ; `nil` where every byte is the same.
  func difference(between expected: Output, and found: Output) throws -> String? {
    guard expected.figures == found.figures else {
      return "\(expected.figures)\nbut now\n\(found.figures)"
    }
    for (index, output) in expected.result.outputs.enumerated()
    where expected.files[index] != found.files[index] {
      let before = try workshop.read(output.path)
      let now = try workshop.read(found.result.outputs[index].path)
      let places = before.values.indices.filter {
        before.values[$0].bitPattern != now.values[$0].bitPattern
      }
      let name = Path.name(of: output.path)
      guard let place = places.first else { return "\(name): the same values in other bytes" }
      return "\(name): value \(place) of \(before.shape) is \(before.values[place]), but now "
        + "\(now.values[place]); \(places.count) differ"
    }
    return nil
  }
}

extension Planner {
  /// Every rewrite.
  static let rewriteNames = Set(Rewrites.all.map(\.name))

  /// A planner that takes only some of them.
  func keeping(_ names: Set<String>) -> Planner {
    var planner = self
    planner.rewrites = Rewrites.all.filter { names.contains($0.name) }
    return planner
  }
}
