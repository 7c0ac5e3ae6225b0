import Glibc
import Testing

/// Outputs whose places are taken: by the run's own files, or by what is there.
extension OutputNameTests {
  @Test(
    "An input whose output would lie below a file of the run's own fails alone, before any work",
    arguments: [
      ("report.jsonl/x.npy", []), ("report.jsonl/deep/x.npy", ["--state", "kept"]),
      ("records/x.npy", ["--state", "out"]), ("lock/x.npy", ["--state", "out"]),
      (".tessera-records/x.npy", ["@list"]), (".tessera-lock/d/x.npy", ["@list"]),
      ("report.jsonl/x.npy", ["-o", "link"]),
    ] as [(String, [String])])
  func belowOwn(_ name: String, _ arguments: [String]) throws {
    let bench = try bench(["in/\(name)", "in/good.npy"])
    try bench.folder.write("\(name)\ngood.npy\n", to: "in/list")
    try bench.folder.write("", to: "real/.keep")
    symlink("real", bench.folder.path("link"))
    let out = arguments == ["-o", "link"] ? "real" : "out"
    var advice: String?
    let more = arguments.map { $0 == "@list" ? "@in/list" : $0 }
    for last in [["--dry-run"], [], [], ["--json"]] {
      let outcome = try Command.run(["run", "copy.json"] + more + last, in: bench.folder.path)
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("1 input failed (conflict)"), "\(outcome.errors)")
      #expect(outcome.errors.contains("'\(name)'"))
      advice = outcome.errors.firstMatch(of: /another `name`, such as (\S+)/).map { "name=\($0.1)" }
    }
    #expect(try bench.folder.report(in: out).map(\.status).sorted() == ["failed", "skipped"])
    #expect(bench.folder.files(in: out).contains("good.npy"))
    #expect(!bench.folder.files(in: out).contains(name))
    let way = try Command.run(
      ["run", "copy.json", "--set", try #require(advice), "-o", "other"]
        + more.filter { $0 == "@in/list" }, in: bench.folder.path)
    #expect(way.status == 0, "\(way.errors)")
  }

  @Test("A folder of another encode that has the report's place fails its inputs, and no report")
  func encodeInTheReportsPlace() throws {
    let bench = try bench(["in/x.npy"])
    try bench.writePipeline(
      [#"{ "stage": "encode", "path": "out/report.jsonl", "format": "npy", "name": "y.npy" }"#])
    // The deepest folder that holds both is the first's, and the report lies there.
    let outcome = try bench.run("-o", "X")
    #expect(outcome.status == 65 && outcome.errors.contains("(conflict)"), "\(outcome.errors)")
    #expect(try bench.folder.report(in: "X").map(\.status) == ["failed"])
  }

  @Test("What is in the way is named by its path below the output folder, and with a way out")
  func inTheWay() throws {
    let bench = try bench(["in/s/x.npy", "in/s/t/y.npy", "in/z.npy"])
    try bench.folder.write("mine", to: "out/s/x.npy")
    try bench.folder.write("mine", to: "out/s/t/y.npy/file")
    let outcome = try bench.run()
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("s/x.npy: its output 's/x.npy' exists already"))
    #expect(
      outcome.errors.contains(
        "its output 's/t/y.npy' exists already, and is a folder; move it, or give another --output"),
      "\(outcome.errors)")
    for line in try bench.folder.report() where line.status == "failed" {
      #expect(line.failureMessage?.contains("'\(line.source)'") == true)
    }
    #expect(try bench.run("-o", "new").status == 0)
  }
}
