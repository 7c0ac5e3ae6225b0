import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// Datasets as whole runs write them.
enum WrittenDataset {
  /// Runs inputs to their end.
  ///
  /// - Returns: what came of them; `nil` where the run as a whole was refused.
  /// - Throws: ``BrokenLaw`` where one failed by a mistake of our own.
  static func run(
    _ processor: PipelineProcessor, on inputs: DiscoveredInputs, to folder: String,
    _ cancellation: Cancellation
  ) throws -> RunSummary? {
    let summary: RunSummary
    do throws(BatchError) {
      summary = try BatchRun(
        processor, on: inputs, options: BatchOptions(recipe: processor.recipe, folder: folder)
      ).run(cancellation: cancellation)
    } catch {
      _ = error.description
      return nil
    }
    for failure in summary.failures {
      try expect(failure.kind != .bug, "inputs fail in words: \(failure.examples)")
    }
    return summary
  }

  /// Writes the patches of an image into a dataset, and reads them from there.
  static func check(
    _ image: String, by pipeline: Pipeline, in folder: ScratchFolder, _ cancellation: Cancellation
  ) throws {
    let path = folder.path("dataset")
    let encode = Encode {
      $0.path = path
      $0.format = pipeline.stages.count % 2 == 0 ? .npy : .safetensors
      $0.imagesPerShard = 1
    }
    let stages = pipeline.stages.filter { !($0 is any OutputStage) } + [encode]
    guard let pipeline = try? Pipeline(stages: stages),
      let planner = try? Planner(pipeline, kernels: .selected()),
      let processor = try? PipelineProcessor(planner)
    else { return }
    let item = Item(file: image, name: Path.name(of: image))
    guard
      case .arrays(let arrays) = try PipelineTarget.outcome(
        of: image, as: item.identity, by: planner), arrays.count == 1,
      let summary = try run(
        processor, on: DiscoveredInputs(items: ItemList([item])), to: path, cancellation),
      summary.notRunCount == 0
    else { return }
    try expect(
      summary.failures.isEmpty, "what gives an array goes into a dataset: \(summary.failures)")
    let dataset = try Dataset(folder: path)
    var images: [DatasetImage] = []
    try dataset.forEachImage { images.append($0) }
    try expect(images.count == 1, "a dataset of one image has one")
    // Of whole images there are no patches.
    for image in images where image.patches != nil {
      let read = try dataset.patches(of: image)
      try expect(read.shape == arrays[0].shape, "patches that are written keep their sides")
      try expect(
        read.values.elementsEqual(floats(of: arrays[0])) {
          $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
        }, "patches that are written keep their values")
    }
  }

  private static func floats(of array: ValueArray) -> [Float] {
    switch array.values {
    case .uint8(let values): values.map { Float($0) }
    case .uint16(let values): values.map { Float($0) }
    case .float16(let bits): bits.map { Float(Float16(bitPattern: $0)) }
    case .bfloat16(let bits): bits.map { Float(bitPattern: UInt32($0) << 16) }
    case .float32(let values): values
    }
  }
}
