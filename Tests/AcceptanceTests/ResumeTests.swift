import Foundation
import Glibc
import Testing

/// What a repeated run does again, leaves alone and refuses.
@Suite struct ResumeTests {
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
    #expect(refused.status == 65)
    let shown = missing == "one/b.npy" ? "b.npy" : missing
    #expect(refused.errors.contains("its output '\(shown)' exists already"), "\(refused.errors)")
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
