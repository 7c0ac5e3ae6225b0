import Foundation
import Tessera
import Testing

/// What errors say to a program, and that docs/library.md knows all of them.
struct ErrorTests {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized

  /// The Swift files of the library, with their texts.
  private func sources() throws -> [(name: String, text: String)] {
    let folder = Self.repository.appending(path: "Sources")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && !$0.hasPrefix("TesseraCLI/") }
    return try names.map {
      ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
  }

  @Test(
    "What stands in the way is told in the library's words",
    arguments: [
      InputFailure.Cause.memory(needed: 2, allowed: 1), .outputExists("a.png"),
      .outputOfOtherPipeline("a.png"), .outputIsFolder("a"), .outputIsReserved("report.jsonl"),
      .outputOfOther("a.png", input: "b.png"), .inputWouldBeReplaced("a.png"),
    ])
  func causes(_ cause: InputFailure.Cause) {
    #expect(!cause.description.contains("--"))
    #expect(InputFailure(cause).description == cause.description)
  }

  @Test(
    "So is what refuses a run",
    arguments: [
      BatchError.reportExists("report.jsonl"), .folderInUse("out"),
      .recordsExist("out/.tessera-records"), .recordsExist("s/records", inStateFolder: true),
      .inputWouldBeReplaced(input: "a", output: "a"),
    ])
  func refusals(_ error: BatchError) { #expect(!error.description.contains("--")) }

  @Test("An override is called one, and stands before what is wrong with it")
  func overrides() {
    let text = #"{"version": 1, "stages": [{"stage": "load"}, {"stage": "encode"}]}"#
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline(parsing: text, overrides: ["stages[1].format=7"])
    }
    #expect(error?.description.hasPrefix("override stages[1].format=7: stages[1]") == true)
  }

  @Test("No sentence of the library names an option of the command")
  func noOptions() throws {
    // Pages about stages are printed by the command, and one file has the words of both.
    let exempt = ["Stages/Load.swift", "Stages/Encode.swift", "Report/Audience.swift"]
    var count = 0
    for (name, text) in try sources() where !exempt.contains(where: { name.hasSuffix($0) }) {
      count += 1
      for line in text.split(separator: "\n") where line.contains(#/--[a-z]/#) {
        let code = line.trimmingCharacters(in: .whitespaces)
        #expect(code.hasPrefix("//"), "\(name): \(code)")
      }
    }
    #expect(count > 200)
  }

  @Test("docs/library.md says of every public error what it means and where it comes from")
  func documented() throws {
    let page = try String(
      contentsOf: Self.repository.appending(path: "docs/library.md"), encoding: .utf8)
    let names = try sources().flatMap { file in
      file.text.matches(of: #/public (?:enum|struct) (\w+): [^{]*\bError\b/#).map { String($0.1) }
    }
    #expect(names.count > 10)
    for name in names { #expect(page.contains("| `\(name)` |"), "\(name)") }
    for kind in InputFailure.Kind.allCases {
      #expect(page.contains(try Regex("(?m)^\\| (`\\w+`, )?`\(kind.rawValue)`")), "\(kind)")
    }
  }
}
