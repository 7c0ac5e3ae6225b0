import Foundation
import Glibc
import Testing

/// What is on the disk when, and what a run finds that follows one which ended anywhere.
@Suite struct PowerLossTests {
  /// Three inputs with two outputs each, one of them in a folder of its own.
  private static func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "sub/b.npy", "c.npy"])
    try bench.writePipeline(
      [#"{ "stage": "encode", "path": "out", "format": "png" }"#], encode: "")
    return bench
  }

  private static func run(
    _ bench: Workbench, _ fault: FaultyCalls.Fault? = nil, log: String? = nil,
    _ more: [String] = []
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json", "--jobs", "1"] + more, in: bench.folder.path,
      environment: FaultyCalls.environment(
        fault, below: "out", log: log.map { bench.folder.path($0) }))
  }

  /// The outputs of a run that nothing has disturbed.
  private static let whole = Result {
    let bench = try Self.bench()
    try #require(try bench.run().status == 0)
    return try bench.contents()
  }

  private static func calls(_ arguments: [String] = []) throws -> [FaultyCalls.Call] {
    let bench = try Self.bench()
    try #require(try Self.run(bench, log: "log", arguments).status == 0)
    return try FaultyCalls.calls(in: bench.folder.path("log"))
  }

  @Test("A name comes after its bytes are on the disk, and before the records tell that it is done")
  func order() throws {
    let calls = try Self.calls()
    let renames = calls.indices.filter {
      calls[$0].name == "rename" && !calls[$0].path.hasSuffix("report.jsonl")
    }
    #expect(renames.count == 6)
    for rename in renames {
      let path = calls[rename].path
      let (folder, name) = (
        (path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent
      )
      let before = calls[..<rename]
      let written = try #require(
        before.lastIndex { $0.name == "write" && $0.path.hasSuffix("/.\(name).tessera-part") })
      let begun = try #require(
        before.lastIndex { $0.name == "write" && $0.path.hasSuffix(".tessera-records") })
      let synced = try #require(before.lastIndex { $0.name == "syncfs" })
      #expect(written < synced && begun < synced, "\(name)")
      let after = calls[rename...]
      let named = try #require(
        after.firstIndex { $0.name == "fsync" && $0.path.hasSuffix(folder) })
      let recorded = try #require(
        after.firstIndex { $0.name == "write" && $0.path.hasSuffix(".tessera-records") })
      #expect(named < recorded, "\(name)")
    }
    // One for all of them.
    #expect(calls.count { $0.name == "syncfs" } == 1)
  }

  @Test("New folders are on the disk before the records tell what was done in them")
  func folders() throws {
    let bench = try Workbench(["x/a.npy", "x/y/z/b.npy", "w/c.npy"])
    #expect(try Self.run(bench, log: "log").status == 0)
    let calls = try FaultyCalls.calls(in: bench.folder.path("log"))
    let made = calls.indices.filter { calls[$0].name == "mkdir" && calls[$0].path != "out" }
    #expect(Set(made.map { calls[$0].path }).isSuperset(of: ["out/x", "out/x/y/z", "out/w"]))
    // What comes behind the names tells that all is done.
    let named = try #require(
      calls.lastIndex { $0.name == "rename" && $0.path.hasSuffix(".npy") })
    let done = try #require(
      calls[named...].firstIndex { $0.name == "write" && $0.path.hasSuffix(".tessera-records") })
    for folder in made {
      let parent = (calls[folder].path as NSString).deletingLastPathComponent
      let isSynced = calls[folder..<done].contains {
        $0.name == "fsync" && $0.path.hasSuffix("/" + parent)
      }
      #expect(isSynced, "\(calls[folder].path)")
    }
  }

  @Test("A report has its name once it is on the disk")
  func report() throws {
    let calls = try Self.calls()
    let rename = try #require(
      calls.lastIndex { $0.name == "rename" && $0.path.hasSuffix("report.jsonl") })
    let part = "report.jsonl.tessera-part"
    let synced = try #require(calls.lastIndex { $0.name == "fsync" && $0.path.hasSuffix(part) })
    let written = try #require(calls.lastIndex { $0.name == "write" && $0.path.hasSuffix(part) })
    #expect(written < synced && synced < rename)
    #expect(calls[rename...].contains { $0.name == "fsync" && $0.path.hasSuffix("out") })
  }

  /// Calls that change something, each as often as a run makes it.
  private static let steps: [FaultyCalls.Fault] = {
    let names = [
      "open", "write", "syncfs", "fsync", "rename", "mkdir", "unlink", "flock", "close",
    ]
    guard let calls = try? calls() else { return [] }
    return names.flatMap { name -> [FaultyCalls.Fault] in
      let count = calls.count { $0.name == name }
      // The first ones, the last ones, and some between.
      let numbers = (1...max(count, 1)).filter {
        $0 <= 8 || $0 > count - 4 || $0 % 5 == 0
      }
      return numbers.map { FaultyCalls.Fault(call: name, number: $0, code: FaultyCalls.kill) }
    }
  }()

  @Test("After a run that was killed at any call the next one ends with the same bytes")
  func killed() throws {
    let whole = try Self.whole.get()
    var killCount = 0
    for fault in Self.steps {
      let bench = try Self.bench()
      // How often some calls are made differs from run to run.
      if try Self.run(bench, fault).hasCrashed { killCount += 1 }
      for (name, bytes) in try bench.contents() where !name.hasSuffix(".tessera-part") {
        #expect(whole[name] == bytes, "\(fault.testDescription) \(name)")
      }
      let again = try bench.run()
      #expect(again.status == 0, "\(fault.testDescription) \(again.errors)")
      #expect(try bench.contents() == whole, "\(fault.testDescription)")
      #expect(bench.halfFiles() == [], "\(fault.testDescription)")
    }
    #expect(killCount > 60)
  }

  @Test(
    "After a call that failed the run tells, and the next one ends with the same bytes",
    arguments: [ENOSPC, EIO])
  func failed(_ code: Int32) throws {
    let whole = try Self.whole.get()
    for step in Self.steps where !["unlink", "close"].contains(step.call) {
      var fault = step
      fault.code = code
      let bench = try Self.bench()
      let outcome = try Self.run(bench, fault)
      let isWhole = outcome.status == 0
      // A whole file system that will not be brought to its disk is asked for file by file.
      #expect(
        [73, 74, 75].contains(outcome.status)
          || isWhole && ["syncfs", "open", "mkdir", "flock"].contains(fault.call),
        "\(fault.testDescription) \(outcome.status) \(outcome.errors)")
      let contents = try bench.contents()
      for (name, bytes) in contents { #expect(whole[name] == bytes, "\(fault) \(name)") }
      if isWhole { #expect(contents == whole, "\(fault.testDescription)") }
      #expect(bench.halfFiles() == [], "\(fault.testDescription)")
      let again = try bench.run()
      #expect(again.status == 0, "\(fault.testDescription) \(again.errors)")
      #expect(try bench.contents() == whole, "\(fault.testDescription)")
    }
  }

  @Test("Records that were cut anywhere, or are gone, cost no output and no byte")
  func cutRecords() throws {
    let bench = try Self.bench()
    #expect(try bench.run().status == 0)
    let whole = try Self.whole.get()
    let records = try bench.folder.bytes("out/.tessera-records")
    let ends = records.indices.filter { records[$0] == UInt8(ascii: "\n") }
    for count in Array(stride(from: 0, to: records.count, by: 131)) + ends + ends.map({ $0 + 1 }) {
      try bench.folder.write(Array(records[..<count]), to: "out/.tessera-records")
      let outcome = try bench.run()
      #expect(outcome.status == 0, "\(count): \(outcome.errors)")
      #expect(try bench.contents() == whole, "\(count)")
    }
    unlink(bench.folder.path("out/.tessera-records"))
    #expect(try bench.run().status == 0)
    #expect(try bench.contents() == whole)
  }

  @Test("An output of zeros is found by --verify-done and made again; a changed one is somebody's")
  func verifyDone() throws {
    let bench = try Self.bench()
    #expect(try bench.run().status == 0)
    let whole = try Self.whole.get()
    let size = try #require(whole["a.png"]?.count)
    try bench.folder.write([UInt8](repeating: 0, count: size), to: "out/a.png")
    #expect(try bench.run().status == 0)
    #expect(try bench.contents() != whole)
    #expect(try Command.run(["verify", "out"], in: bench.folder.path).status == 65)
    let outcome = try bench.run("--verify-done")
    #expect(outcome.status == 0 && outcome.errors.contains("1 done, 2 done before"))
    #expect(try bench.contents() == whole)
    var changed = try #require(whole["sub/b.png"])
    changed[changed.count - 1] ^= 1
    try bench.folder.write(changed, to: "out/sub/b.png")
    #expect(try bench.run().status == 0)
    let refused = try bench.run("--verify-done")
    #expect(refused.status == 65 && refused.errors.contains("'sub/b.png' exists already"))
    #expect(try bench.folder.bytes("out/sub/b.png") == changed)
    #expect(try bench.run("--verify-done", "--overwrite").status == 0)
    #expect(try bench.contents() == whole)
  }
}
