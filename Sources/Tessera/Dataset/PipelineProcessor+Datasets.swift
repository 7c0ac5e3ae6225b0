import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

extension PipelineProcessor {
  /// Names of the files that an image's run writes by itself: what goes into files of many images is
  /// kept in memory, but for pictures, which lie beside those.
  func names(of prepared: Preparation) -> [Int: [String]] {
    var names = prepared.outputs
    for (index, files) in planner.pipeline.outputStages where files.format == .safetensors {
      names[index] = nil
    }
    for dataset in datasets where dataset.holdsPictures {
      let stage = dataset.destination.stageIndex
      names[stage] = [Path.join(dataset.destination.directory, "picture")]
    }
    return names
  }

  /// Gives what came of an image to the files that it belongs to.
  func hand(
    over image: ImageResult, of prepared: Preparation, to slot: PipelineCollector.Slot,
    _ result: inout InputResult, _ cancellation: Cancellation
  ) throws(RunFailure) {
    let pictures = datasets.filter(\.holdsPictures).map(\.destination.stageIndex)
    for file in image.files {
      if let dataset = datasets.first(where: { $0.destination.stageIndex == file.stageIndex }),
        pictures.contains(file.stageIndex)
      {
        enter(dataset, prepared, slot, array: nil, picture: file.file, &result)
      } else {
        slot.add(file.file, shape: file.shape, dtype: file.dtype)
      }
    }
    for (stage, array) in image.arrays {
      if let dataset = datasets.first(where: { $0.destination.stageIndex == stage }) {
        if dataset.holdsTiles { try add(dataset, prepared, slot, array, cancellation) }
        enter(dataset, prepared, slot, array: array, picture: nil, &result)
      } else if let path = prepared.outputs[stage]?.first {
        do throws(FileError) {
          slot.add(
            try Self.safetensors(array, at: path), shape: array.shape, dtype: array.type.rawValue)
        } catch {
          throw RunFailure(.output(error), stageIndex: stage)
        }
      }
    }
  }

  /// Writes the pictures of an image's patches.
  private func add(
    _ dataset: DatasetOutput, _ prepared: Preparation, _ slot: PipelineCollector.Slot,
    _ array: ValueArray, _ cancellation: Cancellation
  ) throws(RunFailure) {
    let stage = dataset.destination.stageIndex
    guard let planned = prepared.plan.dataset(ofStage: stage),
      case .patches(_, let channels, let size) = planned.form.contents
    else { preconditionFailure("stages[\(stage)] makes pictures of patches") }
    do throws(RunError) {
      for file in try dataset.tiles(of: prepared.item, planned, array, cancellation) {
        slot.add(
          file, shape: [channels, size.height, size.width],
          dtype: planned.form.storedType.rawValue)
      }
    } catch {
      throw RunFailure(error, stageIndex: stage)
    }
  }

  private func enter(
    _ dataset: DatasetOutput, _ prepared: Preparation, _ slot: PipelineCollector.Slot,
    array: ValueArray?, picture: AtomicFile?, _ result: inout InputResult
  ) {
    let stage = dataset.destination.stageIndex
    guard let planned = prepared.plan.dataset(ofStage: stage) else {
      preconditionFailure("stages[\(stage)] has a place in a dataset")
    }
    let entry = dataset.entry(
      of: prepared.item, planned, source: prepared.plan.source.layout.shape, array: array,
      picture: picture)
    if dataset.files.imagesPerShard != nil { slot.add(entry, ofStage: stage) }
    result.entries.append(
      (
        stage,
        [
          "basis": JSONValue(.string(dataset.common.digest)),
          "row": JSONValue(.object(entry.row)),
        ]
      ))
  }

  /// A file of one image's values.
  private static func safetensors(
    _ array: ValueArray, at path: String
  ) throws(FileError) -> AtomicFile {
    let file = try AtomicFile(at: path)
    let header = SafetensorsHeader([
      SafetensorsHeader.Tensor("patches", array.type, array.shape)
    ])
    try file.write(header.bytes())
    try file.append(array)
    return file
  }
}

extension DatasetOutput {
  /// Whether images go into it as pictures.
  var holdsPictures: Bool {
    guard format == .webdataset, case .image = common.reference?.form.contents else {
      return false
    }
    return true
  }

  /// The type of the values in it.
  var dtype: String { common.reference?.form.storedType.rawValue ?? "" }

  /// Begins a file of many images; `nil` where no image could be planned.
  func shardFile(at path: String, images: Int) throws(FileError) -> (any ShardFile)? {
    guard let reference = common.reference else { return nil }
    let file = try AtomicFile(at: path)
    switch format {
    case .npy: return try NPYShard(file, reference.form, shape: reference.shape)
    case .safetensors:
      return try SafetensorsShard(
        file, reference.form, shape: reference.shape, companions: [], images: images)
    case .webdataset: return try TarShard(file)
    case .png, .jpeg, .imagefolder, .tiles:
      preconditionFailure("\(format.rawValue) has a file for each picture")
    }
  }
}

/// The indices of several datasets.
final class DatasetIndices: RunIndex {
  private let indices: [DatasetIndex]

  init(_ indices: [DatasetIndex]) { self.indices = indices }

  var paths: [String] { indices.flatMap(\.paths) }

  func isFree(_ path: String) -> Bool { indices.allSatisfy { $0.isFree(path) } }

  func add(_ item: Item, at index: Int, details: String?) {
    for each in indices { each.add(item, at: index, details: details) }
  }

  func finish() throws(FileError) {
    for each in indices { try each.finish() }
  }

  func discard() {
    for each in indices { each.discard() }
  }
}

extension Pipeline {
  /// The datasets that the pipeline writes.
  ///
  /// - Throws: `PipelineFileError` where a table of labels cannot be read, or two datasets do not go
  ///   together.
  func datasets(
    to destinations: [Destination]
  ) throws(PipelineFileError) -> [DatasetOutput] {
    var datasets: [DatasetOutput] = []
    var diagnostics: [Diagnostic] = []
    for (index, files) in outputStages {
      guard let settings = files.dataset,
        let destination = destinations.first(where: { $0.stageIndex == index })
      else { continue }
      if let first = datasets.first {
        let other = "stages[\(first.destination.stageIndex)]"
        if first.files.imagesPerShard != settings.imagesPerShard {
          diagnostics.append(
            diagnostic(
              stage: index, key: "images_per_shard", expected: "as many images as in \(other)",
              found: "another number; one run cuts all datasets alike"))
        }
        if first.files.split != settings.split {
          diagnostics.append(
            diagnostic(
              stage: index, key: "split", expected: "the parts of \(other)",
              found: "others; one run parts all datasets alike"))
        }
      }
      do throws(LabelTableError) {
        datasets.append(
          try DatasetOutput(destination, settings, format: files.format, resolving: resolve))
      } catch {
        diagnostics.append(
          diagnostic(
            stage: index, key: "labels", expected: "a readable table of labels", found: "\(error)"))
      }
    }
    guard diagnostics.isEmpty else { throw PipelineFileError(diagnostics, file: file) }
    return datasets
  }
}
