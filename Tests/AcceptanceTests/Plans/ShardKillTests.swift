import Foundation
import Glibc
import Testing

/// Shards that are killed, started twice, and started again.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ShardKillTests {
  private static func bench(_ encode: String) throws -> PlanBench {
    let bench = try PlanBench()
    let unfold = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#
    try bench.bench.writePipeline(encode.isEmpty ? [] : [unfold], encode: encode)
    try bench.plan("--shards", "2")
    return bench
  }

  @Test(
    "A shard that is killed anywhere goes on from there",
    arguments: ["rename", "write", "fsync", "open"], ["", #", "images_per_shard": 2"#])
  func killed(_ call: String, _ encode: String) throws {
    for number in [1, 2, 4, 7, 12] {
      let bench = try Self.bench(encode)
      let killed = try Command.run(
        ["run", "--plan", "plan", "--shard", "0", "--jobs", "1"], in: bench.folder.path,
        environment: FaultyCalls.environment(
          .init(call: call, number: number, code: FaultyCalls.kill), below: bench.folder.path))
      #expect([0, 128 + SIGKILL].contains(killed.status))
      let missing = try bench.missing()
      #expect(missing == (killed.status == 0 ? "1" : "0-1"))
      let outcome = try bench.run("0,1")
      #expect(outcome.status == 0, "\(call) \(number) \(outcome.errors)")
      let merged = try bench.merge()
      #expect(merged.status == 0, "\(call) \(number) \(merged.errors)")
      #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
      try bench.expectWhole()
    }
  }

  @Test("A merge that is killed anywhere is repeated", arguments: ["rename", "write", "fsync"])
  func mergeKilled(_ call: String) throws {
    for encode in ["", #", "images_per_shard": 2"#] {
      let bench = try Self.bench(encode)
      #expect(try bench.run("0,1").status == 0)
      for number in [1, 2, 3, 5] {
        let killed = try Command.run(
          ["merge", "--plan", "plan"], in: bench.folder.path,
          environment: FaultyCalls.environment(
            .init(call: call, number: number, code: FaultyCalls.kill), below: bench.folder.path))
        #expect([0, 128 + SIGKILL].contains(killed.status))
      }
      #expect(try bench.merge().status == 0)
      #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
      try bench.expectWhole()
    }
  }

  @Test("Of a shard that is started twice one works, and the other is told to come again")
  func twice() throws {
    let bench = try Self.bench("")
    let first = try bench.slow()
    let second = try bench.run("0")
    #expect(second.status == 75)
    #expect(second.errors.contains("somebody works on shard 0"), "\(second.errors)")
    let both = try bench.run("0,1")
    #expect(both.status == 75)
    let status = try Command.run(["status", "--plan", "plan", "--json"], in: bench.folder.path)
    let running = status.json?["running"] as? [[String: Any]]
    #expect(running?.first?["process"] as? Int == Int(first.process))
    #expect(try bench.missing() == "")
    let waiting = try Running(
      ["run", "--plan", "plan", "--shard", "0", "--wait"], in: bench.folder.path)
    #expect(try first.wait().status == 0)
    #expect(try waiting.wait().status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test(
    "Signals that engines send end a shard cleanly",
    arguments: [SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGINT])
  func signals(_ signal: Int32) throws {
    let bench = try Self.bench("")
    let running = try bench.slow()
    kill(running.process, signal)
    #expect(try running.wait().status == 75)
    #expect(try bench.missing() == "0-1")
    #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
    #expect(try bench.run("0-1").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test(
    "A half file tells machine, process and attempt, and goes with the next attempt or the merge")
  func leftovers() throws {
    let bench = try Self.bench("")
    let running = try bench.slow()
    kill(running.process, SIGKILL)
    _ = try running.wait()
    let half = bench.folder.files().filter { $0.hasSuffix(".tessera-part") }
    #expect(half.contains { $0.contains("-\(running.process)-") }, "\(half)")
    #expect(try bench.run("1").status == 0)
    #expect(try bench.run("0").status == 0)
    #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
    try bench.folder.write("half", to: "out/h/.x.npy.node-7-ab12.tessera-part")
    try bench.folder.write("half", to: "plan/.plan.json.node-7-ab12.tessera-part")
    try bench.folder.write("half", to: "plan/shards/00001/.report.jsonl.node-7-ab12.tessera-part")
    #expect(try bench.merge().status == 0)
    #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
  }

  @Test("A shard ends with the process that started it", arguments: [true, false])
  func withParent(isAsked: Bool) throws {
    let bench = try Self.bench("")
    let process = try bench.orphan(isAsked ? "--with-parent" : "", milliseconds: 100)
    for _ in 0..<30_000 where kill(process, 0) == 0 { usleep(1000) }
    #expect(kill(process, 0) != 0)
    #expect(try bench.missing() == (isAsked ? "0-1" : "1"))
    #expect(try bench.run("0-1").status == 0)
  }

  @Test("A merge tells which shards are missing, and writes nothing")
  func incomplete() throws {
    let bench = try Self.bench("")
    #expect(try bench.run("0").status == 0)
    let refused = try bench.merge()
    #expect(refused.status == 75)
    #expect(refused.errors.contains("1"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out/report.jsonl")))
  }
}
