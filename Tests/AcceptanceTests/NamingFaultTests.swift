import Foundation
import Glibc
import Testing

/// What becomes of each input where the disk refuses one step on the way of files to their names.
@Suite(.timeLimit(.minutes(10))) struct NamingFaultTests {
  /// Faults, and what the report tells then of the inputs, by their names.
  struct Case: Sendable, CustomTestStringConvertible {
    var faults: [FaultyCalls.Fault]
    /// Kind and sentence of those that fail; all others are done.
    var failures: [String: String]
    var status: Int32
    /// Outputs that are there in the end.
    var outputs: [String]
    var testDescription: String { faults.map(\.testDescription).joined(separator: ", ") }

    init(
      _ faults: FaultyCalls.Fault..., failing failures: [String: String], status: Int32,
      outputs: [String]
    ) {
      self.faults = faults
      self.failures = failures
      self.status = status
      self.outputs = outputs
    }
  }

  private static let inputs = ["a.npy", "c.npy", "sub/b.npy"]

  /// The same failure of every input.
  private static func all(_ failure: String) -> [String: String] {
    Dictionary(uniqueKeysWithValues: inputs.map { ($0, failure) })
  }

  /// A file system that is asked for each file by itself.
  private static let oneByOne = FaultyCalls.Fault(call: "syncfs", code: EIO)

  private static let cases = [
    Case(
      .init(call: "rename", code: EPERM, path: "out/sub/b.npy"),
      failing: [
        "sub/b.npy": "create: cannot create 'out/sub/b.npy': Operation not permitted"
      ], status: 73, outputs: ["a.npy", "c.npy"]),
    Case(
      .init(call: "rename", code: ENOSPC, path: "out/a.npy"),
      failing: ["a.npy": "create: cannot create 'out/a.npy': No space left on device"],
      status: 73, outputs: ["c.npy", "sub/b.npy"]),
    Case(
      .init(call: "close", number: 1, code: EDQUOT, path: ".b.npy.tessera-part"),
      failing: ["sub/b.npy": "write: cannot write 'out/sub/b.npy': Disk quota exceeded"],
      status: 74, outputs: ["a.npy", "c.npy"]),
    Case(
      oneByOne, .init(call: "fsync", code: EDQUOT, path: ".c.npy.tessera-part"),
      failing: ["c.npy": "write: cannot write 'out/c.npy': Disk quota exceeded"],
      status: 74, outputs: ["a.npy", "sub/b.npy"]),
    Case(
      oneByOne, .init(call: "fsync", number: 1, code: EDQUOT, path: "out/.tessera-records"),
      failing: all("write: cannot write 'out': Disk quota exceeded"), status: 74, outputs: []),
    // The name is there, and nobody knows for how long.
    Case(
      oneByOne, .init(call: "fsync", code: EDQUOT, path: "out/sub"),
      failing: ["sub/b.npy": "write: cannot write 'out/sub': Disk quota exceeded"],
      status: 74, outputs: ["a.npy", "c.npy", "sub/b.npy"]),
    Case(
      .init(call: "write", number: 2, code: EDQUOT, path: ".tessera-records"),
      failing: all("write: cannot write 'out/.tessera-records': Disk quota exceeded"),
      status: 74, outputs: []),
  ]

  @Test(
    "Those fail whose files it was, in so many words, and the next run does them", arguments: cases)
  func told(_ row: Case) throws {
    let bench = try Workbench(Self.inputs)
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(row.faults, below: "out"))
    #expect(outcome.status == row.status, "\(outcome.errors)")
    let report = try bench.folder.report()
    #expect(report.map(\.source) == Self.inputs)
    let failures = report.filter { $0.status == "failed" }.map { line in
      (line.source, "\(line.failureKind ?? ""): \(line.failureMessage ?? "")")
    }
    #expect(Dictionary(uniqueKeysWithValues: failures) == row.failures)
    #expect(report.count { $0.status == "ok" } == 3 - row.failures.count)
    #expect(bench.folder.outputs(in: "out") == row.outputs)
    let again = try bench.run()
    #expect(again.status == 0, "\(again.errors)")
    for name in Self.inputs {
      #expect(try bench.folder.bytes("out/\(name)") == bench.folder.bytes("in/\(name)"))
    }
  }

  @Test("What keeps the last line of the records from the disk fails all whose end it tells of")
  func records() throws {
    let bench = try Workbench(Self.inputs)
    let environment = try FaultyCalls.environment(below: "out", log: bench.folder.path("log"))
    #expect(
      try Command.run(
        ["run", "copy.json", "--jobs", "1"], in: bench.folder.path, environment: environment
      ).status == 0)
    let writes = try FaultyCalls.calls(in: bench.folder.path("log")).count {
      $0.name == "write" && $0.path.hasSuffix(".tessera-records")
    }
    let other = try Workbench(Self.inputs)
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: other.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "write", number: writes, code: EDQUOT, path: ".tessera-records"), below: "out"))
    #expect(outcome.status == 74, "\(outcome.errors)")
    let report = try other.folder.report()
    #expect(report.map(\.status) == ["failed", "failed", "failed"])
    let message = "cannot write 'out/.tessera-records': Disk quota exceeded"
    #expect(report.map(\.failureMessage) == [message, message, message])
    #expect(report.map(\.failureKind) == ["write", "write", "write"])
    #expect(try other.run().status == 0)
    #expect(try other.sources("ok", "skipped") == Self.inputs)
  }

  @Test(
    "An entry that the system does not tell of is taken for what its folder says that it is",
    arguments: [
      ("pipe.npy", "passed over: 'in/pipe.npy' is a FIFO", ["a.npy", "deep/b.npy"], 0),
      ("socket.npy", "passed over: 'in/socket.npy' is a socket", ["a.npy", "deep/b.npy"], 0),
      (
        "deep", "cannot read 'in/deep': Permission denied: inputs in it are missing", ["a.npy"], 65
      ),
      ("a.npy", "", ["a.npy", "deep/b.npy"], 0),
    ] as [(String, String, [String], Int32)])
  func types(_ name: String, _ sentence: String, _ sources: [String], _ status: Int32) throws {
    let bench = try Workbench(["a.npy", "deep/b.npy"])
    if name == "pipe.npy" { mkfifo(bench.folder.path("in/\(name)"), 0o600) }
    if name == "socket.npy" { mknod(bench.folder.path("in/\(name)"), S_IFSOCK | 0o600, 0) }
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "lstat", code: EACCES, path: "in/\(name)"), below: "in"))
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(try bench.sources("ok") == sources)
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    if sentence.isEmpty {
      #expect(!outcome.errors.contains("passed over") && !outcome.errors.contains("missing"))
    } else {
      #expect(lines.contains { $0.hasSuffix(sentence) }, "\(outcome.errors)")
    }
  }
}
