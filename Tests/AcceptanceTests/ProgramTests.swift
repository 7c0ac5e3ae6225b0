import Foundation
import Glibc
import Testing

/// Programs that a stage runs, and what is left of them when the command ends in whatever way.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ProgramTests {
  /// What a program does after it has told of itself and of what it has started.
  enum Manner: String, CaseIterable {
    case answers = "cat; sleep 1000"
    case hangs = "sleep 1000"
  }

  /// Inputs, and a pipeline whose program starts two others: one in its background, one in that one's.
  private func bench(_ manner: Manner) throws -> Workbench {
    let bench = try Workbench()
    let script = """
      (sleep 1000 & echo $! >> pids; exec sleep 1000) & echo $! >> pids; echo $$ >> pids; \
      \(manner.rawValue)
      """
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 4 }"#,
      #"{ "stage": "transform.command", "command": ["sh", "-c", "\#(script)"], "timeout": 300 }"#,
    ])
    return bench
  }

  /// The processes that programs have told of.
  private func processes(_ bench: Workbench) -> [pid_t] {
    let text = (try? bench.folder.bytes("pids")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").compactMap { pid_t($0) }
  }

  /// Those of them that still run: one that has ended may wait for its parent.
  private func running(_ bench: Workbench) -> [pid_t] {
    processes(bench).filter { process in
      guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      else { return false }
      return !status.contains(") Z ")
    }
  }

  private func expectNothingLeft(_ bench: Workbench, of count: Int) {
    #expect(processes(bench).count == count)
    for _ in 0..<3000 where !running(bench).isEmpty { usleep(1000) }
    #expect(running(bench) == [])
    for process in running(bench) { kill(process, SIGKILL) }
  }

  private func start(_ bench: Workbench, jobs: Int) throws -> Running {
    let running = try Running(
      ["run", "copy.json", "--jobs", "\(jobs)"], in: bench.folder.path)
    for _ in 0..<10_000 where processes(bench).count < 3 * jobs { usleep(1000) }
    try #require(processes(bench).count == 3 * jobs)
    return running
  }

  @Test("A command that is killed leaves no program, and nothing that one has started")
  func killed() throws {
    for jobs in [1, 3] {
      let bench = try bench(.hangs)
      let running = try start(bench, jobs: jobs)
      #expect(self.running(bench).count == 3 * jobs)
      kill(running.process, SIGKILL)
      #expect(try running.wait().status == 128 + SIGKILL)
      expectNothingLeft(bench, of: 3 * jobs)
    }
  }

  @Test("Neither does one that is interrupted, in order or at once", arguments: [1, 2])
  func interrupted(signals: Int) throws {
    let bench = try bench(.hangs)
    let running = try start(bench, jobs: 2)
    for _ in 0..<signals {
      kill(running.process, SIGTERM)
      usleep(1000)
    }
    #expect(try running.wait().status == 75)
    expectNothingLeft(bench, of: 6)
  }

  @Test("Nor one that ends: what does not end with its input is ended")
  func ended() throws {
    let bench = try bench(.answers)
    let outcome = try bench.run("--jobs", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try bench.sources("ok") == ["a.npy", "b.npy", "c.npy"])
    expectNothingLeft(bench, of: 3)
  }

  @Test("Neither does a program that was silent, and the others go on")
  func silent() throws {
    let bench = try bench(.hangs)
    let text = String(decoding: try bench.folder.bytes("copy.json"), as: UTF8.self)
    try bench.folder.write(
      text.replacingOccurrences(of: "\"timeout\": 300", with: "\"timeout\": 0.5"),
      to: "copy.json")
    let outcome = try bench.run("--jobs", "1")
    #expect(outcome.status == 65)
    #expect(try bench.folder.report().map(\.failureKind) == ["program", "program", "program"])
    expectNothingLeft(bench, of: 9)
  }

  @Test("A program gets none of the command's files, and its signals as they are meant to be")
  func surroundings() throws {
    let bench = try Workbench(["a.npy"])
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 4 }"#,
      #"{ "stage": "transform.command", "command": ["sh", "-c", "ls /proc/$$/fd > fds; grep Sig /proc/self/status > signals; pwd > place; cat"] }"#,
    ])
    let outcome = try bench.run("--jobs", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    func text(_ name: String) throws -> String {
      String(decoding: try bench.folder.bytes(name), as: UTF8.self)
    }
    // The shell may have one of its own for what it writes to.
    let ends = try text("fds").split(separator: "\n").compactMap { Int($0) }
    #expect(ends.filter { $0 < 10 }.sorted().prefix(3) == [0, 1, 2])
    #expect(ends.filter { (3..<10).contains($0) }.count <= 1)
    let signals = try text("signals")
    // The C library has the 32nd and the one behind it for itself.
    for mask in signals.matches(of: #/Sig(?:Ign|Blk):\s*([0-9a-f]+)/#) {
      #expect((UInt64(mask.1, radix: 16) ?? .max) & 0x7FFF_FFFF == 0, "\(signals)")
    }
    let place = try text("place").dropLast()
    #expect(
      URL(fileURLWithPath: String(place)).resolvingSymlinksInPath().path
        == URL(fileURLWithPath: bench.folder.path).resolvingSymlinksInPath().path)
  }

  @Test("Checking and explaining look for a program, and never start it")
  func looked() throws {
    let bench = try bench(.answers)
    let folder = bench.folder.path
    let checked = try Command.run(["validate", "copy.json"], in: folder)
    #expect(checked.status == 0, "\(checked.errors)")
    let explained = try Command.run(["explain", "copy.json", "--size", "9x9x1"], in: folder)
    #expect(explained.status == 0)
    #expect(explained.output.contains("runs [\"sh\",\"-c\","))
    let planned = try bench.run("--dry-run")
    #expect(planned.status == 0)
    #expect(processes(bench) == [])
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 4 }"#,
      #"{ "stage": "transform.command", "command": ["no-such-program"] }"#,
    ])
    for words in [["validate", "copy.json"], ["run", "copy.json"]] {
      let outcome = try Command.run(words, in: folder)
      #expect(outcome.status == 78)
      #expect(outcome.errors.contains("stages[2] (transform.command).command: expected a program"))
    }
    #expect(bench.folder.files(in: "out") == [])
  }

  @Test("Nothing that a dataset names is run")
  func datasets() throws {
    let bench = try Workbench()
    try bench.writePipeline(
      [
        #"{ "stage": "unfold", "kernel_size": 4, "stride": 4, "edge": "pad" }"#,
        #"{ "stage": "transform.command", "command": ["sh", "-c", "touch started; cat"] }"#,
        #"{ "stage": "fold" }"#, #"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#,
      ], encode: #", "images_per_shard": 2"#)
    #expect(try bench.run().status == 0)
    try FileManager.default.removeItem(atPath: bench.folder.path("started"))
    let outcome = try Command.run(["roundtrip", "out", "--source", "in"], in: bench.folder.path)
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("which is only ever taken from a pipeline file"))
    #expect(!bench.folder.files().contains("started"))
  }
}
