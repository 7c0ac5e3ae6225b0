import RandomPipelines
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraFiles

/// A dataset that follows from a seed: views of images, choices of patches, formats, parts and labels
/// crossed with each other.
private struct RandomDataset {
  enum Choice: CaseIterable { case none, sample, mask, select }

  let format: String
  let imagesPerShard: Int?
  let views: Int
  let isCut: Bool
  let hasFixedSize: Bool
  let choice: Choice
  let hasLabels: Bool
  let hasSplit: Bool
  /// Sides of the images, by name.
  let images: [(name: String, side: Int)]
  private let seed: Int

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    format = random.pick([
      "npy", "npy", "safetensors", "webdataset", "webdataset", "imagefolder", "tiles",
    ])
    let holdsPictures = ["imagefolder", "tiles"].contains(format)
    let isArray = ["npy", "safetensors"].contains(format)
    imagesPerShard =
      holdsPictures || isArray && random.chance(20) ? nil : random.number(1...5)
    views = random.pick([1, 1, 2, 3])
    isCut = holdsPictures || random.chance(75)
    choice = isCut ? random.pick(Choice.allCases) : .none
    // Arrays with a place for every block, and images in arrays, need one size.
    hasFixedSize = choice == .mask || !isCut && isArray || random.chance(50)
    let isDataset = imagesPerShard != nil || holdsPictures
    hasLabels = isDataset && random.chance(50)
    hasSplit = isDataset && random.chance(40)
    images = (0..<random.number(1...6)).map {
      (random.pick(["a", "b", "a/c"]) + "/\($0).png", random.number(9...40))
    }
    self.seed = random.number(0...99)
  }

  var isDataset: Bool { imagesPerShard != nil || format != "npy" && format != "safetensors" }

  var text: String {
    var stages = [views > 1 ? #"{"stage": "load", "repeat": \#(views)}"# : #"{"stage": "load"}"#]
    if views > 1 {
      stages.append(#"{"stage": "flip", "seed": \#(seed)}"#)
      if hasFixedSize {
        stages.append(#"{"stage": "random_resized_crop", "size": [24, 24], "seed": \#(seed)}"#)
      }
    } else if hasFixedSize {
      stages.append(#"{"stage": "resize", "size": [24, 24]}"#)
    }
    if isCut {
      stages.append(#"{"stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad"}"#)
    }
    switch choice {
    case .none: break
    case .sample: stages.append(#"{"stage": "sample", "fraction": 0.4, "seed": \#(seed)}"#)
    case .mask: stages.append(#"{"stage": "mask", "ratio": 0.5, "seed": \#(seed)}"#)
    case .select: stages.append(#"{"stage": "select", "by": "mean", "min": 127}"#)
    }
    var keys = imagesPerShard.map { #", "images_per_shard": \#($0)"# } ?? ""
    if hasLabels { keys += #", "labels": "folder""# }
    if hasSplit { keys += #", "split": {"val": 0.4, "seed": \#(seed)}"# }
    stages.append(#"{"stage": "encode", "format": "\#(format)"\#(keys)}"#)
    return #"{"version": 1, "stages": [\#(stages.joined(separator: ", "))]}"#
  }
}

@Suite struct RandomDatasetTests {
  /// The files of a folder but those that tell of the run.
  private func files(_ bench: DatasetBench, _ folder: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in bench.folder.tree(folder) where !path.hasSuffix("/") {
      let name = String(path.dropFirst(folder.utf8.count + 1))
      if !name.hasPrefix("."), name != "report.jsonl" { files[name] = bench.folder.content(path) }
    }
    return files
  }

  @Test(
    "What is told of a dataset is what it holds, whoever works on it and however often",
    arguments: 0..<60 as Range<UInt64>)
  func datasets(seed: UInt64) async throws {
    let work = RandomDataset(seed: seed)
    let bench = try DatasetBench()
    for (index, image) in work.images.enumerated() {
      try bench.save("in/\(image.name)", side: image.side, seed: seed + UInt64(index))
    }
    let pipeline = try Pipeline(parsing: work.text, file: bench.folder.path("p.json"))
    var summaries: [RunSummary] = []
    for (jobs, output) in [(1, "out"), (2, "out"), (2, "other")] {
      let options = FolderOptions { $0.jobs = jobs }
      summaries.append(
        try await pipeline.run(
          onFolder: bench.folder.path("in"), to: bench.folder.path(output), options: options))
    }
    let count = work.images.count * work.views
    for summary in summaries {
      #expect(summary.exitStatus == .done, "\(work.text) \(summary.reasons)")
    }
    // An image that has given no file has nothing that would prove it done.
    let ended = try bench.lines("other/report.jsonl").count {
      $0["outputs"]?.elements?.isEmpty == false
    }
    #expect(summaries[1].progress.skippedCount == ended, "\(work.text)")
    let written = files(bench, "out")
    #expect(written == files(bench, "other"), "\(work.text)")
    let report = try bench.lines("out/report.jsonl")
    for line in report {
      let (blocks, dropped) = (line["blocks"]?.number?.integer, line["dropped"]?.number?.integer)
      #expect((dropped != nil) == (work.choice != .none) && dropped ?? 0 <= blocks ?? 0)
    }
    if work.isDataset {
      try checkIndex(bench, work, count)
    } else {
      #expect(written.count >= count)
    }
  }

  private func checkIndex(_ bench: DatasetBench, _ work: RandomDataset, _ count: Int) throws {
    let rows = try bench.lines("out/images.jsonl")
    let description = try bench.object("out/dataset.json")
    let number = { (value: JSONValue?, key: String) in value?[key]?.number?.integer ?? 0 }
    let patches = rows.map { number($0, "patches") }
    #expect(rows.count == count && number(description, "images") == count)
    #expect(number(description, "patches") == patches.reduce(0, +))
    #expect(Set(rows.compactMap { $0["key"]?.string }).count == count)
    #expect(rows.allSatisfy { ($0["label"] != nil) == work.hasLabels })
    #expect(rows.allSatisfy { ($0["split"] != nil) == work.hasSplit })
    let report = try bench.lines("out/report.jsonl")
    for (row, line) in zip(rows, report) where work.isCut {
      #expect(number(row, "patches") == number(line, "blocks") - number(line, "dropped"))
    }
    var first = 0
    for shard in description["shards"]?.elements ?? [] {
      let name = shard["file"]?.string ?? ""
      let own = rows.indices.filter { rows[$0]["shard"]?.string == name }
      #expect(own == Array(first..<first + number(shard, "images")))
      #expect(number(shard, "first_image") == first)
      first += own.count
      let bytes = try FileSystem.content(of: bench.folder.path("out/\(name)"))
      #expect(number(shard, "bytes") == bytes.count)
      #expect(shard["xxh64"]?.string == XXHash64.hash(bytes).hexadecimal)
      guard work.format == "npy" else { continue }
      let isJoined = description["joined"] == true
      let shape = try NPYFileReader(path: bench.folder.path("out/\(name)")).shape
      let held = own.reduce(0) { $0 + patches[$1] }
      #expect(shape[0] == (isJoined ? held : own.count))
      #expect(isJoined == (work.isCut && (!work.hasFixedSize || work.choice == .select)))
    }
    #expect(first == (work.imagesPerShard == nil ? 0 : count))
  }
}
