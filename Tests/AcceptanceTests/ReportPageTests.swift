import Foundation
import Testing

/// `--json`, however a run ends, and docs/reports.md beside what is written.
@Suite struct ReportPageTests {
  /// The fields in a section's tables, as paths: `error.kind`, `outputs[].path`.
  private func fields(in section: String) throws -> Set<String> {
    let page = try String(contentsOfFile: Repository.path + "/docs/reports.md", encoding: .utf8)
    let sections = page.components(separatedBy: "\n## ")
    let text = try #require(sections.first { $0.hasPrefix(section + "\n") })
    let cells = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
      $0.split(separator: "|")[0]
    }
    return Set(cells.joined().matches(of: /`([^`]+)`/).map { String($0.1) })
  }

  /// The paths of all values in some JSON, but for members whose names are data.
  private func paths(_ value: Any, _ prefix: String = "") -> Set<String> {
    if prefix == "metrics" { return [prefix] }
    if let object = value as? [String: Any] {
      let inner = object.reduce(into: Set<String>()) {
        $0.formUnion(paths($1.value, prefix.isEmpty ? $1.key : "\(prefix).\($1.key)"))
      }
      return inner.union(prefix.isEmpty || prefix.hasSuffix("[]") ? [] : [prefix])
    }
    guard let list = value as? [Any], list.first is [String: Any] else { return [prefix] }
    return list.reduce(into: [prefix]) { $0.formUnion(paths($1, prefix + "[]")) }
  }

  /// Inputs that are done, that draw a warning, that fail, and that are none.
  private func bench() throws -> Workbench {
    let bench = try Workbench()
    try bench.folder.write("no array", to: "in/bad.npy")
    for name in ["alpha.png", "beta.png"] {
      try bench.folder.copy(Repository.sample(Self.withAlpha), to: "in/\(name)")
    }
    #expect(mkfifo(bench.folder.path("in/fifo"), 0o600) == 0)
    try bench.writePipeline(load: #", "color": "gray""#)
    return bench
  }

  private static let withAlpha = Repository.sampleNames.first { $0.contains("rgba") } ?? ""

  @Test("Every field of the report is on the page, and every one on the page is in a report")
  func report() throws {
    let bench = try bench()
    try bench.writePipeline(load: #", "color": "gray""#, [#"{ "stage": "compare" }"#])
    _ = try bench.run()
    let written = try bench.folder.report().reduce(into: Set<String>()) {
      $0.formUnion(paths($1.values))
    }
    let different = try written.symmetricDifference(fields(in: "report.jsonl"))
    #expect(different == [], "\(different)")
  }

  @Test("Every field of --json is on the page, and every one on the page is printed")
  func summary() throws {
    let outcome = try bench().run("--json")
    #expect(outcome.status == 65, "\(outcome.errors)")
    var written = paths(try #require(outcome.json))
    written.remove("counts")
    let different = try written.symmetricDifference(fields(in: "run --json"))
    #expect(different == [], "\(different)")
  }

  @Test("Every field of a dry run's --json is on the page, and every one on the page is printed")
  func dryRun() throws {
    let bench = try bench()
    let json = try #require(try bench.run("--dry-run", "--json").json)
    var written = paths(json).filter { !$0.hasPrefix("errors") && $0 != "exit_status" }
    written.remove("counts")
    written = written.filter { !$0.hasPrefix("inputs[].error.") }
    let different = try written.symmetricDifference(fields(in: "run --dry-run --json"))
    #expect(different == [], "\(different)")
  }

  @Test("Warnings are counted and told in the summary, of what was done before as well")
  func warnings() throws {
    let bench = try bench()
    for expected in ["5 done", "5 done before"] {
      let outcome = try bench.run("--json")
      #expect(outcome.errors.contains(expected) && outcome.errors.contains(", 2 with warnings"))
      #expect(
        outcome.errors.contains("\nwarning: alpha.png: ")
          && outcome.errors.contains("(and 1 more input so)"), "\(outcome.errors)")
      let json = try #require(outcome.json)
      #expect((json["counts"] as? [String: Int])?["warnings"] == 2)
      let warnings = try #require(json["warnings"] as? [[String: Any]])
      #expect(warnings.map { $0["count"] as? Int } == [2])
      #expect(warnings.map { $0["source"] as? String } == ["alpha.png"])
      #expect(try bench.folder.report().filter { !$0.warnings.isEmpty }.count == 2)
    }
    #expect(try bench.run("--quiet").errors.contains("warning") == false)
  }

  /// A way for a command to end, and what its errors must say.
  struct Ending: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let status: Int
    let kinds: [String]
    var arguments: [String] = []
    var file: String?
    var key: String?
    var line: Int?
    var wrapper: [String] = []
    var prepare: @Sendable (Workbench) throws -> Void = { _ in }
  }

  static let endings: [Ending] = [
    Ending(testDescription: "done", status: 0, kinds: []),
    Ending(
      testDescription: "wrong option", status: 64, kinds: ["usage"], arguments: ["--nonsense"]),
    Ending(
      testDescription: "wrong value", status: 64, kinds: ["usage"], arguments: ["--jobs", "many"]),
    Ending(
      testDescription: "no pipeline file", status: 66, kinds: ["unreadable"], file: "copy.json",
      prepare: { unlink($0.folder.path("copy.json")) }),
    Ending(
      testDescription: "no input folder", status: 66, kinds: ["unreadable"],
      arguments: ["-i", "nowhere"], file: "nowhere"),
    Ending(
      testDescription: "nothing matches", status: 66, kinds: ["no_input"],
      arguments: ["-i", "in/*.tif"], file: "in/*.tif"),
    Ending(
      testDescription: "two mistakes", status: 78, kinds: ["pipeline", "pipeline"],
      file: "copy.json", key: "stages[1].kernel_sise", line: 3,
      prepare: {
        try $0.writePipeline([#"{ "stage": "unfold", "kernel_sise": 2, "stride": 0 }"#])
      }),
    Ending(
      testDescription: "wrong --set", status: 78, kinds: ["pipeline"],
      arguments: ["--set", "stages[1].format=7"], file: "copy.json", key: "stages[1].format"),
    Ending(
      testDescription: "no folder to write to", status: 78, kinds: ["pipeline"], file: "copy.json",
      key: "stages[1]", line: 3,
      prepare: { try $0.folder.write(pipeline(load: #""path": "in""#), to: "copy.json") }),
    Ending(
      testDescription: "both read and written", status: 78, kinds: ["conflict"],
      arguments: ["-o", "in"], file: "in"),
    Ending(
      testDescription: "collision", status: 73, kinds: ["conflict"], file: "out/a.npy",
      prepare: { try $0.folder.write("x", to: "in/a.png") }),
    Ending(
      testDescription: "no output folder", status: 73, kinds: ["create"],
      arguments: ["-o", "copy.json/out"], file: "copy.json/out"),
    Ending(
      testDescription: "bad input", status: 65, kinds: ["malformed"], file: "in/b.npy",
      prepare: { try $0.folder.write("no array", to: "in/b.npy") }),
    Ending(
      testDescription: "existing output", status: 65, kinds: ["exists"], file: "in/b.npy",
      prepare: { try $0.folder.write("mine", to: "out/b.npy") }),
    Ending(
      testDescription: "no input named", status: 78, kinds: ["pipeline"], file: "copy.json",
      key: "stages[0]", line: 2,
      prepare: { try $0.folder.write(pipeline(encode: #""path": "out""#), to: "copy.json") }),
    Ending(
      testDescription: "input as pipeline", status: 78, kinds: ["pipeline"], file: "copy.json",
      prepare: {
        unlink($0.folder.path("copy.json"))
        try $0.folder.copy($0.folder.path("in/a.npy"), to: "copy.json")
      }),
    Ending(
      testDescription: "schema as pipeline", status: 78, kinds: ["pipeline"], file: "copy.json",
      prepare: {
        try $0.folder.write(
          #"{ "$schema": "https://json-schema.org/draft/2020-12/schema" }"#, to: "copy.json")
      }),
    Ending(
      testDescription: "the pipeline's input is missing", status: 66, kinds: ["unreadable"],
      file: "copy.json", key: "stages[0].path", line: 2,
      prepare: {
        try $0.folder.write(
          pipeline(load: #""path": "no""#, encode: #""path": "out""#), to: "copy.json")
      }),
    Ending(
      testDescription: "the pipeline's list is missing", status: 66, kinds: ["unreadable"],
      file: "copy.json", key: "stages[0].list", line: 2,
      prepare: {
        try $0.folder.write(
          pipeline(load: #""list": "no""#, encode: #""path": "out""#), to: "copy.json")
      }),
    Ending(
      testDescription: "extension of another format", status: 64, kinds: ["usage"],
      arguments: ["-o", "x.png", "in/a.npy"], file: "x.png"),
    Ending(
      testDescription: "one file of three inputs", status: 64, kinds: ["usage"],
      arguments: ["-o", "x.npy"], file: "x.npy"),
    Ending(
      testDescription: "somebody's report", status: 73, kinds: ["exists"],
      file: "out/report.jsonl",
      prepare: { try $0.folder.write("mine\n", to: "out/report.jsonl") }),
    Ending(
      testDescription: "somebody's records", status: 73, kinds: ["exists"],
      file: "out/.tessera-records",
      prepare: { try $0.folder.write("mine\n", to: "out/.tessera-records") }),
    Ending(
      testDescription: "no report", status: 74, kinds: ["write"], file: "out/report.jsonl",
      wrapper: ExitStatusTests.reportWithoutName, prepare: { _ in }),
    Ending(
      testDescription: "a folder called as the report", status: 73, kinds: ["create"],
      file: "out/report.jsonl", prepare: { try $0.folder.write("x", to: "out/report.jsonl/x") }),
    Ending(
      testDescription: "no input fits", status: 78, kinds: ["plan"], file: "copy.json",
      key: "stages[1].kernel_size", line: 3,
      prepare: {
        try $0.writePipeline([#"{ "stage": "unfold", "kernel_size": 64 }, { "stage": "fold" }"#])
      }),
  ]

  @Test(
    "--json ends in one object with status and errors, however the run ends", arguments: endings)
  func always(_ ending: Ending) throws {
    for more in [["--json"], ["--json", "--quiet"]] {
      let bench = try Workbench()
      try ending.prepare(bench)
      let outcome = try Command.run(
        ["run", "copy.json"] + ending.arguments + more, in: bench.folder.path,
        through: ending.wrapper)
      #expect(Int(outcome.status) == ending.status, "\(outcome.errors)")
      let json = try #require(outcome.json, "\(outcome.output)")
      #expect(json["exit_status"] as? Int == ending.status)
      let errors = try #require(json["errors"] as? [[String: Any]])
      #expect(errors.map { $0["kind"] as? String } == ending.kinds)
      for error in errors {
        #expect(Set(error.keys) == ["kind", "file", "line", "column", "key", "message"])
        #expect((error["message"] as? String)?.isEmpty == false)
      }
      guard let first = errors.first else { return }
      #expect(first["file"] as? String == ending.file)
      #expect(first["key"] as? String == ending.key, "\(first)")
      #expect(
        first["line"] as? Int == ending.line && first["column"] is Int == (ending.line != nil))
    }
  }
}
