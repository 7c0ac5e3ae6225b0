import Foundation
import Testing

/// Pages of TIFF files as inputs.
@Suite struct PageInputTests {
  private static let stages = #"{ "stage": "unfold", "kernel_size": 2, "stride": 2 }"#

  /// A folder with a file of several pages, one of a single page, and a picture of another kind.
  private func bench(
    pages: String? = "all", _ file: TIFFFile = TIFFFile([10, 20, 30]),
    encode: String = #""path": "out", "format": "npy""#, _ stages: [String] = []
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(file.bytes, to: "in/sub/stack.tif")
    try folder.write(TIFFFile([99]).bytes, to: "in/one.tif")
    let picture = Picture(
      width: 8, height: 6, channels: 1, bitDepth: 8, values: Array(repeating: 7, count: 48))
    try folder.write(picture.png(), to: "in/a.png")
    try write(pages: pages, encode: encode, stages, to: folder)
    return folder
  }

  private func write(
    pages: String?, encode: String = #""path": "out", "format": "npy""#, _ stages: [String] = [],
    to folder: TemporaryFolder
  ) throws {
    try folder.write(
      pipeline(
        load: #""path": "in""# + (pages.map { #", "pages": "\#($0)""# } ?? ""), stages,
        encode: encode), to: "p.json")
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(["run", "p.json", "--quiet"] + arguments, in: folder.path)
  }

  /// The level of an output.
  private func level(_ folder: TemporaryFolder, _ path: String) throws -> UInt8 {
    let bytes = try folder.bytes(path)
    #expect(bytes.count == 128 + 48 && Set(bytes.suffix(48)).count == 1)
    return try #require(bytes.last)
  }

  @Test("Each page is an input with a name, a line and an output of its own")
  func all() throws {
    let folder = try bench()
    let outcome = try run(folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try folder.report()
    #expect(
      report.map(\.source) == [
        "a.png", "one.tif", "sub/stack.tif#1", "sub/stack.tif#2", "sub/stack.tif#3",
      ])
    #expect(report.allSatisfy { $0.status == "ok" && $0.warnings.isEmpty })
    #expect(
      folder.outputs(in: "out") == [
        "a.npy", "one.npy", "sub/stack-1.npy", "sub/stack-2.npy", "sub/stack-3.npy",
      ])
    for (page, expected) in zip(1..., [10, 20, 30] as [UInt8]) {
      #expect(try level(folder, "out/sub/stack-\(page).npy") == expected)
    }
    // What is done is known again, and what has changed is done anew.
    #expect(try run(folder).status == 0)
    #expect(try folder.report().allSatisfy { $0.status == "skipped" })
    try folder.write(TIFFFile([10, 21, 30]).bytes, to: "in/sub/stack.tif")
    #expect(try run(folder).status == 0)
    #expect(try folder.report().map(\.status) == ["skipped", "skipped", "ok", "ok", "ok"])
    #expect(try level(folder, "out/sub/stack-2.npy") == 21)
  }

  @Test("Of many pages names have the order of the pages")
  func many() throws {
    let folder = try bench(TIFFFile((1...12).map { UInt8($0) }))
    #expect(try run(folder).status == 0)
    let names = try folder.report().map(\.source).filter { $0.hasPrefix("sub/") }
    #expect(names.first == "sub/stack.tif#01" && names.last == "sub/stack.tif#12")
    #expect(try level(folder, "out/sub/stack-11.npy") == 11)
  }

  @Test("Without the key the first page is read, with a warning", arguments: [nil, "first"])
  func first(pages: String?) throws {
    let folder = try bench(pages: pages)
    #expect(try run(folder).status == 0)
    let line = try #require(try folder.report().last)
    #expect(line.source == "sub/stack.tif")
    #expect(line.warnings.count == 1 && line.warnings[0].contains("\"pages\""))
    #expect(try level(folder, "out/sub/stack.npy") == 10)
  }

  @Test("A page is named behind its file, whatever the pipeline says", arguments: [nil, "all"])
  func named(pages: String?) throws {
    let folder = try bench(pages: pages)
    let outcome = try run(folder, "--input", "in/sub/stack.tif#2", "in/one.tif")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try folder.report().map(\.source) == ["one.tif", "stack.tif#2"])
    #expect(try level(folder, "out/stack-2.npy") == 20)
    try folder.write("in/sub/stack.tif#3\nin/sub/stack.tif#9\n", to: "list.txt")
    let listed = try run(folder, "--input", "@list.txt", "--output", "listed")
    #expect(listed.status == 65)
    let report = try folder.report(in: "listed")
    try #require(report.map(\.status) == ["ok", "failed"])
    #expect(report[1].failureMessage?.contains("there is no page 9") ?? false)
    let page = try run(folder, "--input", "in/a.png#2", "--output", "png")
    #expect(page.status == 65 && page.errors.contains("this format has none"), "\(page.errors)")
  }

  @Test("Smaller versions of a page are no inputs")
  func reduced() throws {
    var file = TIFFFile([10, 11, 20, 21])
    for index in [1, 3] { file.pages[index].isReduced = true }
    let folder = try bench(file)
    #expect(try run(folder).status == 0)
    #expect(try level(folder, "out/sub/stack-1.npy") == 10)
    #expect(try level(folder, "out/sub/stack-2.npy") == 20)
    #expect(folder.outputs(in: "out").count == 4)
  }

  @Test(
    "Pages behind a damaged directory are missed by name",
    arguments: [(9_999_999, "truncated"), (3, "malformed")] as [(UInt32, String)])
  func damaged(next: UInt32, kind: String) throws {
    var file = TIFFFile([10, 20])
    file.next = next
    let folder = try bench(file)
    #expect(try run(folder).status == 65)
    let report = try folder.report().filter { $0.source.hasPrefix("sub/") }
    try #require(report.map(\.status) == ["ok", "ok", "failed"])
    #expect(report[2].source == "sub/stack.tif#3")
    #expect(
      ["truncated", "malformed"].contains(report[2].failureKind ?? ""), "\(report[2].values)")
  }

  @Test("A directory that leads back to an earlier one ends the pages", .timeLimit(.minutes(10)))
  func loop() throws {
    var file = TIFFFile([10, 20])
    file.next = 8
    let folder = try bench(file)
    _ = try run(folder)
    let report = try folder.report().filter { $0.source.hasPrefix("sub/") }
    #expect(report.map(\.status) == ["ok", "ok"])
  }

  @Test(
    "Pages have names that collide with those of files, which is said before anything is written")
  func collision() throws {
    let folder = try bench()
    try folder.write(TIFFFile([5]).bytes, to: "in/sub/stack-2.tif")
    let outcome = try run(folder)
    #expect(outcome.status == 73 && outcome.errors.contains("stack-2"), "\(outcome.errors)")
    #expect(folder.outputs(in: "out") == [])
  }

  @Test("What is wrong with one page, or not said of it, is nothing of the others")
  func independence() throws {
    var file = TIFFFile([10, 20, 30])
    file.pages[0].samples = 4
    file.pages[1].samples = 4
    file.pages[1].extra = 0
    file.pages[2].lacksProfile = true
    let folder = try bench(file)
    #expect(try run(folder).status == 65)
    let report = try folder.report().filter { $0.source.hasPrefix("sub/") }
    #expect(report.map(\.status) == ["ok", "ok", "failed"])
    // A fourth sample of which nothing is said is opacity; one that is said to be nothing is left out.
    #expect(report.map { $0.outputs.first?.shape.first } == [4, 3, nil])
    var other = TIFFFile([10, 20, 30])
    other.pages[0].lacksProfile = true
    try folder.write(other.bytes, to: "in/sub/stack.tif")
    #expect(try run(folder).status == 65)
    let again = try folder.report().filter { $0.source.hasPrefix("sub/") }
    #expect(again.map(\.status) == ["failed", "ok", "ok"])
  }

  @Test("A file that has the name of a page is an input of its own")
  func sameName() throws {
    let folder = try bench()
    try folder.write(TIFFFile([77]).bytes, to: "in/sub/stack.tif#1")
    #expect(try run(folder).status == 0)
    #expect(try level(folder, "out/sub/stack-1.npy") == 10)
    #expect(try level(folder, "out/sub/stack.npy") == 77)
    #expect(try folder.report().map(\.source).filter { $0 == "sub/stack.tif#1" }.count == 2)
    #expect(try run(folder).status == 0)
    #expect(try folder.report().allSatisfy { $0.status == "skipped" })
    let named = try run(
      folder, "-i", "in/sub/stack.tif", "-i", "in/sub/stack.tif#1", "-o", "named")
    #expect(named.status == 0, "\(named.errors)")
    #expect(
      folder.outputs(in: "named") == ["stack-1.npy", "stack-2.npy", "stack-3.npy", "stack.npy"])
  }

  @Test("Pages have the label of their file")
  func labels() throws {
    let folder = try bench(
      encode: ##""path": "out", "format": "webdataset", "images_per_shard": 10, "##
        + ##""labels": { "file": "labels.csv" }"##)
    try folder.write(
      "file_name,label\na.png,one\none.tif,two\nsub/stack.tif,three\n", to: "labels.csv")
    let outcome = try run(folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = String(decoding: try folder.bytes("out/images.jsonl"), as: UTF8.self)
    let labels = rows.matches(of: #/"label":"([^"]+)"/#).map { String($0.1) }
    #expect(labels == ["one", "two", "three", "three", "three"])
  }

  @Test("Thousands of pages come in, each as itself")
  func thousands() throws {
    // Each is gone to from the directory before it, and not from the first.
    let folder = try bench(TIFFFile((0..<1500).map { UInt8($0 % 251) }))
    #expect(try run(folder).status == 0)
    for page in [1, 2, 777, 1499, 1500] {
      let name = String(repeating: "0", count: 4 - String(page).count) + String(page)
      #expect(try level(folder, "out/sub/stack-\(name).npy") == UInt8((page - 1) % 251))
    }
  }

  @Test("More pages than are read are refused by name")
  func limit() throws {
    var file = TIFFFile(Array(repeating: 9, count: 65_537))
    for index in file.pages.indices { (file.pages[index].width, file.pages[index].height) = (2, 1) }
    let folder = try bench(file)
    let outcome = try run(
      folder, "in/sub/stack.tif#65536", "in/sub/stack.tif#65537", "--output", "out")
    #expect(outcome.status == 65, "\(outcome.errors)")
    let report = try folder.report()
    #expect(report.map(\.status) == ["ok", "failed"])
    #expect(report.last?.failureMessage?.contains("at most 65536") ?? false)
  }

  @Test("Members of archives have pages, too")
  func archive() throws {
    let folder = try bench()
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-C", folder.path("in"), "-cf", folder.path("in/all.tar"), "sub"]
    try tar.run()
    tar.waitUntilExit()
    try FileManager.default.removeItem(atPath: folder.path("in/sub"))
    let outcome = try run(folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = try folder.report().map(\.source)
    #expect(names.filter { $0.hasPrefix("all.tar/") }.count == 3)
    #expect(names.contains("all.tar/sub/stack.tif#2"))
    #expect(try level(folder, "out/all.tar/sub/stack-2.npy") == 20)
  }

  @Test("Datasets have a row for each page, with keys of their own")
  func dataset() throws {
    let folder = try bench(
      encode: #""path": "out", "format": "webdataset", "images_per_shard": 10"#)
    #expect(try run(folder).status == 0)
    let rows = String(decoding: try folder.bytes("out/images.jsonl"), as: UTF8.self)
    let keys = rows.matches(of: #/"key":"([^"]+)"/#).map { String($0.1) }
    #expect(keys == ["a", "one", "sub/stack-1", "sub/stack-2", "sub/stack-3"])
  }

  @Test("Views of pages, and random choices, are told apart")
  func views() throws {
    let folder = try bench()
    try folder.write(
      pipeline(
        load: #""path": "in", "pages": "all", "repeat": 2"#,
        [#"{ "stage": "crop", "size": 4, "position": "random" }"#],
        encode: #""path": "out", "format": "npy""#), to: "p.json")
    #expect(try run(folder).status == 0)
    #expect(folder.outputs(in: "out").contains("sub/stack-3_v1.npy"))
    #expect(folder.outputs(in: "out").count == 10)
  }

  @Test("Shards of a plan come to the same, from another place")
  func plan() throws {
    let folder = try bench()
    #expect(try run(folder, "--output", "alone").status == 0)
    let planned = try Command.run(
      ["plan", "p.json", "--output", "out", "--shards", "3", "--plan", "plan"], in: folder.path)
    #expect(planned.status == 0, "\(planned.errors)")
    try FileManager.default.moveItem(atPath: folder.path("in"), toPath: folder.path("moved"))
    for shard in 0..<3 {
      let done = try Command.run(
        ["run", "--plan", "plan", "--shard", "\(shard)", "--input", "moved"], in: folder.path)
      #expect(done.status == 0, "\(done.errors)")
    }
    let merged = try Command.run(["merge", "--plan", "plan"], in: folder.path)
    #expect(merged.status == 0, "\(merged.errors)")
    for name in folder.outputs(in: "alone") {
      #expect(try folder.bytes("alone/\(name)") == folder.bytes("out/\(name)"), "\(name)")
    }
    #expect(folder.outputs(in: "out") == folder.outputs(in: "alone"))
  }
}
