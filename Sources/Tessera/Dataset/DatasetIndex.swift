import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads
import TesseraPipeline

/// Writes `images.jsonl` while items come by, and `dataset.json` in the end.
final class DatasetIndex {
  /// A file of many images.
  struct Shard {
    var name: String
    var byteCount: Int
    var hash: String
    var firstImage: Int
    var imageCount = 0
    var patchCount = 0
  }

  private let dataset: DatasetOutput
  private let heading: [JSONMember]
  /// The stages that made the values.
  private let stages: JSONValue
  private let summary: IndexFile
  private var images: IndexFile
  /// A `metadata.jsonl` for each part.
  private var pictures: [IndexFile] = []
  private var shards: [Shard] = []
  /// Where the parts of the dataset begin among the items of the run.
  private var firstItems: [Int: Int] = [:]
  /// Names that look like those of shards, whoever has written them.
  private var writtenNames: Set<PathKey> = []
  private var imageCount = 0
  private var patchCount = 0
  private var decoders: Set<String> = []
  /// Labels that came along with the inputs.
  private var foundLabels: Set<PathKey> = []

  /// Begins without a file: folders are made when there is something to tell.
  ///
  /// - Parameters:
  ///   - dataset: what it tells of.
  ///   - pipeline: the pipeline.
  ///   - recipe: its digest.
  init(_ dataset: DatasetOutput, of pipeline: Pipeline, recipe: String) {
    self.dataset = dataset
    stages = pipeline.provenance(before: dataset.destination.stageIndex)
    heading = [
      JSONMember("version", JSONValue(1)),
      JSONMember("tessera", JSONValue(.string(TesseraVersion.text))),
      JSONMember("pipeline", JSONValue(.string(recipe))),
      JSONMember("format", JSONValue(.string(dataset.format.rawValue))),
    ]
    let folder = dataset.destination.directory
    images = IndexFile(Path.join(folder, "images.jsonl"))
    summary = IndexFile(Path.join(folder, "dataset.json"))
    if dataset.format == .imagefolder {
      pictures = (0..<(dataset.files.split?.names.count ?? 1)).map {
        IndexFile(Path.join(dataset.folder(ofPart: $0), "metadata.jsonl"))
      }
    }
  }

  private var files: [IndexFile] { [images] + pictures + [summary] }
}

extension DatasetIndex: RunIndex {
  var paths: [String] { files.map(\.path) }

  /// Whether a file begins as ours do.
  func isFree(_ path: String) -> Bool { IndexFile.isFree(path) }

  func add(_ item: Item, at index: Int, details: String?) {
    let part = dataset.part(of: item)
    let firstItem = firstItems[part] ?? index
    firstItems[part] = firstItem
    guard let details, let report = try? JSONParser.parse(Array(details.utf8)),
      let entry = report["dataset"]?[String(dataset.destination.stageIndex)]?["row"]?.members
    else { return }
    if let decoder = report["decoder"]?.string { decoders.insert(decoder) }
    if dataset.files.labels == nil,
      let label = entry.first(where: { $0.key == "label" })?.value.string
    {
      foundLabels.insert(PathKey(label))
    }
    let patches = entry.first { $0.key == "patches" }?.value.number?.integer ?? 0
    var name: String?
    var firstPatch = 0
    if let count = dataset.files.imagesPerShard {
      let number = (index - firstItem) / count
      let paths = dataset.paths(of: ShardPlace(items: index..<index, part: part, number: number))
      guard let file = output(in: report, named: Path.name(of: paths[0])) else { return }
      if shards.last?.name != file.name { shards.append(file) }
      name = file.name
      firstPatch = shards[shards.count - 1].patchCount
      shards[shards.count - 1].imageCount += 1
      shards[shards.count - 1].patchCount += patches
    }
    imageCount += 1
    patchCount += patches
    images.append(DatasetRow.text(entry, shard: name, firstPatch: firstPatch) + "\n")
    if !pictures.isEmpty, let planned = dataset.common.reference {
      pictures[dataset.part(of: item)].append(
        TileRows(dataset: dataset, planned: planned).text(of: item, entry))
    }
  }

  func isSurplus(_ path: String) -> Bool {
    let name = Path.name(of: path)
    guard dataset.files.imagesPerShard != nil, dataset.isShard(name),
      PathKey(Path.normalized(path))
        == PathKey(Path.normalized(Path.join(dataset.destination.directory, name)))
    else { return false }
    return !writtenNames.contains(PathKey(name))
  }

  /// The shared file among the outputs of an item.
  private func output(in report: JSONValue, named name: String) -> Shard? {
    var shard: Shard?
    for output in report["outputs"]?.elements ?? [] {
      guard let path = output["path"]?.string else { continue }
      let found = Path.name(of: path)
      // Another stage may call its files as shards are called.
      if dataset.isShard(found) { writtenNames.insert(PathKey(found)) }
      guard shard == nil, found.utf8.elementsEqual(name.utf8) else { continue }
      shard = Shard(
        name: name, byteCount: output["bytes"]?.number?.integer ?? 0,
        hash: output["xxh64"]?.string ?? "", firstImage: imageCount)
    }
    return shard
  }

  func finish() throws(FileError) {
    // A folder in which nothing came to lie is not made for an index.
    guard imageCount > 0 else { return }
    summary.append(JSONWriter.compact(JSONValue(.object(description))) + "\n")
    for file in files { try file.close() }
    for file in files { try file.name() }
  }

  func discard() {
    for file in files { file.discard() }
  }
}

extension DatasetIndex {
  /// The members of `dataset.json`.
  private var description: [JSONMember] {
    var members = heading
    let common = dataset.common
    if let planned = common.reference {
      members += planned.description(
        layout: dataset.holdsTiles ? "image" : nil, holdsArrays: dataset.holdsArraysOfMany)
    }
    members.append(JSONMember("stages", stages))
    members.append(JSONMember("images", JSONValue(imageCount)))
    if case .patches = common.reference?.form.contents {
      members.append(JSONMember("patches", JSONValue(patchCount)))
    }
    let classes = dataset.files.labels == nil ? foundLabels.sorted().map(\.path) : common.classes
    if dataset.files.labels != nil || !classes.isEmpty {
      members.append(
        JSONMember("classes", JSONValue(.array(classes.map { JSONValue(.string($0)) }))))
    }
    let names = decoders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    members.append(
      JSONMember("decoders", JSONValue(.array(names.map { JSONValue(.string($0)) }))))
    if dataset.files.imagesPerShard != nil {
      members.append(JSONMember("shards", JSONValue(.array(shards.map(\.description)))))
    }
    return members
  }
}

extension DatasetIndex.Shard {
  fileprivate var description: JSONValue {
    [
      "file": JSONValue(.string(name)), "bytes": JSONValue(byteCount),
      "xxh64": JSONValue(.string(hash)), "first_image": JSONValue(firstImage),
      "images": JSONValue(imageCount), "patches": JSONValue(patchCount),
    ]
  }
}

extension PlannedDataset {
  /// What all images have in common, as members of `dataset.json`.
  ///
  /// - Parameters:
  ///   - layout: what stands in place of the order of patches.
  ///   - holdsArrays: whether arrays of several images become one.
  /// - Returns: the members in order.
  fileprivate func description(layout: String?, holdsArrays: Bool) -> [JSONMember] {
    var members: [JSONMember] = []
    let dtype = JSONMember("dtype", JSONValue(.string(form.storedType.rawValue)))
    switch form.contents {
    case .patches(let order, let channels, let size):
      members += [
        JSONMember("layout", JSONValue(.string(layout ?? order.rawValue))), dtype,
        JSONMember("patch", JSONValue([channels, size.height, size.width])),
      ]
    case .image(let channels, let size):
      members += [JSONMember("layout", "images"), dtype]
      if let size {
        members.append(JSONMember("image", JSONValue([channels, size.height, size.width])))
      }
    }
    if holdsArrays { members.append(JSONMember("joined", JSONValue(.bool(form.isJoined)))) }
    if let window { members.append(JSONMember("geometry", window.description)) }
    if hasAlpha { members.append(JSONMember("alpha", JSONValue(.bool(true)))) }
    if let pixelType, pixelType != .float32 {
      members.append(JSONMember("pixels", JSONValue(.string(pixelType.rawValue))))
    }
    if let preset { members.append(JSONMember("preset", JSONValue(.string(preset)))) }
    if let normalization {
      members.append(JSONMember("normalize", normalization.description))
    }
    return members
  }
}

extension StoredNormalization {
  /// An object with scale, mean and std.
  var description: JSONValue {
    let list = { (values: [Double]) in
      JSONValue(.array(values.map { JSONValue(.number(JSONNumber($0))) }))
    }
    return [
      "scale": JSONValue(.number(JSONNumber(scale))), "mean": list(mean), "std": list(std),
    ]
  }
}

extension Window {
  /// The keys of an unfold.
  fileprivate var description: JSONValue {
    let pair = { (size: Size) in JSONValue([size.height, size.width]) }
    let before: JSONValue
    switch padding {
    case .symmetric(let size): before = pair(size)
    case .same: before = "same"
    }
    return [
      "kernel_size": pair(kernelSize), "stride": pair(stride), "padding": before,
      "dilation": pair(dilation), "padding_mode": JSONValue(.string(paddingMode.rawValue)),
      "edge": JSONValue(.string(edge.rawValue)),
    ]
  }
}
