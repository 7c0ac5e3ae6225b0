import Foundation
import RandomPipelines
import Testing

/// A pipeline of the table of digests, with what it runs on.
struct DigestCase: Sendable {
  /// What the table calls it.
  var name: String
  /// The pipeline file.
  var text: String
  /// The files beside it.
  var files: [String: [UInt8]] = [:]
  /// What it runs on.
  var input: String
  /// The folder that it writes to, seen from the folder of the folders of pipelines.
  var output: String

  /// A file of Pipelines/ on all samples.
  init(shipped name: String) throws {
    let path = "\(Repository.pipelines)/\(name).json"
    self.name = name
    text = try String(contentsOfFile: path, encoding: .utf8)
    input = Repository.samples
    output = "out/\(name)"
  }

  /// One that follows from a seed, on the image that it is made for.
  init(_ pipeline: RandomPipeline, in folder: TemporaryFolder) throws {
    name = pipeline.name
    text = pipeline.text
    for array in pipeline.arrays { files[array.name] = array.bytes }
    input = "images/\(name)/\(pipeline.image.name)"
    output = "\(name)/out"
    try folder.write(try pipeline.image.bytes(), to: input)
  }
}

/// Some pipelines that share their last step, in which the command reads what it wrote.
struct DigestBatch: CustomTestStringConvertible, Sendable {
  /// Either a file of Pipelines/ or seeds of one generation.
  var shipped: String?
  var generation = 1
  var seeds: Range<UInt64> = 0..<0

  var testDescription: String { shipped ?? "\(generation), \(seeds)" }

  /// The pipelines that follow from the seeds.
  var random: [RandomPipeline] {
    seeds.map { RandomPipeline(seed: $0, generation: generation) }
  }

  /// The names of its pipelines.
  var names: Set<String> { Set([shipped].compactMap(\.self) + random.map(\.name)) }

  static let all =
    Repository.pipelineNames.map { DigestBatch(shipped: $0) } + batches(of: 0..<240, 1)
    + batches(of: 0..<120, 2) + batches(of: 0..<160, 3)
    + batches(of: 0..<120, 4) + batches(of: 0..<120, 5) + batches(of: 0..<60, 6)
    + batches(of: 0..<400, 7) + batches(of: 0..<80, 8)

  private static func batches(of seeds: Range<UInt64>, _ generation: Int) -> [DigestBatch] {
    stride(from: seeds.lowerBound, to: seeds.upperBound, by: 20).map {
      DigestBatch(generation: generation, seeds: $0..<$0 + 20)
    }
  }

  /// The pipelines of the batch.
  func cases(in folder: TemporaryFolder) throws -> [DigestCase] {
    try [shipped].compactMap(\.self).map { try DigestCase(shipped: $0) }
      + random.map { try DigestCase($0, in: folder) }
  }
}
