import Foundation
import Glibc
import Testing

/// What a repeated run does again, leaves alone and refuses.
@Suite struct ResumeTests {
  /// Something that happens between two runs, and what the second then does.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Inputs that are done again with `--overwrite`; `nil` where something is in their way still.
    let overwriting: [String]?
    /// Inputs that are done again without; `nil` where something is in their way.
    let plain: [String]?
    let make: @Sendable (TemporaryFolder) throws -> Void

    /// A change after which only `--overwrite` does `names` again.
    static func inTheWay(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: nil, make: make)
    }

    /// A change after which a run finds everything done, and `--overwrite` does `names` again.
    static func adopted(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: [], make: make)
    }

    /// A change after which any run does `names` again.
    static func doneAgain(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: names, make: make)
    }
  }

  private static let all = ["a.npy", "b.npy", "c.npy"]
  /// 2001-09-09, a time of which fractions of a second are told apart.
  private static let time = 1_000_000_000

  private static func setTime(
    of name: String, in folder: TemporaryFolder, seconds: Int = time, nanoseconds: Int = 500
  ) {
    let times = Array(repeating: timespec(tv_sec: seconds, tv_nsec: nanoseconds), count: 2)
    utimensat(AT_FDCWD, folder.path(name), times, 0)
  }

  private static let inputs: [Change] = [
    .doneAgain("nothing", []) { _ in },
    .doneAgain("an input gets other content of the same size, later", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder, seconds: time + 1)
    },
    .doneAgain("an input gets a time that is 1 ns later", []) { folder in
      setTime(of: "in/b.npy", in: folder, nanoseconds: 501)
    },
    .doneAgain("all inputs are copied", []) { folder in
      for name in all {
        try folder.write(try folder.bytes("in/\(name)"), to: "copies/\(name)")
        unlink(folder.path("in/\(name)"))
      }
      rmdir(folder.path("in"))
      rename(folder.path("copies"), folder.path("in"))
    },
    .doneAgain("two inputs change places", ["a.npy", "c.npy"]) { folder in
      rename(folder.path("in/a.npy"), folder.path("in/x"))
      rename(folder.path("in/c.npy"), folder.path("in/a.npy"))
      rename(folder.path("in/x"), folder.path("in/c.npy"))
      // With times of their own, since only those tell that there is something to read.
      setTime(of: "in/a.npy", in: folder, nanoseconds: 502)
      setTime(of: "in/c.npy", in: folder, nanoseconds: 503)
    },
    .doneAgain("an input gets other content, and a time that is 1 ns earlier", ["b.npy"]) {
      folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder, nanoseconds: 499)
    },
    .doneAgain("an input grows and keeps its time", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 1, height: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input shrinks and keeps its time", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 1, height: 7), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input is written anew as it was, its time included", []) { folder in
      try folder.write(Workbench.array(seed: 1), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input is new", ["ab.npy"]) { folder in
      try folder.write(Workbench.array(seed: 7), to: "in/ab.npy")
    },
    .doneAgain("an input is changed and its output is gone", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      unlink(folder.path("out/b.npy"))
    },
    .doneAgain("an input has another name", ["d.npy"]) { folder in
      rename(folder.path("in/b.npy"), folder.path("in/d.npy"))
    },
    .doneAgain("an input is gone", []) { folder in unlink(folder.path("in/b.npy")) },
  ]

  private static let outputs: [Change] = [
    .doneAgain("an output is gone", ["b.npy"]) { unlink($0.path("out/b.npy")) },
    .doneAgain("all outputs are gone", all) { folder in
      for name in all { unlink(folder.path("out/\(name)")) }
    },
    .inTheWay("an output lacks its last byte", ["b.npy"]) { folder in
      try folder.write(try folder.bytes("out/b.npy").dropLast(), to: "out/b.npy")
    },
    .inTheWay("an output is one byte longer", ["b.npy"]) { folder in
      try folder.write(try folder.bytes("out/b.npy") + [0], to: "out/b.npy")
    },
    .inTheWay("an output is a link that leads nowhere", ["b.npy"]) { folder in
      unlink(folder.path("out/b.npy"))
      symlink("nowhere", folder.path("out/b.npy"))
    },
    Change(testDescription: "an output is a folder", overwriting: nil, plain: nil) { folder in
      unlink(folder.path("out/b.npy"))
      mkdir(folder.path("out/b.npy"), 0o777)
    },
    .inTheWay("an output and its input are changed", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      try folder.write(Workbench.array(seed: 8), to: "out/b.npy")
    },
    .adopted("an output is changed to what its changed input gives", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      try folder.write(Workbench.array(seed: 9), to: "out/b.npy")
    },
    .adopted("the records are gone", all) { unlink($0.path("out/.tessera-records")) },
    .adopted("the records are of no use", all) { folder in
      try folder.write("done\ta.npy\t1\n\n\tnonsense", to: "out/.tessera-records")
    },
    .doneAgain("the report is gone", []) { unlink($0.path("out/report.jsonl")) },
    .doneAgain("the pipeline file has other spaces", []) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(text.replacingOccurrences(of: ",", with: " ,\n"), to: "copy.json")
    },
    .doneAgain("inputs lie elsewhere, and the pipeline says so", []) { folder in
      try folder.copy(folder.path("in"), to: "other")
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: #""path": "in""#, with: #""path": "other""#), to: "copy.json")
    },
    .doneAgain("outputs lie elsewhere, and the pipeline says so", []) { folder in
      rename(folder.path("out"), folder.path("moved"))
      symlink("moved", folder.path("out"))
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: #""path": "out""#, with: #""path": "moved""#), to: "copy.json"
      )
    },
    .doneAgain("the pipeline takes other inputs, too", []) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(
          of: #""path": "in""#, with: #""path": "in", "include": ["*.npy"], "recursive": false"#),
        to: "copy.json")
    },
    .inTheWay("the pipeline has another value", all) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: "\"npy\"", with: "\"npy\", \"verify\": true"),
        to: "copy.json")
    },
    .inTheWay("the pipeline has another stage", all) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      let stage = #"{ "stage": "compare", "metrics": ["max_abs"] }, { "stage": "encode""#
      try folder.write(
        text.replacingOccurrences(of: #"{ "stage": "encode""#, with: stage), to: "copy.json")
    },
  ]

  /// A folder whose inputs have a known time and have been done.
  private func done() throws -> Workbench {
    let bench = try Workbench(Self.all)
    for name in Self.all { Self.setTime(of: "in/\(name)", in: bench.folder) }
    #expect(try bench.run().status == 0)
    #expect(try bench.sources("ok") == Self.all)
    return bench
  }

  /// Runs again, and checks that `names` are done, that all others are skipped, and that no other
  /// output was touched; or that something is in the way of `failing`, and of nothing else.
  private func expect(
    _ names: [String]?, orFailing failing: [String], _ bench: Workbench, _ arguments: String...
  ) throws {
    let before = bench.stamps()
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    let after = bench.stamps()
    let inputs = bench.folder.files(in: "in")
    #expect(outcome.status == (names == nil ? 65 : 0), "\(outcome.errors)")
    #expect(try bench.sources("ok") == names ?? [])
    #expect(try bench.sources("failed") == (names == nil ? failing : []))
    #expect(try bench.sources("skipped") == inputs.filter { !(names ?? failing).contains($0) })
    if names == nil {
      #expect(outcome.errors.contains("failed (exists)"), "\(outcome.errors)")
      #expect(after == before)
    }
    for (name, stamp) in after {
      let isDone = names?.contains(String(name.dropFirst("out/".count))) == true
      #expect((before[name] != stamp) == isDone, "\(name)")
    }
    // A copy that was done again is that of the input as it is now.
    for name in names ?? [] {
      #expect(try bench.folder.bytes("out/\(name)") == bench.folder.bytes("in/\(name)"), "\(name)")
    }
    #expect(bench.halfFiles() == [])
  }

  @Test(
    "A second run does what has changed, and what is in the way of an input fails that input",
    arguments: inputs + outputs)
  func plain(_ change: Change) throws {
    let bench = try done()
    try change.make(bench.folder)
    let failing = change.overwriting ?? ["b.npy"]
    try expect(change.plain, orFailing: failing, bench)
    // A refusal stands until something is done about it, and what is done is done.
    try expect(change.plain == nil ? nil : [], orFailing: failing, bench)
  }

  @Test("--overwrite does what has changed, and nothing else", arguments: inputs + outputs)
  func overwriting(_ change: Change) throws {
    let bench = try done()
    try change.make(bench.folder)
    let failing = ["b.npy"]
    try expect(change.overwriting, orFailing: failing, bench, "--overwrite")
    try expect(change.overwriting == nil ? nil : [], orFailing: failing, bench)
  }

  @Test(
    "Other bytes of the same size are taken for done by a run, and found by verify",
    arguments: ["in/b.npy", "out/b.npy"])
  func sameSize(_ name: String) throws {
    let bench = try done()
    try bench.folder.write(Workbench.array(seed: 9), to: name)
    Self.setTime(of: "in/b.npy", in: bench.folder)
    for arguments in [[], ["--overwrite"]] {
      let before = bench.stamps()
      let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 0 && outcome.errors.contains("0 done, 3 done before"))
      #expect(bench.stamps() == before)
    }
    let verified = try Command.run(["verify", "out"], in: bench.folder.path)
    #expect(verified.status == (name.hasPrefix("out") ? 65 : 0))
    #expect(
      verified.errors.contains("'b.npy' (from 'b.npy') has changed") == (name.hasPrefix("out")))
  }

  @Test("An input is done when all of its outputs are", arguments: ["one/b.npy", "two/b.npy"])
  func twoOutputs(_ missing: String) throws {
    let bench = try Workbench(Self.all)
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "encode", "path": "one", "format": "npy" }"#],
        encode: #""path": "two", "format": "npy""#), to: "copy.json")
    #expect(try bench.run().status == 0)
    let kept = bench.folder.stamps(of: ["one/a.npy", "two/a.npy", "one/c.npy", "two/c.npy"])
    unlink(bench.folder.path(missing))
    // What is left of the two is known as the run's own.
    let outcome = try bench.run()
    #expect(outcome.status == 0 && outcome.errors.contains("1 done, 2 done before"))
    #expect(try bench.folder.bytes(missing) == bench.folder.bytes("in/b.npy"))
    #expect(bench.folder.stamps(of: kept.keys.sorted()) == kept)
    try bench.folder.write("mine", to: missing)
    let refused = try bench.run()
    #expect(refused.status == 65 && refused.errors.contains("'b.npy' exists already"))
  }

  @Test("An array that the pipeline names is part of it")
  func arrays() throws {
    let bench = try Workbench(Self.all)
    try bench.folder.write(NPYFile.float32([1, 2], shape: [1, 2]), to: "kernel.npy")
    try bench.writePipeline([#"{ "stage": "convolve", "weights": "kernel.npy" }"#])
    #expect(try bench.run().status == 0)
    let first = try bench.contents()
    #expect(try bench.run().errors.contains("0 done, 3 done before"))
    try bench.folder.write(NPYFile.float32([1, 3], shape: [1, 2]), to: "kernel.npy")
    let refused = try bench.run()
    #expect(refused.status == 65 && refused.errors.contains("3 inputs failed (exists)"))
    #expect(try bench.run("--overwrite").status == 0)
    #expect(try bench.contents() != first)
  }
}
