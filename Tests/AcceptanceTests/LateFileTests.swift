import Foundation
import Glibc
import Testing

/// Somebody's files that come to lie under the names of outputs while a run is at work.
@Suite struct LateFileTests {
  private static func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "sub/b.npy", "c.npy"])
    try bench.writePipeline([#"{ "stage": "encode", "path": "out", "format": "png" }"#])
    return bench
  }

  private static let whole = Result {
    let bench = try Self.bench()
    try #require(try bench.run().status == 0)
    return try bench.contents()
  }

  private static func run(
    _ bench: Workbench, _ faults: [FaultyCalls.Fault], _ more: [String] = []
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json", "--jobs", "1"] + more, in: bench.folder.path,
      environment: FaultyCalls.environment(faults, below: "out"))
  }

  /// File systems that give names only where nothing has them, by one call or another, and one that
  /// knows neither call: there it is looked before.
  static let fileSystems: [[FaultyCalls.Fault]] = [
    [],
    [.init(call: "renameat2", code: EINVAL)],
    [.init(call: "renameat2", code: ENOSYS)],
    [.init(call: "renameat2", code: EINVAL), .init(call: "link", code: EPERM)],
    [.init(call: "renameat2", code: EOPNOTSUPP), .init(call: "link", code: EOPNOTSUPP)],
  ]

  @Test("Where a file system lacks calls, names are given all the same", arguments: fileSystems)
  func names(_ faults: [FaultyCalls.Fault]) throws {
    let bench = try Self.bench()
    let outcome = try Self.run(bench, faults)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try bench.contents() == Self.whole.get())
    #expect(bench.halfFiles() == [])
  }

  /// Calls from the first byte of an output to its name.
  static let moments: [FaultyCalls.Fault] = [
    .init(call: "open", number: 1, code: FaultyCalls.none, path: ".b.png.tessera-part"),
    .init(call: "write", number: 1, code: FaultyCalls.none, path: ".b.png.tessera-part"),
    .init(call: "close", number: 1, code: FaultyCalls.none, path: ".b.png.tessera-part"),
    .init(call: "syncfs", number: 1, code: FaultyCalls.none),
    .init(call: "rename", number: 1, code: FaultyCalls.none),
    .init(call: "rename", number: 1, code: FaultyCalls.none, path: "sub/b.png"),
    .init(call: "rename", number: 1, code: FaultyCalls.none, path: "sub/b.npy"),
    .init(call: "link", number: 1, code: FaultyCalls.none, path: "sub/b.npy"),
  ]

  @Test(
    "A file that comes to lie under a name stays; its input alone fails, and none of its outputs is",
    arguments: moments, [fileSystems[0], fileSystems[1], fileSystems[3]])
  func late(_ moment: FaultyCalls.Fault, _ fileSystem: [FaultyCalls.Fault]) throws {
    // Where there is no link, nothing comes before it.
    if moment.call == "link", !fileSystem.contains(where: { $0.call == "renameat2" }) { return }
    let whole = try Self.whole.get()
    for name in ["sub/b.npy", "sub/b.png"] {
      // Once a name has been given, what comes after replaces it: that is not ours to see.
      if moment.path.hasPrefix("sub/"), moment.path != name { continue }
      let bench = try Self.bench()
      var moment = moment
      moment.planting = "out/\(name)"
      let outcome = try Self.run(bench, [moment] + fileSystem)
      #expect(outcome.status == 65 && !outcome.hasCrashed, "\(name) \(outcome.errors)")
      #expect(outcome.errors.contains("'\(name)' exists already"), "\(name) \(outcome.errors)")
      var expected = whole.filter { !$0.key.hasPrefix("sub/") }
      expected[name] = FaultyCalls.planted
      #expect(try bench.contents() == expected, "\(name)")
      let failed = try #require(try bench.folder.report().first { $0.status == "failed" })
      #expect(failed.source == "sub/b.npy" && failed.failureKind == "exists")
      // It is somebody's to the next run as well.
      #expect(try bench.run().status == 65)
      #expect(try bench.contents() == expected, "\(name)")
      unlink(bench.folder.path("out/\(name)"))
      #expect(try bench.run().status == 0)
      #expect(try bench.contents() == whole, "\(name)")
    }
  }

  @Test("Whoever asks for it has late files replaced, as all others", arguments: fileSystems)
  func overwritten(_ fileSystem: [FaultyCalls.Fault]) throws {
    let bench = try Self.bench()
    let moment = FaultyCalls.Fault(
      call: "syncfs", number: 1, code: FaultyCalls.none, planting: "out/c.npy")
    let outcome = try Self.run(bench, [moment] + fileSystem, ["--overwrite"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try bench.contents() == Self.whole.get())
  }

  @Test("A file that comes to lie under the name of the report stays", arguments: fileSystems)
  func report(_ fileSystem: [FaultyCalls.Fault]) throws {
    let bench = try Self.bench()
    let moment = FaultyCalls.Fault(
      call: "rename", number: 1, code: FaultyCalls.none, path: "report.jsonl",
      planting: "out/report.jsonl")
    let outcome = try Self.run(bench, [moment] + fileSystem)
    #expect(outcome.status == 74 && outcome.errors.contains("report.jsonl"), "\(outcome.errors)")
    #expect(try bench.folder.bytes("out/report.jsonl") == FaultyCalls.planted)
    #expect(try bench.contents() == Self.whole.get())
    #expect(try bench.run().status == 73)
    unlink(bench.folder.path("out/report.jsonl"))
    #expect(try bench.run().status == 0)
    #expect(try bench.folder.report().count == 3)
  }
}
