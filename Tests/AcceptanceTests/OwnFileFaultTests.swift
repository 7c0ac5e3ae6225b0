import Foundation
import Glibc
import Testing

/// What a run says of its own files that the system refuses, word for word.
@Suite(.timeLimit(.minutes(10))) struct OwnFileFaultTests {
  private static func run(
    _ bench: Workbench, _ faults: FaultyCalls.Fault..., options: [String] = [],
    below folder: String = "out"
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json", "--jobs", "1"] + options, in: bench.folder.path,
      environment: FaultyCalls.environment(faults, below: folder))
  }

  /// Whether a line of what the command says ends so.
  private static func says(_ sentence: String, _ outcome: Command.Outcome) -> Bool {
    outcome.errors.split(separator: "\n").contains { $0.hasSuffix(sentence) }
  }

  private static func isUntouched(_ bench: Workbench) -> Bool {
    !bench.folder.files().contains { $0.hasPrefix("out") }
  }

  @Test(
    "Where there are no locks, it is told what is at stake and what to add; then it is told again")
  func noLocks() throws {
    let bench = try Workbench()
    let fault = FaultyCalls.Fault(call: "flock", code: ENOLCK, path: ".tessera-lock")
    let refused = try Self.run(bench, fault)
    #expect(refused.status == 73 && Self.isUntouched(bench))
    #expect(
      Self.says(
        "cannot lock 'out/.tessera-lock': No locks available; without a lock another run may write "
          + "to the same folder: see to it that none does, and add --no-lock", refused),
      "\(refused.errors)")
    let taken = try Self.run(bench, fault, options: ["--no-lock"])
    #expect(taken.status == 0)
    #expect(
      Self.says(
        "'out' is on a file system without locks: nothing keeps another run out", taken),
      "\(taken.errors)")
    let again = try Self.run(bench)
    #expect(again.status == 0 && !again.errors.contains("without locks"))
  }

  @Test(
    "A lock that cannot be had is told of by its name and why, and nothing is made",
    arguments: [
      ("flock", EIO, "cannot lock 'out/.tessera-lock': Input/output error"),
      ("open", EACCES, "cannot create 'out/.tessera-lock': Permission denied"),
      // Nobody's name leads to what was locked.
      ("lstat", EIO, "cannot lock 'out/.tessera-lock': Stale file handle"),
    ])
  func refused(_ call: String, _ code: Int32, _ sentence: String) throws {
    let bench = try Workbench()
    let outcome = try Self.run(bench, .init(call: call, code: code, path: ".tessera-lock"))
    #expect(outcome.status == 73 && Self.says(sentence, outcome), "\(outcome.errors)")
    // Whose a lock is that nobody can ask for is not known: it stays.
    let left = bench.folder.files().filter { $0.hasPrefix("out") }
    #expect(left == (call == "lstat" ? ["out/.tessera-lock"] : []))
    #expect(try bench.run().status == 0)
  }

  @Test(
    "A lock that was taken away while it was opened is opened again, eight times in all",
    arguments: [(1, 0), (7, 0), (8, 73)] as [(Int, Int32)])
  func again(_ times: Int, _ status: Int32) throws {
    let bench = try Workbench()
    try bench.folder.write("", to: "out/.tessera-lock")
    // Every other question is the one whether what was opened still has its name.
    let faults = (1...times).map {
      FaultyCalls.Fault(call: "lstat", number: 2 * $0, code: ENOENT, path: ".tessera-lock")
    }
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(faults, below: "out"))
    #expect(outcome.status == status, "\(outcome.errors)")
    if status == 0 {
      #expect(try bench.sources("ok") == ["a.npy", "b.npy", "c.npy"])
    } else {
      #expect(
        Self.says("cannot lock 'out/.tessera-lock': Stale file handle", outcome),
        "\(outcome.errors)")
    }
  }

  @Test("A lock of others that may only be read is shared by shards, and by no plain run")
  func readOnly() throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try bench.plan("--shards", "2")
    try bench.folder.write("", to: "out/.tessera-lock")
    let fault = FaultyCalls.Fault(
      call: "open", number: 1, code: EACCES, path: "out/.tessera-lock")
    let environment = try FaultyCalls.environment(fault, below: "out")
    let shard = try bench.run("0", environment: environment)
    #expect(shard.status == 0, "\(shard.errors)")
    let plain = try Command.run(
      ["run", "copy.json", "--output", "out"], in: bench.folder.path, environment: environment)
    #expect(plain.status == 73)
    #expect(
      Self.says("cannot create 'out/.tessera-lock': Permission denied", plain), "\(plain.errors)")
  }

  @Test(
    "A report that cannot be written is told of, and its outputs are done the next time",
    arguments: [
      ("write", ENOSPC, "cannot write 'out/report.jsonl': No space left on device"),
      ("rename", EPERM, "cannot create 'out/report.jsonl': Operation not permitted"),
      ("fsync", EIO, "cannot write 'out/report.jsonl': Input/output error"),
    ])
  func report(_ call: String, _ code: Int32, _ sentence: String) throws {
    let bench = try Workbench()
    let path = call == "rename" ? "report.jsonl" : ".report.jsonl.tessera-part"
    let outcome = try Self.run(bench, .init(call: call, code: code, path: path))
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(bench.folder.files(in: "out").contains("report.jsonl") == false)
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
    #expect(try bench.run().status == 0)
    #expect(try bench.sources("skipped") == ["a.npy", "b.npy", "c.npy"])
  }

  @Test(
    "Records that cannot be opened are told of before anything is made",
    arguments: [
      ("open", EIO, "cannot create 'out/.tessera-records': Input/output error", 73),
      ("ftruncate", EIO, "cannot write 'out/.tessera-records': Input/output error", 74),
    ] as [(String, Int32, String, Int32)])
  func records(
    _ call: String, _ code: Int32, _ sentence: String, _ status: Int32
  ) throws {
    let bench = try Workbench()
    #expect(try bench.run().status == 0)
    var lines = try bench.folder.bytes("out/.tessera-records")
    lines.removeLast(5)
    try bench.folder.write(lines, to: "out/.tessera-records")
    try bench.write("d.npy", seed: 9)
    let number = call == "open" ? 2 : 0
    let outcome = try Self.run(
      bench, .init(call: call, number: number, code: code, path: ".tessera-records"))
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(Self.says(sentence, outcome), "\(outcome.errors)")
    #expect(try bench.folder.bytes("out/.tessera-records") == lines)
    #expect(!bench.folder.outputs(in: "out").contains("d.npy"))
    #expect(try bench.run().status == 0)
  }

  @Test(
    "A plan whose list or whose own file cannot get its name leaves neither",
    arguments: ["inputs.jsonl", "plan.json"])
  func plan(_ name: String) throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    let outcome = try Command.run(
      ["plan", "copy.json", "--output", "out", "--plan", "plan", "--shards", "2"],
      in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "rename", code: EPERM, path: "plan/\(name)"), below: "plan"))
    #expect(outcome.status == 73)
    #expect(
      Self.says("cannot create 'plan/\(name)': Operation not permitted", outcome),
      "\(outcome.errors)")
    #expect(bench.folder.files(in: "plan") == [])
    #expect(try bench.plan("--shards", "2").status == 0)
  }

  @Test("What says that a shard is complete and cannot be written is told of; the shard is missing")
  func done() throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try bench.plan("--shards", "2")
    let outcome = try bench.run(
      "0",
      environment: FaultyCalls.environment(
        .init(call: "rename", code: EPERM, path: "00000.done.json"), below: "plan"))
    #expect(outcome.status == 73)
    #expect(
      outcome.errors.contains(
        "cannot create 'plan/shards/00000.done.json': Operation not permitted"),
      "\(outcome.errors)")
    #expect(try bench.missing() == "0-1")
    #expect(try bench.run("0-1").status == 0 && bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test(
    "What learning has found and cannot be written is told, and nothing is left",
    arguments: [("write", ENOSPC, 74), ("fsync", EIO, 74), ("open", EACCES, 73)]
      as [(String, Int32, Int32)])
  func statistics(_ call: String, _ code: Int32, _ status: Int32) throws {
    let bench = try Workbench()
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#,
      #"{ "stage": "transform.pca", "statistics": "s.safetensors", "components": 1 }"#,
    ])
    let outcome = try Command.run(
      ["fit", "copy.json", "-o", "s.safetensors"], in: bench.folder.path,
      environment: FaultyCalls.environment(.init(call: call, code: code), below: "s.safetensors."))
    #expect(outcome.status == status, "\(outcome.errors)")
    let reason = "s.safetensors': \(String(cString: strerror(code)))"
    #expect(Self.says(reason, outcome), "\(outcome.errors)")
    #expect(bench.folder.files().filter { $0.contains("s.safetensors") } == [])
  }
}
