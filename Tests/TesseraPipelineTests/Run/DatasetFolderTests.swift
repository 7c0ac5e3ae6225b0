import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraPipeline

/// Datasets and other outputs in one folder, and what dataset.json tells.
@Suite struct DatasetFolderTests {
  private static let cut = #"{"stage": "unfold", "kernel_size": 16, "stride": 16}"#
  private static let shards = #"{"stage": "encode", "format": "npy", "images_per_shard": 2}"#

  @Test("Two datasets in one folder are refused", arguments: ["npy", "webdataset"])
  func twoDatasets(_ format: String) async throws {
    let bench = try DatasetBench(["a.png"])
    let second =
      #"{"stage": "encode", "format": "\#(format)", "images_per_shard": 2, "path": "x/."}"#
    let first = #"{"stage": "encode", "format": "safetensors", "images_per_shard": 2, "path": "x"}"#
    let error = await #expect(throws: PipelineFileError.self) {
      try await bench.run("\(Self.cut), \(first), \(second)")
    }
    let message = error?.description ?? ""
    #expect(message.contains("stages[3] (encode).path") && message.contains("folder of its own"))
  }

  @Test("A dataset of images says that it has no patches", arguments: ["npy", "safetensors"])
  func images(_ format: String) async throws {
    let bench = try DatasetBench(["a.png"])
    let crop = #"{"stage": "crop", "size": 16}"#
    try await bench.run(
      #"\#(crop), {"stage": "encode", "format": "\#(format)", "images_per_shard": 2}"#)
    let dataset = try Dataset(folder: bench.folder.path("out"))
    let image = try #require(try dataset.image("a"))
    let error = #expect(throws: CodecError.self) { try dataset.patches(of: image) }
    #expect(error?.description.contains("a dataset of images, which has no patches") == true)
  }

  @Test("A picture that has the name of one of the image's own patches is refused, before work")
  func pictureAmongTiles() async throws {
    let bench = try DatasetBench(["a.png"])
    for place in ["r0_c0", "r1_c1"] {
      let picture = #"{"stage": "encode", "name": "{stem}_\#(place).png"}"#
      let stages = #"\#(picture), \#(Self.cut), {"stage": "encode", "format": "tiles"}"#
      do {
        let summary = try await bench.run(stages)
        #expect(summary.reasons.allSatisfy { $0.hasPrefix("conflict: two stages") })
        #expect(summary.exitStatus != .done)
      } catch let error as BatchError {
        #expect(error.description.contains("two stages would both write"))
      }
      #expect(bench.folder.tree("out").allSatisfy { !$0.hasSuffix(".png") })
    }
  }

  @Test("A file of one image that is called as a shard might be is none, and stays")
  func filesLikeShards() async throws {
    let bench = try DatasetBench(["data.png"])
    let own = #"{"stage": "encode", "format": "npy", "name": "{stem}-00001.npy"}"#
    for _ in 0..<2 {
      let summary = try await bench.run("\(own), \(Self.cut), \(Self.shards)")
      #expect(summary.exitStatus == .done, "\(summary.reasons)")
      let files = bench.folder.tree("out").filter { $0.hasSuffix(".npy") }
      #expect(files == ["out/data-00000.npy", "out/data-00001.npy"])
      let description = try bench.object("out/dataset.json")
      let shards = description["shards"]?.elements ?? []
      #expect(shards.compactMap { $0["file"]?.string } == ["data-00000.npy"])
      #expect(shards.first?["patches"]?.number?.integer == 4)
    }
  }

  @Test("Two datasets of one run each tell of their own shards", arguments: ["b", "a/b", "."])
  func twoFolders(_ second: String) async throws {
    let bench = try DatasetBench(["x.png"])
    let encode = { (folder: String, dtype: String) in
      #"{"stage": "encode", "format": "npy", "images_per_shard": 2, "path": "\#(folder)", "#
        + #""dtype": "\#(dtype)"}"#
    }
    let stages = "\(Self.cut), \(encode("a", "uint8")), \(encode(second, "float32"))"
    let summary = try await bench.pipeline(stages).run(onFolder: bench.folder.path("in"))
    #expect(summary.exitStatus == .done, "\(summary.reasons)")
    for (folder, width) in [("a", 1), (second, 4)] {
      let shard = try bench.object("\(folder)/dataset.json")["shards"]?.elements?.first
      let bytes = try FileSystem.content(of: bench.folder.path("\(folder)/data-00000.npy"))
      #expect(bytes.count == 128 + width * 4 * 768)
      #expect(shard?["bytes"]?.number?.integer == bytes.count)
      #expect(shard?["xxh64"]?.string == XXHash64.hash(bytes).hexadecimal)
    }
  }

  @Test("Shards of parts are told of under their own numbers")
  func parts() async throws {
    let bench = try DatasetBench((0..<9).map { "\($0).png" })
    let split =
      #"{"stage": "encode", "format": "npy", "images_per_shard": 2, "split": {"val": 0.4}}"#
    #expect(try await bench.run("\(Self.cut), \(split)").exitStatus == .done)
    let shards = try bench.object("out/dataset.json")["shards"]?.elements ?? []
    let names = shards.compactMap { $0["file"]?.string }
    let rows = try bench.lines("out/images.jsonl")
    for part in ["train", "val"] {
      let count = rows.count { $0["split"]?.string == part }
      #expect(count > 1)
      #expect(
        names.filter { $0.hasPrefix(part) } == (0..<(count + 1) / 2).map { "\(part)-0000\($0).npy" }
      )
    }
    #expect(rows.allSatisfy { names.contains($0["shard"]?.string ?? "") })
  }

  @Test(
    "dataset.json says whether arrays are joined, where there are arrays of many images",
    arguments: [
      ("npy", true, false), ("npy", false, true), ("safetensors", true, false),
      ("safetensors", false, true), ("webdataset", true, nil),
    ] as [(String, Bool, Bool?)])
  func joined(_ format: String, isFixed: Bool, _ expected: Bool?) async throws {
    let bench = try DatasetBench(["a.png"])
    let resize = isFixed ? #"{"stage": "resize", "size": [32, 32]}, "# : ""
    let encode = #"{"stage": "encode", "format": "\#(format)", "images_per_shard": 2}"#
    #expect(try await bench.run("\(resize)\(Self.cut), \(encode)").exitStatus == .done)
    let description = try bench.object("out/dataset.json")
    let found: Bool? =
      if case .bool(let joined) = description["joined"]?.kind { joined } else { nil }
    #expect(found == expected)
  }

  @Test(
    "Means and deviations are told as they are written",
    arguments: [
      (#"{"stage": "preset", "name": "clip"}"#, [0.48145466, 0.4578275, 0.40821073]),
      (#"{"stage": "normalize", "mean": [0.1, 0.123456789012, 0.3]}"#, [0.1, 0.123456789012, 0.3]),
      (
        #"{"stage": "normalize", "scale": "none", "mean": 127.5, "std": 3}"#, [127.5, 127.5, 127.5]
      ),
    ])
  func constants(_ stage: String, _ means: [Double]) async throws {
    let bench = try DatasetBench(["a.png"])
    #expect(try await bench.run("\(stage), \(Self.cut), \(Self.shards)").exitStatus == .done)
    let normalize = try bench.object("out/dataset.json")["normalize"]
    #expect(normalize?["mean"]?.elements?.compactMap(\.number?.value) == means)
  }

  @Test("An image without a label is refused with the key, the table and the name that is missing")
  func missingLabel() async throws {
    let bench = try DatasetBench(["a.png"])
    try bench.folder.write("file_name,label\nb.png,x\n", to: "labels.csv")
    let encode =
      #"{"stage": "encode", "format": "npy", "images_per_shard": 2, "labels": {"file": "labels.csv"}}"#
    let summary = try await bench.run("\(Self.cut), \(encode)")
    #expect(summary.exitStatus == .badPipeline)
    let reason = summary.reasons.first ?? ""
    for word in ["stages[2] (encode).labels: ", "labels.csv'", "'a.png'"] {
      #expect(reason.contains(word), "\(reason)")
    }
  }
}
