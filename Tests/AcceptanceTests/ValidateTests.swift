import Foundation
import Testing

/// What `validate` and `verify` say of several files or folders, and how they end.
@Suite struct ValidateTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let encode = #""path": "out""#
    try folder.write(pipeline(encode: encode), to: "good.json")
    try folder.write(
      pipeline([#"{ "stage": "normalize" }"#], encode: encode), to: "longer.json")
    try folder.write(
      pipeline([#"{ "stage": "unfold", "kernel_size": 0 }"#], encode: encode), to: "bad.json")
    try folder.write("{ \"version\": 1,\n  \"stages\": [1, }", to: "broken.json")
    try folder.write("x", to: "folder.json/x")
    return folder
  }

  @Test(
    "Every file is checked, and a wrong one weighs more than one that is missing",
    arguments: [
      (["good"], 0), (["good", "longer", "good"], 0), (["bad"], 78), (["missing"], 66),
      (["folder"], 66), (["broken"], 78), (["bad", "missing"], 78), (["missing", "bad"], 78),
      (["folder", "broken"], 78), (["broken", "folder"], 78), (["good", "missing"], 66),
      (["missing", "good"], 66), (["good", "bad", "longer"], 78), (["bad", "good"], 78),
      (["missing", "folder"], 66), (["missing", "bad", "missing"], 78),
      (["bad", "missing", "good"], 78), (["bad", "broken"], 78),
    ] as [([String], Int32)])
  func statuses(_ names: [String], _ status: Int32) throws {
    let folder = try folder()
    let outcome = try Command.run(["validate"] + names.map { $0 + ".json" }, in: folder.path)
    #expect(outcome.status == status, "\(outcome.errors)")
    let good = ["good": "good.json: ok, 2 stages\n", "longer": "longer.json: ok, 3 stages\n"]
    #expect(outcome.output == names.compactMap { good[$0] }.joined())
    let messages = [
      "missing": "cannot open 'missing.json': No such file or directory",
      "folder": "cannot read 'folder.json': Is a directory",
      "bad": "bad.json:3:39: stages[1] (unfold).kernel_size: ", "broken": "broken.json:2:17: ",
    ]
    // In the order of the files, each told as an error of its own.
    let told = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    let expected = names.compactMap { messages[$0] }
    #expect(told.count == expected.count, "\(outcome.errors)")
    for (line, message) in zip(told, expected) {
      #expect(line.hasPrefix("error: \(message)"), "\(line)")
    }
  }

  @Test("A JSON Schema among pipelines is passed over, and alone is nothing to check")
  func schema() throws {
    let folder = try folder()
    try folder.write(Command.run(["schema"]).output, to: "schema.json")
    let note = "schema.json: passed over, a JSON Schema and no pipeline\n"
    for names in [["schema.json", "good.json"], ["good.json", "schema.json"]] {
      let outcome = try Command.run(["validate"] + names, in: folder.path)
      #expect(outcome.status == 0 && outcome.output == "good.json: ok, 2 stages\n")
      #expect(outcome.errors == note)
    }
    let alone = try Command.run(["validate", "schema.json", "schema.json"], in: folder.path)
    #expect(alone.status == 66 && alone.output.isEmpty)
    #expect(alone.errors == note + note + "error: no pipeline to check\n")
  }

  @Test("validate without a file is a wrong command line, and so is an unknown set of kernels")
  func usage() throws {
    #expect(try Command.run(["validate"]).status == 64)
    let folder = try folder()
    for names in [["good.json"], ["good.json", "bad.json"]] {
      let outcome = try Command.run(
        ["validate"] + names, in: folder.path, environment: ["TESSERA_ISA": "mmx"])
      #expect(outcome.status == 64 && outcome.errors.contains("\"mmx\""), "\(outcome.errors)")
    }
  }

  @Test("verify tells changed outputs and folders without a run in either order")
  func verify() throws {
    let bench = try Workbench()
    #expect(try bench.run().status == 0)
    #expect(try bench.run("--output", "other").status == 0)
    try bench.folder.write("x", to: "empty/x")
    func verify(_ folders: String...) throws -> Command.Outcome {
      try Command.run(["verify"] + folders, in: bench.folder.path)
    }
    let whole = try verify("out", "other")
    #expect(whole.status == 0)
    #expect(whole.output == "out: 3 outputs as written\nother: 3 outputs as written\n")
    #expect(try verify("out", "empty").status == 66)
    #expect(try verify("empty", "out").status == 66)
    #expect(try verify("missing").status == 66)
    try bench.folder.write(Workbench.array(seed: 9), to: "other/b.npy")
    for folders in [["other", "empty"], ["empty", "other"], ["out", "other"], ["other", "out"]] {
      let outcome = try verify(folders[0], folders[1])
      #expect(outcome.status == 65, "\(folders)")
      #expect(outcome.errors.contains("other: 1 of 3 outputs are not as written"))
    }
    try FileManager.default.removeItem(atPath: bench.folder.path("other/b.npy"))
    try bench.folder.write(try bench.folder.bytes("other/a.npy") + [0], to: "other/a.npy")
    let changed = try verify("other")
    #expect(changed.status == 65 && changed.errors.contains("2 of 3 outputs"))
    #expect(changed.errors.contains("'b.npy' (from 'b.npy') cannot be read: No such file"))
    let size = Workbench.array(seed: 0).count
    #expect(changed.errors.contains("has \(size + 1) bytes, the run wrote \(size)"))
  }
}
