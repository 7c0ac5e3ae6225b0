import Foundation
import Glibc
import Testing

/// Shards that are done again, beside others, or with inputs that are not what they were.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RepeatedShardTests {
  private func exists(_ path: String, _ bench: PlanBench) -> Bool {
    FileManager.default.fileExists(atPath: bench.folder.path(path))
  }

  @Test(
    "A complete shard that is begun again and interrupted is missing, and its report is no word")
  func interrupted() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    #expect(try bench.run("0,1").status == 0)
    let running = try bench.slow("--verify-done")
    kill(running.process, SIGTERM)
    #expect(try running.wait().status == 75)
    #expect(try bench.missing() == "0")
    #expect(try bench.merge().status == 75)
    #expect(!exists("out/report.jsonl", bench))
    #expect(try bench.run("0").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("An input that changes after its shard was complete is refused, and the shard is missing")
  func changedLater() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    #expect(try bench.run("0,1").status == 0)
    try bench.bench.write("b/c.npy", seed: 70)
    let refused = try bench.run("0")
    #expect(refused.status == 66)
    #expect(refused.errors.contains("b/c.npy"), "\(refused.errors)")
    #expect(try bench.missing() == "0")
    #expect(try bench.merge().status == 75)
  }

  @Test("An input that another run has done since it was planned is refused", arguments: ["", "2"])
  func doneElsewhere(_ together: String) throws {
    let bench = try PlanBench()
    let unfold = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#
    try bench.bench.writePipeline(
      together.isEmpty ? [] : [unfold],
      encode: together.isEmpty ? "" : #", "images_per_shard": \#(together)"#)
    try bench.plan("--shards", "2")
    let before = XXHash.digest(try bench.folder.bytes("in/b/c.npy"))
    try bench.bench.write("b/c.npy", seed: 70)
    let after = XXHash.digest(try bench.folder.bytes("in/b/c.npy"))
    let alone = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet"], in: bench.folder.path)
    #expect(alone.status == 0)
    let refused = try bench.run("0")
    #expect(refused.status == 66, "\(refused.errors)")
    #expect(refused.errors.contains(before) && refused.errors.contains(after), "\(refused.errors)")
  }

  @Test("Of a file that many share, an input that cannot be read fails alone")
  func unreadable() throws {
    let bench = try PlanBench()
    let unfold = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#
    try bench.bench.writePipeline([unfold], encode: #", "images_per_shard": 3"#)
    try FileManager.default.createSymbolicLink(
      atPath: bench.folder.path("in/b/b.npy"), withDestinationPath: "nowhere.npy")
    let planned = try bench.plan("--shards", "2")
    #expect(planned.status == 0)
    #expect(planned.errors.contains("1 input could not be read"), "\(planned.errors)")
    #expect(try bench.run("0-1").status == 65)
    #expect(try bench.merge().status == 65)
    #expect(try bench.runAlone().status == 65)
    let (own, other) = (try bench.results(in: "out"), try bench.results(in: "one"))
    #expect(own.keys.sorted() == other.keys.sorted())
    // The message names the file, which a plan knows by another path.
    for (name, bytes) in own where name != "report.jsonl" {
      #expect(bytes == other[name], "\(name)")
    }
    #expect(try bench.folder.report().filter { $0.status == "failed" }.map(\.source) == ["b/b.npy"])
    // The next run tries again, and takes what is there for its own.
    let again = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet"], in: bench.folder.path)
    #expect(again.status == 65, "\(again.errors)")
  }

  @Test("A shard whose only input could not be read when it was planned is complete")
  func unreadableAlone() throws {
    let bench = try PlanBench(["a.npy"])
    try FileManager.default.createSymbolicLink(
      atPath: bench.folder.path("in/b.npy"), withDestinationPath: "nowhere.npy")
    try bench.plan("--shards", "2")
    #expect(try bench.run("0").status == 0)
    #expect(try bench.run("1").status == 65)
    #expect(try bench.merge().status == 65)
  }

  @Test("Where no input is there that was, a shard is refused, whatever could not be read before")
  func goneBesideUnreadable() throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try FileManager.default.createSymbolicLink(
      atPath: bench.folder.path("in/c.npy"), withDestinationPath: "nowhere.npy")
    try bench.plan("--shards", "1")
    try FileManager.default.moveItem(
      atPath: bench.folder.path("in"), toPath: bench.folder.path("away"))
    #expect(try bench.run("0").status == 66)
    #expect(try bench.missing() == "0")
  }

  @Test(
    "Of a file that many share the first of which fails, a merge knows what was written",
    arguments: ["no array", nil])
  func firstFails(_ content: String?) throws {
    let bench = try PlanBench(["b.npy"])
    let unfold = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#
    try bench.bench.writePipeline([unfold], encode: #", "images_per_shard": 3"#)
    if let content {
      try bench.folder.write(content, to: "in/a.npy")
    } else {
      try FileManager.default.createSymbolicLink(
        atPath: bench.folder.path("in/a.npy"), withDestinationPath: "nowhere.npy")
    }
    // An earlier run has made the same file of fewer.
    let before = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet"], in: bench.folder.path)
    #expect(before.status == 65)
    for (seed, name) in [(60, "c.npy"), (61, "d.npy")] { try bench.bench.write(name, seed: seed) }
    try bench.plan("--shards", "1")
    #expect(try bench.run("0").status == 65)
    let merged = try bench.merge()
    #expect(merged.status == 65, "\(merged.errors)")
    let statuses = try bench.folder.report().map(\.status)
    #expect(statuses == ["failed", "ok", "ok", "ok"])
    #expect(try bench.merge().status == 65)
    #expect(try bench.folder.report().map(\.status) == statuses)
    try FileManager.default.removeItem(atPath: bench.folder.path("out/data-00000.npy"))
    #expect(try bench.merge().status == 75)
    #expect(try bench.missing() == "0")
    #expect(try bench.run("0").status == 65)
    #expect(try bench.merge().status == 65)
  }

  @Test("An input that was replaced before it was planned is done, whatever a run before has done")
  func replacedBefore() throws {
    let bench = try PlanBench(["a.npy"])
    let time = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)]
    let input = bench.folder.path("in/a.npy")
    try FileManager.default.setAttributes(time, ofItemAtPath: input)
    let before = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet"], in: bench.folder.path)
    #expect(before.status == 0)
    try bench.bench.write("a.npy", seed: 70)
    try FileManager.default.setAttributes(time, ofItemAtPath: input)
    try bench.plan("--shards", "1")
    #expect(try bench.run("0").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("Who waits to plan ends with a signal")
  func waiting() throws {
    let bench = try PlanBench()
    try bench.folder.write("", to: "plan/lock")
    let lock = open(bench.folder.path("plan/lock"), O_RDWR)
    #expect(flock(lock, LOCK_EX) == 0)
    let running = try Running(
      ["plan", "copy.json", "--output", "out", "--plan", "plan", "--shards", "2"],
      in: bench.folder.path)
    usleep(1_500_000)
    kill(running.process, SIGTERM)
    #expect(try running.wait().status == 75)
    #expect(!exists("plan/plan.json", bench))
    close(lock)
    #expect(try bench.plan("--shards", "2").status == 0)
  }

  @Test("Of two plans that are made at once one is refused")
  func planned() throws {
    for round in 0..<6 {
      let bench = try PlanBench()
      let both = try (2...3).map { shards in
        try Running(
          ["plan", "copy.json", "--output", "out", "--plan", "plan", "--shards", "\(shards)"],
          in: bench.folder.path)
      }
      let statuses = try both.map { try $0.wait().status }
      #expect(statuses.sorted() == [0, 73], "round \(round)")
      let names = ["plan/inputs.jsonl", "plan/plan.json"]
      #expect(bench.folder.files(in: "plan").map { "plan/\($0)" }.sorted() == names)
      let winner = statuses[0] == 0 ? 2 : 3
      #expect(try bench.run("0-\(winner - 1)").status == 0)
    }
  }

  @Test("While a shard is at work no plain run writes to the same folder")
  func folderInUse() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let running = try bench.slow()
    let plain = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet"], in: bench.folder.path)
    #expect(plain.status == 75, "\(plain.errors)")
    // Shards do not keep one another away.
    #expect(try bench.run("1").status == 0)
    #expect(try running.wait().status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("A signal to a command and to its starter ends it once, in order")
  func signalToBoth() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let process = try bench.orphan("--with-parent", milliseconds: 600, isToldToEnd: true)
    for _ in 0..<30_000 where kill(process, 0) == 0 { usleep(1000) }
    #expect(kill(process, 0) != 0)
    let said = String(decoding: try bench.folder.bytes("said"), as: UTF8.self)
    #expect(said.contains("shard 0"), "\(said)")
    #expect(!exists("plan/shards/00000/running.json", bench))
  }
}
