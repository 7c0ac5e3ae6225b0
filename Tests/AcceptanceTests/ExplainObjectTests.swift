import Foundation
import Testing

/// Plans as programs get them.
@Suite struct ExplainObjectTests {
  private func explain(_ arguments: String..., status: Int32 = 0) throws -> [String: Any] {
    let outcome = try Command.run(["explain"] + arguments + ["--json"])
    #expect(outcome.status == status, "\(outcome.errors)")
    let object = try #require(outcome.json)
    #expect(object["exit_status"] as? Int == Int(status))
    return object
  }

  @Test("The object tells what the table tells, in numbers", arguments: Repository.pipelineNames)
  func alike(_ name: String) throws {
    let path = "\(Repository.pipelines)/\(name).json"
    let object = try explain(path, "--size", "67x45x3")
    let table = try Command.run(["explain", path, "--size", "67x45x3"]).output
    let stages = try #require(object["stages"] as? [[String: Any]])
    #expect(!stages.isEmpty && object["errors"] as? [String] == [])
    for stage in stages {
      let index = try #require(stage["index"] as? Int)
      let line = try #require(
        table.split(separator: "\n").first { $0.hasPrefix("\(index) ") }.map(String.init))
      #expect(line.contains(try #require(stage["stage"] as? String)))
      #expect(line.hasSuffix(try #require(stage["manner"] as? String)))
      // The table shows a file in place of what flows on.
      let shown = stage["file"] as? [String: Any] ?? stage
      let sides = try #require(shown["shape"] as? [Int]).map(String.init)
      #expect(line.contains(sides.joined(separator: " × ")), "\(line)")
      #expect(line.contains(try #require(shown["dtype"] as? String)), "\(line)")
      if shown["values"] is NSNull { #expect(line.contains(" any "), "\(line)") }
      if let grid = stage["grid"] as? [Int], stage["file"] is NSNull {
        #expect(line.contains("(\(grid[0]) × \(grid[1]) blocks)"), "\(line)")
      }
    }
    let blocks = try #require(object["blocks"] as? Int)
    #expect(table.contains("\n\(blocks) blocks, at most "))
    let most = try #require(object["memory_bytes"] as? Int)
    #expect(stages.allSatisfy { ($0["memory_bytes"] as? Int ?? .max) <= most })
  }

  @Test("Steps, names of channels and files are told")
  func parts() throws {
    let preset = try explain("\(Repository.pipelines)/clip_dataset.json", "--size", "640x480")
    let steps = try #require(
      (preset["stages"] as? [[String: Any]])?[1]["steps"] as? [[String: Any]])
    #expect(steps.map { $0["stage"] as? String } == ["resize", "crop", "normalize", "unfold"])
    #expect(steps[1]["shape"] as? [Int] == [3, 224, 224])
    let bank = try explain("\(Repository.pipelines)/maximum_responses.json", "--size", "64x64")
    let stages = try #require(bank["stages"] as? [[String: Any]])
    let last = try #require(stages.last)
    #expect((last["channel_names"] as? [String])?.count == 8)
    #expect((last["file"] as? [String: Any])?["files"] as? Int == 8)
  }

  @Test("A size that does not fit is told with its place")
  func refused() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(
        load: #""path": "in""#, [#"{"stage": "unfold", "kernel_size": 9}"#, #"{"stage": "fold"}"#],
        encode: #""path": "out""#), to: "p.json")
    let outcome = try Command.run(
      ["explain", "p.json", "--size", "4x4", "--json"], in: folder.path)
    #expect(outcome.status == 78)
    let errors = try #require(outcome.json?["errors"] as? [[String: Any]])
    #expect(errors.count == 1)
    #expect(errors[0]["line"] as? Int == 3 && errors[0]["file"] as? String == "p.json")
    #expect((errors[0]["key"] as? String)?.hasPrefix("stages[1]") == true, "\(errors)")
    #expect((errors[0]["message"] as? String)?.contains("p.json") == false, "\(errors)")
  }
}
