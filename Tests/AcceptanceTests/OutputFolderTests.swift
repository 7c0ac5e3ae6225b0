import Foundation
import Glibc
import Testing

/// What lies where a run writes: nothing that a reader of the folder takes for an image or a class.
@Suite struct OutputFolderTests {
  private static let all = ["a.npy", "b.npy", "c.npy"]

  @Test("Beside outputs and report there are two hidden files, and no folder")
  func hiddenFiles() throws {
    let bench = try Workbench(["cat/a.npy", "dog/b.npy", "dog/c.npy"])
    #expect(try bench.run().status == 0)
    #expect(
      bench.folder.files(in: "out")
        == [
          ".tessera-lock", ".tessera-records", "cat/a.npy", "dog/b.npy", "dog/c.npy",
          "report.jsonl",
        ])
    let classes = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path("out"))
      .filter { !$0.contains("report") && !$0.hasPrefix(".tessera-") }
    #expect(classes.sorted() == ["cat", "dog"])
  }

  @Test("With --state they lie elsewhere, and run and verify find them there")
  func state() throws {
    let bench = try Workbench()
    #expect(try bench.run("--state", "kept/here").status == 0)
    #expect(bench.folder.files(in: "out") == Self.all + ["report.jsonl"])
    #expect(bench.folder.files(in: "kept") == ["here/lock", "here/records"])
    #expect(try bench.run("--state", "kept/here").errors.contains("3 done before"))
    let verified = try Command.run(
      ["verify", "out", "--state", "kept/here"], in: bench.folder.path)
    #expect(verified.status == 0 && verified.output.contains("3 outputs as written"))
    #expect(try Command.run(["verify", "out"], in: bench.folder.path).status == 66)
    try bench.write("b.npy", seed: 9)
    #expect(try bench.run("--state", "kept/here").errors.contains("1 done, 2 done before"))
    try bench.folder.write("x", to: "out/c.npy")
    let changed = try Command.run(["verify", "--state", "kept/here", "out"], in: bench.folder.path)
    #expect(changed.status == 65 && changed.errors.contains("'c.npy'"))
  }

  @Test("A run without the records of another adopts what it finds, whatever was kept where")
  func lostState() throws {
    let bench = try Workbench()
    #expect(try bench.run("--state", "kept").status == 0)
    let before = bench.stamps()
    let outcome = try bench.run()
    #expect(outcome.status == 0 && outcome.errors.contains("3 done before"), "\(outcome.errors)")
    #expect(bench.stamps() == before)
  }

  @Test("Outputs that were copied elsewhere are done there, too")
  func copiedOutputs() throws {
    let bench = try Workbench()
    #expect(try bench.run().status == 0)
    for name in Self.all {
      try bench.folder.copy(bench.folder.path("out/\(name)"), to: "new/\(name)")
    }
    let before = bench.folder.stamps(of: Self.all.map { "new/\($0)" })
    let outcome = try bench.run("--output", "new")
    #expect(outcome.status == 0 && outcome.errors.contains("0 done, 3 done before"))
    #expect(bench.folder.stamps(of: Self.all.map { "new/\($0)" }) == before)
    #expect(try Command.run(["verify", "new"], in: bench.folder.path).status == 0)
  }

  @Test("A dry run says of a file in the way that it will be compared, and leaves nothing")
  func dryRun() throws {
    let bench = try Workbench()
    try bench.folder.write("mine", to: "out/b.npy")
    let outcome = try bench.run("--dry-run", "--verbose")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("out/b.npy exists"), "\(outcome.output)")
    #expect(try bench.run("--dry-run").output.contains("1 of the outputs exists already"))
    #expect(bench.folder.files(in: "out") == ["b.npy"])
    #expect(try bench.run("--dry-run", "--overwrite").output.contains("exists") == false)
  }

  /// A pipeline with an `encode` for each of some paths, `nil` for none.
  private func bench(_ paths: [String?]) throws -> Workbench {
    let bench = try Workbench()
    let stages = paths.enumerated().map { index, path in
      let path = path.map { "\"path\": \"\($0)\", " } ?? ""
      return #"{ "stage": "encode", \#(path)"format": "npy", "name": "{stem}\#(index).npy" }"#
    }
    try bench.folder.write(
      #"{ "version": 1, "stages": [ { "stage": "load", "path": "in" }, "#
        + stages.joined(separator: ", ") + "] }", to: "copy.json")
    return bench
  }

  @Test(
    "--output takes the place of the deepest folder that holds all others, and keeps one record",
    arguments: [
      (["e1", "e2"], ["e1", "e2"]), (["deep/e1", "deep/e2"], ["e1", "e2"]),
      (["deep/e", "deep/e"], ["", ""]), (["deep", "deep/e"], ["", "e"]),
      (["deep/x/e", "deep"], ["x/e", ""]), (["./a/../deep/e1", "deep/e2/"], ["e1", "e2"]),
      (["deep/e", nil], ["", ""]), ([nil, "p/q", "p/r"], ["", "q", "r"]), ([nil, nil], ["", ""]),
      (["ab/c", "abc"], ["ab/c", "abc"]), (["../w", "e"], ["w", nil]),
    ] as [([String?], [String?])])
  func commonFolder(_ paths: [String?], _ expected: [String?]) throws {
    let bench = try bench(paths)
    let outcome = try bench.run("--output", "X")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let own = bench.folder.path.split(separator: "/").last.map(String.init) ?? ""
    let files = expected.enumerated().flatMap { index, folder in
      Self.all.map { name in
        let name = name.replacingOccurrences(of: ".npy", with: "\(index).npy")
        let folder = folder ?? "\(own)/e"
        return folder.isEmpty ? name : "\(folder)/\(name)"
      }
    }
    #expect(bench.folder.outputs(in: "X") == files.sorted())
    let hidden = bench.folder.files().filter { $0.contains("tessera-records") }
    #expect(hidden == ["X/.tessera-records"])
    #expect(bench.folder.files().filter { $0.hasSuffix("report.jsonl") } == ["X/report.jsonl"])
    #expect(try bench.run("--output", "X").errors.contains("3 done before"))
    let verified = try Command.run(["verify", "X"], in: bench.folder.path)
    #expect(verified.output.contains("\(files.count) outputs as written"), "\(verified.errors)")
  }

  @Test("Two encodes that --output would let write the same files are refused")
  func sameFiles() throws {
    let bench = try Workbench()
    try bench.writePipeline([#"{ "stage": "encode", "format": "npy" }"#])
    let outcome = try bench.run("--output", "X")
    #expect(outcome.status == 78 && outcome.errors.contains("both would write the same files"))
  }

  @Test("Without --output the first folder keeps the records, and the others refer to it")
  func references() throws {
    let bench = try bench(["e1", "deep/e2", "e1/e3", "e1"])
    #expect(try bench.run().status == 0)
    #expect(try bench.run().errors.contains("3 done before"))
    #expect(bench.folder.files().filter { $0.hasSuffix("report.jsonl") } == ["e1/report.jsonl"])
    let verified = try Command.run(["verify", "e1", "deep/e2", "e1/e3"], in: bench.folder.path)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("e1: 12 outputs as written\n"))
    #expect(verified.output.contains("deep/e2: 3 outputs as written, by the records in 'e1'\n"))
    #expect(verified.output.contains("e1/e3: 3 outputs as written, by the records in 'e1'\n"))
    try bench.folder.write("x", to: "deep/e2/b1.npy")
    let changed = try Command.run(["verify", "deep/e2"], in: bench.folder.path)
    #expect(changed.status == 65 && changed.errors.contains("'b1.npy' (from 'b.npy')"))
    #expect(try Command.run(["verify", "e1"], in: bench.folder.path).status == 65)
    #expect(try Command.run(["verify", "e1/e3"], in: bench.folder.path).status == 0)
    // The two folders may move together.
    mkdir(bench.folder.path("moved"), 0o777)
    for name in ["e1", "deep"] {
      rename(bench.folder.path(name), bench.folder.path("moved/\(name)"))
    }
    #expect(try Command.run(["verify", "moved/e1/e3"], in: bench.folder.path).status == 0)
  }

  @Test("A folder that has records of its own keeps them beside the reference")
  func ownRecords() throws {
    let bench = try bench(["e1", "e2"])
    try bench.writePipeline()
    #expect(try bench.run("--output", "e2").status == 0)
    try bench.folder.write(
      #"{ "version": 1, "stages": [ { "stage": "load", "path": "in" }, "#
        + #"{ "stage": "encode", "path": "e1", "format": "npy" }, "#
        + #"{ "stage": "encode", "path": "e2", "format": "npy", "name": "{stem}-2.npy" } ] }"#,
      to: "copy.json")
    #expect(try bench.run().status == 0)
    let verified = try Command.run(["verify", "e2"], in: bench.folder.path)
    #expect(verified.output.contains("e2: 6 outputs as written"), "\(verified.errors)")
  }

  @Test("edge_policies writes its four folders below the one that is given")
  func edgePolicies() throws {
    let folder = try TemporaryFolder()
    let outcome = try Command.run(
      [
        "run", "\(Repository.pipelines)/edge_policies.json", "--output", "X", "--input",
        Repository.sample("horse-1bit.png"),
      ], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      folder.outputs() == ["drop", "error", "pad", "shift"].map { "X/\($0)/horse-1bit.png" })
  }

  @Test("Folders of several encodes that change places are another pipeline")
  func swappedFolders() throws {
    let bench = try Workbench()
    func write(_ first: String, _ second: String) throws {
      try bench.folder.write(
        #"{ "version": 1, "stages": [ { "stage": "load", "path": "in" }, "#
          + #"{ "stage": "encode", "path": "\#(first)", "format": "npy" }, "#
          + #"{ "stage": "normalize" }, "#
          + #"{ "stage": "encode", "path": "\#(second)", "format": "npy" } ] }"#, to: "copy.json")
    }
    try write("e1", "e2")
    #expect(try bench.run("-o", "X").status == 0)
    let before = bench.folder.stamps(of: bench.folder.outputs(in: "X").map { "X/\($0)" })
    try write("deep/e1", "deep/e2")
    #expect(try bench.run("-o", "X").errors.contains("3 done before"))
    try write("e2", "e1")
    let outcome = try bench.run("-o", "X")
    #expect(outcome.status == 65 && outcome.errors.contains("3 inputs failed (exists)"))
    #expect(bench.folder.stamps(of: before.keys.sorted()) == before)
  }

  @Test("A folder of another encode that is in use keeps the run out as the first does")
  func locked() throws {
    let bench = try bench(["e1", "e2"])
    #expect(try bench.run().status == 0)
    for name in ["e1", "e2"] {
      let lock = open(bench.folder.path("\(name)/.tessera-lock"), O_RDWR | O_CLOEXEC)
      defer { close(lock) }
      #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
      let outcome = try bench.run()
      #expect(outcome.status == 75 && outcome.errors.contains("'\(name)'"), "\(outcome.errors)")
    }
  }
}
