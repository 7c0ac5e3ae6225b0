import Foundation
import Testing

/// The version that the command, the documents and the records of runs name.
@Suite struct VersionTests {
  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Repository.path)/\(name)", encoding: .utf8)
  }

  private func version() throws -> String {
    let outcome = try Command.run(["--version"])
    #expect(outcome.status == 0)
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  @Test("The newest dated entry of the changelog and the package on the library's page have it")
  func documents() throws {
    let version = try version()
    let entries = try text("CHANGELOG.md").matches(of: /(?m)^## \[(.+)\](?: – (\S+))?$/)
    let dated = entries.filter { $0.output.1 != "Unreleased" }
    #expect(dated.first.map { String($0.output.1) } == version)
    #expect(dated.map { $0.output.2?.count } == Array(repeating: 10, count: dated.count))
    #expect(try text("docs/library.md").contains(#"from: "\#(version)""#))
  }

  @Test("The records of a run have it, so that another version does all again")
  func records() throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.sample("horse-1bit.png"), to: "in/a.png")
    try folder.write(
      #"""
      {"version": 1, "stages": [{"stage": "load", "path": "in"},
        {"stage": "encode", "path": "out", "format": "npy"}]}
      """#, to: "p.json")
    #expect(try Command.run(["run", "p.json"], in: folder.path).status == 0)
    let records = String(decoding: try folder.bytes("out/.tessera-records"), as: UTF8.self)
    let lines = records.split(separator: "\n")
    #expect(!lines.isEmpty)
    for line in lines { #expect(line.split(separator: "\t").contains(Substring(try version()))) }
  }
}
