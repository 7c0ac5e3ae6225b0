import TesseraConfiguration
import TesseraFiles
import Testing

@testable import Tessera
@testable import TesseraBatch

/// Images in tar archives: what they are called, their labels, and archives that are none.
@Suite struct ArchiveInputTests {
  private static let encode = #"{"stage": "encode", "format": "webdataset", "images_per_shard": 9}"#

  @Test("The label by folder is the first folder in the archive, not the archive's name")
  func folderLabels() async throws {
    let bench = try DatasetBench()
    let image = try bench.save("image.png")
    try bench.saveArchive(
      "in/x.tar", [("cat/1.png", image), ("dog/old/2.png", image), ("./dog/3.png", image)])
    let labelled = Self.encode.dropLast() + #", "labels": "folder"}"#
    #expect(try await bench.run(String(labelled)).exitStatus == .done)
    #expect(
      try bench.lines("out/images.jsonl").map { $0["label"]?.string } == ["dog", "cat", "dog"])
    #expect(
      try bench.object("out/dataset.json")["classes"]?.elements?.map(\.string) == ["cat", "dog"])
    try bench.saveArchive("loose.tar", [("1.png", image)])
    let loose = try await bench.run(String(labelled), on: "loose.tar", to: "other")
    #expect(loose.reasons.allSatisfy { $0.contains("lies in no folder") } && !loose.reasons.isEmpty)
  }

  @Test("Classes that came along are listed, and go along as they are")
  func classes() async throws {
    let bench = try DatasetBench()
    let image = try bench.save("image.png")
    let members = [10, 9, 10].enumerated().flatMap { index, number in
      [("\(index).cls", Array("\(number)".utf8)), ("\(index).png", image)]
    }
    try bench.saveArchive("in/x.tar", members)
    for output in ["out", "out"] {
      #expect(try await bench.run(Self.encode, to: output).exitStatus == .done)
      #expect(
        try bench.lines("out/images.jsonl").map { $0["label"]?.string } == ["10", "9", "10"])
      #expect(
        try bench.object("out/dataset.json")["classes"]?.elements?.map(\.string) == ["10", "9"])
    }
    let again = try await bench.run(
      #"{"stage": "encode", "format": "npy"}"#, on: "out/data-00000.tar", to: "plain")
    #expect(again.exitStatus == .done)
    #expect(bench.folder.content("out/dataset.json") != nil)
  }

  @Test("What is no tar archive says what it is")
  func noArchives() async throws {
    let bench = try DatasetBench()
    let files: [(String, [UInt8], String)] = [
      ("empty", [], "malformed: expected a tar archive, found an empty file"),
      (
        "gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0],
        "unsupported: it is compressed with gzip; decompress"
      ),
      (
        "zstd", [0x28, 0xB5, 0x2F, 0xFD, 0, 0],
        "unsupported: it is compressed with zstd; decompress"
      ),
      (
        "xz", [0xFD] + Array("7zXZ".utf8) + [0], "unsupported: it is compressed with xz; decompress"
      ),
    ]
    for (name, bytes, message) in files {
      try bench.folder.write(bytes, to: "\(name)/x.tar")
      let summary = try await bench.run(Self.encode, on: name, to: "out-\(name)")
      #expect(
        summary.reasons.count == 1 && summary.reasons[0].hasPrefix(message), "\(summary.reasons)")
    }
  }

  @Test("Two archives with one key are refused by the names of the members")
  func sameKey() async throws {
    let bench = try DatasetBench()
    let image = try bench.save("image.png")
    for name in ["a", "b"] { try bench.saveArchive("in/\(name).tar", [("c/1.png", image)]) }
    let error = await #expect(throws: BatchError.self) { try await bench.run(Self.encode) }
    let message = error?.description ?? ""
    for word in ["a.tar/c/1.png'", "b.tar/c/1.png'", "'c/1'", "rename them"] {
      #expect(message.contains(word), "\(message)")
    }
    #expect(!message.contains("`name`"))
  }

  @Test("Hidden members are no inputs, as hidden files are none")
  func hiddenMembers() async throws {
    let bench = try DatasetBench()
    let image = try bench.save("image.png")
    try bench.saveArchive("x.tar", [(".a.png", image), ("b/.c.png", image), (".d/e.png", image)])
    let hidden = try await bench.run(Self.encode, on: "x.tar", to: "out")
    try bench.saveArchive("y.tar", [(".a.png", image), ("b/c.png", image), ("b/.c.png", image)])
    let one = try await bench.run(Self.encode, on: "y.tar", to: "other")
    #expect(hidden.progress.total == 1 && one.progress.total == 1)
    #expect(try bench.lines("other/images.jsonl").map { $0["key"]?.string } == ["b/c"])
  }
}
