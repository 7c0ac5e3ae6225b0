import Foundation
import Testing

/// Runs and merges that are refused before they begin: they leave everything as it was.
@Suite struct RefusedRunTests {
  /// A pipeline that writes to two folders, of which the second holds the records.
  private static func bench(_ other: String = "more") throws -> Workbench {
    let bench = try Workbench()
    try bench.writePipeline([
      #"{ "stage": "encode", "path": "\#(other)", "format": "npy" }"#
    ])
    return bench
  }

  private static func contents(_ bench: Workbench) throws -> [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: try bench.folder.files().map { ($0, try bench.folder.bytes($0)) })
  }

  @Test("No folder, record or lock is left in any of the folders", arguments: ["out", "more"])
  func nothing(_ folder: String) throws {
    let bench = try Self.bench()
    try bench.folder.write("mine\n", to: "\(folder)/report.jsonl")
    let before = try Self.contents(bench)
    let outcome = try bench.run("--json")
    // The report lies in one of the folders; what is somebody's in the other is in nobody's way.
    guard outcome.status != 0 else {
      #expect(try bench.folder.bytes("\(folder)/report.jsonl") == Array("mine\n".utf8))
      return
    }
    #expect(outcome.status == 73, "\(outcome.errors)")
    #expect(try Self.contents(bench) == before)
    let other = folder == "out" ? "more" : "out"
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path(other)))
  }

  @Test("Records that were there stay as they were, byte for byte")
  func records() throws {
    let bench = try Self.bench("first")
    #expect(try bench.run("--quiet").status == 0)
    // Another pipeline, whose records would be referred to by those of a folder that has some.
    try bench.writePipeline([#"{ "stage": "encode", "path": "second", "format": "npy" }"#])
    let report = try #require(
      ["first", "out"].first {
        FileManager.default.fileExists(atPath: bench.folder.path("\($0)/report.jsonl"))
      })
    let holder = report == "first" ? "second" : "out"
    try bench.folder.write("mine\n", to: "\(holder)/report.jsonl")
    let before = try Self.contents(bench)
    let outcome = try bench.run()
    #expect(outcome.status == 73, "\(outcome.errors)")
    #expect(try Self.contents(bench) == before)
  }

  @Test("A merge that is refused leaves no records")
  func merge() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    #expect(try bench.run("0-1").status == 0)
    try bench.folder.write("mine\n", to: "out/report.jsonl")
    let before = try Self.contents(bench.bench)
    let outcome = try bench.merge()
    #expect(outcome.status == 73, "\(outcome.errors)")
    #expect(try Self.contents(bench.bench) == before)
    try FileManager.default.removeItem(atPath: bench.folder.path("out/report.jsonl"))
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }
}
