import Foundation
import Glibc
import Testing

/// The folder that a plan is written to.
@Suite(.timeLimit(.minutes(10))) struct PlanFolderTests {
  private func plan(
    _ bench: PlanBench, _ fault: FaultyCalls.Fault? = nil, log: String? = nil
  ) throws -> Command.Outcome {
    try Command.run(
      ["plan", "copy.json", "--output", "out", "--plan", "x/y/plan", "--shards", "2"],
      in: bench.folder.path,
      environment: FaultyCalls.environment(fault, below: "", log: log))
  }

  @Test("A plan and its folders are on the disk when the command ends")
  func synced() throws {
    let bench = try PlanBench()
    let log = bench.folder.path("log")
    #expect(try plan(bench, log: log).status == 0)
    let calls = try FaultyCalls.calls(in: log)
    let named = try #require(
      calls.firstIndex { $0.name == "rename" && $0.path.hasSuffix("plan.json") })
    let list = try #require(
      calls.firstIndex { $0.name == "rename" && $0.path.hasSuffix("inputs.jsonl") })
    #expect(list < named)
    for part in ["plan.json", "inputs.jsonl"] {
      let synced = calls.firstIndex { $0.name == "fsync" && $0.path.contains(part) }
      #expect(try #require(synced) < named)
    }
    let folders = calls.filter { $0.name == "fsync" }.map(\.path)
    let root = (bench.folder.path as NSString).lastPathComponent
    for folder in ["/x/y", "/x", "/\(root)"] {
      #expect(folders.contains { $0.hasSuffix(folder) }, "\(folders)")
    }
    #expect(calls[named...].contains { $0.name == "fsync" && $0.path.hasSuffix("x/y/plan") })
  }

  @Test(
    "Of a plan that cannot be written nothing is left, nor of its folders",
    arguments: [
      ("rename", "plan.json"), ("rename", "inputs.jsonl"), ("fsync", "/x"), ("fsync", "/x/y"),
      ("fsync", "/x/y/plan"),
    ])
  func unwritten(_ call: String, _ path: String) throws {
    let bench = try PlanBench()
    let outcome = try plan(bench, .init(call: call, code: ENOSPC, path: path))
    #expect([73, 74].contains(outcome.status), "\(outcome.status) \(outcome.errors)")
    #expect(access(bench.folder.path("x"), F_OK) != 0, "\(bench.folder.files(in: "x"))")
    #expect(try plan(bench).status == 0)
  }

  @Test("A plan whose name may not be on the disk is not left without its list")
  func unsynced() throws {
    let bench = try PlanBench()
    // The second time, after that of the list.
    let outcome = try plan(bench, .init(call: "fsync", number: 2, code: EIO, path: "/x/y/plan"))
    #expect([73, 74].contains(outcome.status), "\(outcome.status) \(outcome.errors)")
    #expect(access(bench.folder.path("x"), F_OK) != 0, "\(bench.folder.files(in: "x"))")
    #expect(try plan(bench).output.contains("11 inputs in 2 shards"))
  }
}
