import Foundation
import Testing

/// What `explain` and a dry run say where not all is well, and how the environment changes a plan.
@Suite struct ExplainTests {
  @Test("explain ends with 65 where the image is bad, with 78 where no stage fits it")
  func status() throws {
    let bench = try Workbench()
    try bench.folder.write("no array", to: "in/0.npy")
    for arguments in [["--input", "in/0.npy"], [], ["--input", "in"]] {
      let outcome = try Command.run(["explain", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 65 && outcome.output == "", "\(outcome.errors)")
      #expect(outcome.errors.contains("error: the file begins with"), "\(outcome.errors)")
    }
    try bench.folder.write(Workbench.array(seed: 1).dropLast(), to: "in/0.npy")
    #expect(try Command.run(["explain", "copy.json"], in: bench.folder.path).status == 65)
    try bench.writePipeline([#"{ "stage": "unfold", "kernel_size": 10 }"#])
    let misfit = try Command.run(
      ["explain", "copy.json", "--input", "in/a.npy"], in: bench.folder.path)
    #expect(misfit.status == 78 && misfit.errors.contains("copy.json:3:"), "\(misfit.errors)")
  }

  @Test("A dry run ends as the run would: with 65 where some fail, with 78 where none fits")
  func dryRun() throws {
    let bench = try Workbench()
    #expect(try bench.run("--dry-run").status == 0)
    try bench.folder.write("no array", to: "in/0.npy")
    for arguments in [["--dry-run"], ["--dry-run", "--json"], ["--dry-run", "--quiet"]] {
      let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 65 && outcome.errors.contains("failed (malformed)"))
      #expect(arguments.last != "--json" || outcome.json?["exit_status"] as? Int == 65)
    }
    #expect(try Command.run(["run", "copy.json"], in: bench.folder.path).status == 65)
    unlink(bench.folder.path("in/0.npy"))
    try bench.writePipeline([#"{ "stage": "unfold", "kernel_size": 10 }"#])
    let misfit = try bench.run("--dry-run", "--output", "other")
    #expect(misfit.status == 78 && misfit.errors.contains("no input fits"), "\(misfit.errors)")
  }

  /// A table of a plan on which several rewrites fit.
  private func explain(_ rewrites: String?) throws -> Command.Outcome {
    try Command.run(
      ["explain", Repository.pipelines + "/sharpen.json", "--size", "100x80x3"],
      environment: rewrites.map { ["TESSERA_REWRITES": $0] } ?? [:])
  }

  @Test("TESSERA_REWRITES keeps the rewrites that it names, and refuses others")
  func rewrites() throws {
    let all = try explain(nil)
    let taken = try #require(all.output.firstMatch(of: /\nrewritten: (.+)\n/)).1
      .split(separator: ", ").map(String.init)
    #expect(taken.count > 1)
    #expect(try explain("").output == all.output)
    let none = try explain("none")
    #expect(none.status == 0 && !none.output.contains("rewritten"))
    let first = try explain(taken[0])
    #expect(first.output.contains("\nrewritten: \(taken[0])\n"), "\(first.output)")
    #expect(try explain(taken.reversed().joined(separator: ",")).output == all.output)
    let unknown = try explain("fastest")
    #expect(unknown.status == 64 && unknown.output == "")
    #expect(unknown.errors.contains("TESSERA_REWRITES") && unknown.errors.contains("fastest"))
    for name in taken { #expect(unknown.errors.contains(name)) }
  }

  @Test("A run heeds TESSERA_REWRITES, and no byte depends on it")
  func run() throws {
    let bench = try Workbench()
    try bench.writePipeline([#"{ "stage": "unfold", "kernel_size": 3 }, { "stage": "fold" }"#])
    #expect(try bench.run().status == 0)
    let expected = try bench.contents()
    let line = ["run", "copy.json", "--overwrite", "--output"]
    for (names, status) in [("none", 0), ("copied_blocks", 0), ("copied", 64)] as [(String, Int32)]
    {
      let outcome = try Command.run(
        line + [names], in: bench.folder.path, environment: ["TESSERA_REWRITES": names])
      #expect(outcome.status == status, "\(outcome.errors)")
      guard status == 0 else { continue }
      for (name, bytes) in expected {
        #expect(try bench.folder.bytes("\(names)/\(name)") == bytes)
      }
    }
  }

  @Test("A list that the pipeline names is beside its file, wherever the command runs")
  func list() throws {
    let bench = try Workbench()
    try bench.folder.write(
      pipeline(load: #""list": "in/names.txt""#, encode: #""format": "npy""#), to: "list.json")
    for folder in [bench.folder.path, bench.folder.path("in"), "/"] {
      // Names in a list count from where the command runs.
      try bench.folder.write(
        bench.folder.path("in/b.npy") + "\n" + bench.folder.path("in/a.npy") + "\n",
        to: "in/names.txt")
      let output = bench.folder.path("out\(folder.count)")
      let outcome = try Command.run(
        ["run", bench.folder.path("list.json"), "--output", output], in: folder)
      #expect(outcome.status == 0 && outcome.errors.contains("2 done"), "\(outcome.errors)")
    }
  }
}
