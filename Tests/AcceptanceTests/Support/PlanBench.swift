import Foundation
import Glibc
import Testing

/// A folder with inputs in "in", a plan in "plan", and what its shards write in "out".
struct PlanBench {
  let bench: Workbench
  var folder: TemporaryFolder { bench.folder }

  /// Inputs in nested folders, two of which have one stem each.
  static let names = [
    "a.npy", "b/a.npy", "b/c.npy", "b/d/a.npy", "b/d/e.npy", "c.npy", "f.npy", "g.npy", "h/i.npy",
    "h/j.npy", "k.npy",
  ]

  init(_ names: [String] = Self.names) throws { bench = try Workbench(names) }

  /// Plans "copy.json".
  @discardableResult
  func plan(_ arguments: String..., named plan: String = "plan") throws -> Command.Outcome {
    try Command.run(
      ["plan", "copy.json", "--output", "out", "--plan", plan] + arguments, in: folder.path)
  }

  /// Runs shards.
  @discardableResult
  func run(
    _ shards: String, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "--plan", "plan", "--shard", shards] + arguments, in: folder.path,
      environment: environment)
  }

  /// Starts shard 0, whose inputs are read slowly, and waits until it works.
  func slow(_ arguments: String...) throws -> Running {
    let mark = folder.path("mark")
    let running = try Running(
      ["run", "--plan", "plan", "--shard", "0", "--jobs", "1"] + arguments, in: folder.path,
      environment: try slowness(milliseconds: 100))
    try running.waitUntilThere(is: mark)
    return running
  }

  private func slowness(milliseconds: Int) throws -> [String: String] {
    try SlowCalls(call: "pread", path: ".npy", milliseconds: milliseconds, number: 3)
      .environment(showing: folder.path("mark"))
  }

  /// Starts shard 0 by a shell that is killed once the shard works; what it says is in "said".
  ///
  /// - Parameters:
  ///   - option: one more of the command.
  ///   - milliseconds: how long each read takes.
  ///   - isToldToEnd: whether the command itself gets a signal at the same time.
  /// - Returns: the number of the command's process.
  /// - Throws: where the shell cannot be started, or has left no number.
  func orphan(
    _ option: String, milliseconds: Int, isToldToEnd: Bool = false
  ) throws -> pid_t {
    let signal = isToldToEnd ? "kill -TERM $child" : "true"
    let script = """
      '\(Command.path)' run --plan plan --shard 0 --jobs 1 \(option) 2>said & child=$!
      for _ in {1..1200}; do [ -e mark ] && break; sleep 0.05; done
      echo $child >pid; \(signal); kill -9 $$
      """
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", script]
    shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    shell.environment = ProcessInfo.processInfo.environment.merging(
      try slowness(milliseconds: milliseconds)
    ) { $1 }
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    let text = String(decoding: try folder.bytes("pid"), as: UTF8.self)
    return try #require(pid_t(text.trimmingCharacters(in: .newlines)))
  }

  /// Merges.
  @discardableResult
  func merge(_ arguments: String...) throws -> Command.Outcome {
    try Command.run(["merge", "--plan", "plan"] + arguments, in: folder.path)
  }

  /// The shards that nobody has done.
  func missing() throws -> String {
    let outcome = try Command.run(["status", "--plan", "plan", "--missing"], in: folder.path)
    #expect(outcome.status == 0)
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  /// Runs everything at once, to "one".
  func runAlone() throws -> Command.Outcome {
    try Command.run(["run", "copy.json", "--output", "one"], in: folder.path)
  }

  /// Every file of a folder of outputs but lock and records; the report without its times.
  func results(in name: String) throws -> [String: [UInt8]] {
    var results: [String: [UInt8]] = [:]
    for file in folder.files(in: name) where !file.hasPrefix(".tessera-") {
      results[file] = try folder.bytes("\(name)/\(file)")
    }
    if let report = results["report.jsonl"] {
      let text = String(decoding: report, as: UTF8.self)
      results["report.jsonl"] = Array(text.replacing(/"seconds":[0-9.e-]+/, with: "").utf8)
    }
    return results
  }

  /// Expects what one machine gives, and that a later run finds everything done.
  func expectWhole(status: Int32 = 0) throws {
    let alone = try runAlone()
    #expect(alone.status == status, "\(alone.errors)")
    let (own, other) = (try results(in: "out"), try results(in: "one"))
    #expect(own.keys.sorted() == other.keys.sorted())
    for (name, bytes) in own { #expect(bytes == other[name], "\(name)") }
    let verified = try Command.run(["verify", "out"], in: folder.path)
    #expect(verified.status == 0, "\(verified.errors)")
    let again = try Command.run(
      ["run", "copy.json", "--output", "out", "--quiet", "--json"], in: folder.path)
    let counts = again.json?["counts"] as? [String: Int]
    #expect(counts?["ok"] == 0, "\(again.errors)")
    #expect(try results(in: "out").keys.sorted() == other.keys.sorted())
  }
}
