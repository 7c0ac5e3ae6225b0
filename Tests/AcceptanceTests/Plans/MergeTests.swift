import Glibc
import Testing

/// Merges that are repeated, or do not come to their end.
@Suite(.timeLimit(.minutes(10))) struct MergeTests {
  @Test("A merge that is repeated adds nothing to the records")
  func repeatedMerge() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "3")
    #expect(try bench.run("0-2").status == 0)
    #expect(try bench.merge().status == 0)
    let records = try bench.folder.bytes("out/.tessera-records")
    #expect(try bench.merge().status == 0)
    #expect(try bench.folder.bytes("out/.tessera-records") == records)
  }

  @Test("A merge that is asked to end leaves things as they were, and its repetition is whole")
  func interruptedMerge() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "6")
    #expect(try bench.run("0-5").status == 0)
    let files = try bench.results(in: "out")
    let mark = bench.folder.path("mark")
    let calls = SlowCalls(call: "pread", path: "report.jsonl", milliseconds: 200, number: 8)
    let running = try Running(
      ["merge", "--plan", "plan"], in: bench.folder.path,
      environment: calls.environment(showing: mark))
    try running.waitUntilThere(is: mark)
    kill(running.process, SIGTERM)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && outcome.errors.contains("interrupted"), "\(outcome.errors)")
    #expect(access(mark, F_OK) == 0)
    #expect(try bench.results(in: "out") == files)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("A merge whose report cannot be written says so", arguments: ["write", "fsync", "rename"])
  func unwrittenReport(_ call: String) throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "3")
    #expect(try bench.run("0-2").status == 0)
    let outcome = try Command.run(
      ["merge", "--plan", "plan"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: call, code: ENOSPC),
        below: call == "rename" ? "out/report.jsonl" : "out/.report.jsonl"))
    #expect(outcome.status == 73 || outcome.status == 74, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains("report.jsonl"), "\(outcome.errors)")
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }
}
