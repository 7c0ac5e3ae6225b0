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

  let dataset: DatasetOutput
  let heading: [JSONMember]
  /// The stages that made the values.
  let stages: JSONValue
  private let summary: IndexFile
  private var images: IndexFile
  /// A `metadata.jsonl` for each part.
  private var pictures: [IndexFile] = []
  var shards: [Shard] = []
  /// Files that images share, from those of this dataset on.
  private let sharedFromEnd: Int
  /// Where the parts of the dataset begin among the items of the run.
  private var firstItems: [Int: Int] = [:]
  /// Names that look like those of shards, whoever has written them.
  private var writtenNames: Set<PathKey> = []
  var imageCount = 0
  var patchCount = 0
  var decoders: Set<String> = []
  /// Labels that came along with the inputs.
  var foundLabels: Set<PathKey> = []

  /// Begins without a file: folders are made when there is something to tell.
  ///
  /// - Parameters:
  ///   - dataset: what it tells of.
  ///   - pipeline: the pipeline.
  ///   - recipe: its digest.
  ///   - sharedFromEnd: how many files images share, from those of this dataset on.
  init(_ dataset: DatasetOutput, of pipeline: Pipeline, recipe: String, sharedFromEnd: Int) {
    self.dataset = dataset
    self.sharedFromEnd = sharedFromEnd
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
    let patches = entry.first { $0.key == "patches" }?.value.number?.count ?? 0
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

  /// The shared file among the outputs of an item: its own come first, and then those of the datasets.
  private func output(in report: JSONValue, named name: String) -> Shard? {
    let outputs = report["outputs"]?.elements ?? []
    let names = outputs.map { Path.name(of: $0["path"]?.string ?? "") }
    // Another stage may call its files as shards are called.
    for name in names where dataset.isShard(name) { writtenNames.insert(PathKey(name)) }
    let place = outputs.count - sharedFromEnd
    guard outputs.indices.contains(place), names[place].utf8.elementsEqual(name.utf8) else {
      return nil
    }
    return Shard(
      name: name, byteCount: outputs[place]["bytes"]?.number?.integer ?? 0,
      hash: outputs[place]["xxh64"]?.string ?? "", firstImage: imageCount)
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
