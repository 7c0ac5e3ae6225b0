import Foundation
import Glibc
import Testing

/// Runs and merges that are refused before they begin: they leave everything as it was.
@Suite struct RefusedRunTests {
  /// A pipeline that writes to some folders, of which the first holds records and report, and the last
  /// is "out".
  private static func bench(_ folders: String...) throws -> Workbench {
    let bench = try Workbench()
    try write(folders, to: bench)
    return bench
  }

  private static func write(_ folders: [String], to bench: Workbench) throws {
    try bench.writePipeline(
      folders.map { #"{ "stage": "encode", "path": "\#($0)", "format": "npy" }"# })
  }

  /// The bytes of every file, its own and others'.
  private static func everything(_ folder: TemporaryFolder) throws -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: try folder.files().map { ($0, try folder.bytes($0)) })
  }

  private static func exists(_ path: String, in bench: Workbench) -> Bool {
    FileManager.default.fileExists(atPath: bench.folder.path(path))
  }

  @Test("No folder, record or lock is left in any of the folders")
  func nothing() throws {
    let bench = try Self.bench("more")
    try bench.folder.write("mine\n", to: "more/report.jsonl")
    let before = try Self.everything(bench.folder)
    let outcome = try bench.run()
    #expect(outcome.status == 73 && outcome.errors.contains("'more/report.jsonl' exists already"))
    #expect(try Self.everything(bench.folder) == before)
    #expect(!Self.exists("out", in: bench))
  }

  @Test("A report of somebody's in a second folder is in nobody's way")
  func otherReport() throws {
    let bench = try Self.bench("more")
    try bench.folder.write("mine\n", to: "out/report.jsonl")
    #expect(try bench.run().status == 0)
    #expect(try bench.folder.bytes("out/report.jsonl") == Array("mine\n".utf8))
    #expect(Self.exists("more/report.jsonl", in: bench))
  }

  @Test("Records of a second folder stay as they were, but for a line that was torn")
  func records() throws {
    let bench = try Self.bench("first")
    #expect(try bench.run("--quiet").status == 0)
    try Self.write(["second"], to: bench)
    try bench.folder.write("mine\n", to: "second/report.jsonl")
    let before = try Self.everything(bench.folder)
    let whole = try #require(before["out/.tessera-records"])
    for torn in ["", "begun\t./x"] {
      try bench.folder.write(whole + Array(torn.utf8), to: "out/.tessera-records")
      #expect(try bench.run().status == 73)
      #expect(try Self.everything(bench.folder) == before)
    }
  }

  @Test("Where the records of one folder cannot be written, those of the others stay")
  func refusedFolder() throws {
    let bench = try Self.bench("first", "second")
    for folder in ["second", "out"] {
      let before = try Self.everything(bench.folder)
      let outcome = try Command.run(
        ["run", "copy.json"], in: bench.folder.path,
        environment: FaultyCalls.environment(
          .init(call: "write", code: ENOSPC), below: "\(folder)/.tessera-records"))
      #expect(outcome.status == 74 && outcome.errors.contains("\(folder)/.tessera-records"))
      #expect(try Self.everything(bench.folder) == before, "\(outcome.errors)")
      #expect(!["first", "second", "out"].contains { Self.exists($0, in: bench) })
    }
    #expect(try bench.run().status == 0)
  }

  @Test("A merge that is refused leaves no records")
  func merge() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    #expect(try bench.run("0-1").status == 0)
    try bench.folder.write("mine\n", to: "out/report.jsonl")
    let before = try Self.everything(bench.folder)
    #expect(try bench.merge().status == 73)
    #expect(try Self.everything(bench.folder) == before)
    try FileManager.default.removeItem(atPath: bench.folder.path("out/report.jsonl"))
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }
}
