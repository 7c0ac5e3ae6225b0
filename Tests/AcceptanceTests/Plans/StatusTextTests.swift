import Glibc
import Testing

/// What `status` tells people, and what a merge leaves that is repeated.
@Suite(.timeLimit(.minutes(10))) struct StatusTextTests {
  private func status(_ bench: PlanBench) throws -> String {
    let outcome = try Command.run(["status", "--plan", "plan"], in: bench.folder.path)
    #expect(outcome.status == 0 && outcome.errors == "")
    return outcome.output
  }

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
    for _ in 0..<30_000 where access(mark, F_OK) != 0 { usleep(1000) }
    kill(running.process, SIGTERM)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && outcome.errors.contains("interrupted"), "\(outcome.errors)")
    #expect(access(mark, F_OK) == 0)
    #expect(try bench.results(in: "out") == files)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("Shards are told of as they are: missing, done, with failures")
  func shards() throws {
    let bench = try PlanBench()
    try bench.folder.write("no image", to: "in/b/d/b.png")
    try bench.plan("--shards", "4")
    #expect(
      try status(bench) == """
        0 of 12 inputs
        done     0 of 4 shards
        running  0
        missing  4: 0-3

        """)
    #expect(try bench.run("0").status == 0)
    #expect(try bench.run("1").status == 65)
    #expect(
      try status(bench) == """
        6 of 12 inputs, 1 failed
        done     2 of 4 shards
        running  0
        missing  2: 2-3
        with failed inputs: 1

        """)
    #expect(try bench.run("2-3").status == 0)
    #expect(
      try status(bench) == """
        12 of 12 inputs, 1 failed
        done     4 of 4 shards
        running  0
        missing  0
        with failed inputs: 1

        """)
  }
}
