import Foundation
import Testing

/// What a run says in the end, to people and to programs.
@Suite struct SummaryTests {
  /// Three inputs that are good, and some that are not.
  private func bench(badNames: [String]) throws -> Workbench {
    let bench = try Workbench()
    for name in badNames { try bench.folder.write("no array", to: "in/\(name)") }
    try bench.writePipeline([#"{ "stage": "normalize" }"#])
    return bench
  }

  private func byteCount(in folder: String, of bench: Workbench) throws -> Int {
    try bench.folder.outputs(in: folder).reduce(0) {
      try $0 + bench.folder.bytes("\(folder)/\($1)").count
    }
  }

  @Test("Amounts and stages are those of the files and of the pipeline")
  func amounts() throws {
    let bench = try bench(badNames: ["bad.npy"])
    let outcome = try bench.run("--json")
    let summary = try #require(outcome.json)
    let (read, written) = try (byteCount(in: "in", of: bench), byteCount(in: "out", of: bench))
    // Bytes become floats: more is written than is read.
    #expect(read == 3 * (128 + 72) + 8 && written == 3 * (128 + 4 * 72))
    #expect(summary["bytes_read"] as? Int == read)
    #expect(summary["bytes_written"] as? Int == written)
    #expect(summary["megapixels"] as? Double == 0.000216)
    #expect(summary["report"] as? String == "out/report.jsonl")
    let stages = try #require(summary["stages"] as? [[String: Any]])
    #expect(stages.map { $0["index"] as? Int } == [0, 1, 2])
    #expect(stages.map { $0["stage"] as? String } == ["load", "normalize", "encode"])
    #expect(stages.allSatisfy { $0["seconds"] is Double } && summary["seconds"] is Double)
    #expect(outcome.errors.contains("\nreport: out/report.jsonl\n"), "\(outcome.errors)")
  }

  @Test("Where there is no new report, nothing is said of where it is")
  func noReport() throws {
    let bench = try bench(badNames: [])
    let errors = try bench.run(through: ExitStatusTests.reportWithoutName).errors
    #expect(errors.contains("there is no new report") && !errors.contains("report: "), "\(errors)")
  }

  @Test(
    "Of many that fail three are told, and how many more there are", arguments: [1, 3, 4, 12],
    [[], ["--dry-run"]])
  func more(_ count: Int, _ arguments: [String]) throws {
    let bench = try bench(badNames: (0..<count).map { "bad\(10 + $0).npy" })
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 65)
    let told = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("  bad") }
    #expect(told.count == min(count, 3))
    let rest = outcome.errors.firstMatch(of: /\n  … and (\d+) more\n/).flatMap { Int($0.1) }
    #expect(rest == (count > 3 ? count - 3 : nil), "\(outcome.errors)")
  }

  @Test(
    "Names that would steer a terminal are told with escapes, and as they are in the report",
    arguments: [[], ["--dry-run"]])
  func hostileNames(_ arguments: [String]) throws {
    let names = [
      ("e\u{1B}[31m.npy", #"e\u{1b}[31m.npy"#), ("r\u{202E}.npy", #"r\u{202e}.npy"#),
      ("c\u{9B}2J.npy", #"c\u{9b}2J.npy"#),
    ]
    let bench = try bench(badNames: names.map(\.0))
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 65)
    for (name, escaped) in names {
      #expect(outcome.errors.contains("  \(escaped): "), "\(outcome.errors)")
      #expect(!(outcome.errors + outcome.output).contains(name))
    }
    guard arguments.isEmpty else { return }
    #expect(try Set(bench.sources("failed")) == Set(names.map(\.0)))
  }
}
