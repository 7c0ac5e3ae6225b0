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
    for index in prepared.plan.stagesKeptInMemory { names[index] = nil }
    for dataset in datasets where dataset.holdsPictures {
      let stage = dataset.destination.stageIndex
      names[stage] = [Path.join(dataset.destination.directory, "picture")]
    }
    return names
  }

  /// Bytes of what goes along with the patches, which safetensors files have before these: it is kept
  /// until the file ends, and put together then.
  public func collectorByteCount(for shard: Shard, plans: [PlannedInput?]) -> Int {
    datasets.filter { $0.format == .safetensors && $0.files.imagesPerShard != nil }.reduce(0) {
      let bytes = $1.common.reference?.form.companions.reduce(0) { $0 + $1.tensor.byteCount } ?? 0
      return $0.saturating(plus: (3 * bytes).saturating(times: shard.items.count))
    }
  }

  /// Gives what came of an image to the files that it belongs to.
  func hand(
    over image: ImageResult, of prepared: Preparation, to slot: PipelineCollector.Slot,
    _ result: inout InputResult, _ cancellation: Cancellation
  ) throws(InputFailure) {
    let pictures = datasets.filter(\.holdsPictures).map(\.destination.stageIndex)
    for file in image.files {
      if let dataset = datasets.first(where: { $0.destination.stageIndex == file.stageIndex }),
        pictures.contains(file.stageIndex)
      {
        try enter(dataset, prepared, slot, array: nil, blocks: nil, picture: file.file, &result)
      } else {
        slot.add(file.file, shape: file.shape, dtype: file.dtype)
      }
    }
    for (stage, array) in image.arrays {
      guard let file = prepared.plan.file(ofStage: stage) else {
        preconditionFailure("stages[\(stage)] has planned what it writes")
      }
      let array = file.paddedBlockCount.map { array.padded(to: $0) } ?? array
      if let dataset = datasets.first(where: { $0.destination.stageIndex == stage }) {
        let blocks = image.keptBlocks[stage]
        if dataset.holdsTiles {
          try add(dataset, prepared, slot, array, blocks: blocks, cancellation)
        }
        try enter(
          dataset, prepared, slot, array: array, blocks: blocks, picture: nil, &result)
      } else if let paths = prepared.outputs[stage] {
        do throws(FileError) {
          for written in try Self.write(array, file, at: paths) {
            slot.add(written.file, shape: written.shape, dtype: written.type.rawValue)
          }
        } catch {
          throw InputFailure(output: error, stageIndex: stage)
        }
      }
    }
  }

  /// Writes the pictures of an image's patches.
  private func add(
    _ dataset: DatasetOutput, _ prepared: Preparation, _ slot: PipelineCollector.Slot,
    _ array: ValueArray, blocks: [Int]?, _ cancellation: Cancellation
  ) throws(InputFailure) {
    let stage = dataset.destination.stageIndex
    guard let planned = prepared.plan.dataset(ofStage: stage),
      case .patches(_, let channels, let size) = planned.form.contents
    else { preconditionFailure("stages[\(stage)] makes pictures of patches") }
    do throws(RunError) {
      for file in try dataset.tiles(
        of: prepared.item, planned, array, blocks: blocks, cancellation)
      {
        slot.add(
          file, shape: [channels, size.height, size.width],
          dtype: planned.form.storedType.rawValue)
      }
    } catch {
      throw InputFailure(RunFailure(error, stageIndex: stage))
    }
  }

  private func enter(
    _ dataset: DatasetOutput, _ prepared: Preparation, _ slot: PipelineCollector.Slot,
    array: ValueArray?, blocks: [Int]?, picture: AtomicFile?, _ result: inout InputResult
  ) throws(InputFailure) {
    let stage = dataset.destination.stageIndex
    guard let planned = prepared.plan.dataset(ofStage: stage) else {
      preconditionFailure("stages[\(stage)] has a place in a dataset")
    }
    let entry = try dataset.entry(
      of: prepared.item, planned, source: prepared.plan.source.layout.shape, array: array,
      blocks: blocks, picture: picture)
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

  /// One of the files of an image's arrays, whole and without a name.
  private typealias Written = (file: AtomicFile, shape: [Int], type: StoredType)

  /// Writes the patches of one image, and what goes along: into one file, or a file each.
  private static func write(
    _ array: ValueArray, _ planned: PlannedFile, at paths: [String]
  ) throws(FileError) -> [Written] {
    if planned.format == .safetensors {
      let file = try AtomicFile(at: paths[0])
      let tensors = planned.companions.map(\.form.tensor)
      let main = SafetensorsHeader.Tensor(planned.tensorName, array.type, array.shape)
      try file.write(SafetensorsHeader(tensors + [main]).bytes())
      for companion in planned.companions { try file.write(companion.bytes) }
      try file.append(array)
      return [(file, array.shape, array.type)]
    }
    let file = try AtomicFile(at: paths[0])
    try file.write(NPYFileWriter.header(shape: array.shape, storedType: array.type))
    try file.append(array)
    var written: [Written] = [(file, array.shape, array.type)]
    for (companion, path) in zip(planned.companions, paths.dropFirst()) {
      let file = try AtomicFile(at: path)
      let form = companion.form
      try file.write(NPYFileWriter.header(shape: form.shape, storedType: form.type))
      try file.write(companion.bytes)
      written.append((file, form.shape, form.type))
    }
    return written
  }
}

extension PlannedFile {
  /// What safetensors calls the patches.
  var tensorName: String { paddedBlockCount == nil ? "patches" : "pixel_values" }
}

extension Companion.Form {
  /// The tensor of one image.
  var tensor: SafetensorsHeader.Tensor { SafetensorsHeader.Tensor(name, type, shape) }
}

extension ValueArray {
  /// The array with rows of zeros after its own.
  func padded(to rows: Int) -> ValueArray {
    let row = shape.dropFirst().reduce(1, *)
    let more = max(rows - shape[0], 0) * row
    let sides = [max(rows, shape[0])] + shape.dropFirst()
    switch values {
    case .uint8(let values):
      return ValueArray(shape: sides, values: .uint8(values + repeatElement(0, count: more)))
    case .uint16(let values):
      return ValueArray(shape: sides, values: .uint16(values + repeatElement(0, count: more)))
    case .float16(let bits):
      return ValueArray(shape: sides, values: .float16(bits: bits + repeatElement(0, count: more)))
    case .bfloat16(let bits):
      return ValueArray(shape: sides, values: .bfloat16(bits: bits + repeatElement(0, count: more)))
    case .float32(let values):
      return ValueArray(shape: sides, values: .float32(values + repeatElement(0, count: more)))
    }
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

  /// Begins the files of a shard; `nil` where no image could be planned.
  func shardFile(at paths: [String], images: Int) throws(FileError) -> (any ShardFile)? {
    guard let reference = common.reference else { return nil }
    var files: [AtomicFile] = []
    for path in paths { files.append(try AtomicFile(at: path)) }
    let file = files[0]
    switch format {
    case .npy: return try NPYShard(files, reference.form, shape: reference.shape)
    case .safetensors:
      return try SafetensorsShard(
        file, reference.form, named: reference.paddedBlockCount == nil ? "patches" : "pixel_values",
        shape: reference.shape, images: images)
    case .webdataset: return try TarShard(file, of: reference.form.storedType)
    case .png, .jpeg, .webp, .tiff, .imagefolder, .tiles:
      preconditionFailure("\(format.rawValue) has a file for each picture")
    }
  }
}
