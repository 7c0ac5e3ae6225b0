import TesseraCore
import Testing

@testable import TesseraBatch

struct RunRecordTests {
  private func record(
    _ source: String, _ outputs: [String], recipe: String = "r", state: RunRecord.State = .done
  ) -> RunRecord {
    RunRecord(
      state: state, source: source, byteCount: 7, modificationTime: 1_700_000_000_123_456_789,
      recipe: recipe, outputs: outputs.map { .init(path: $0, byteCount: 3, hash: .max) },
      details: "{\"warnings\":[\"50% \\t\"]}")
  }

  @Test(
    "a record comes back from its line",
    arguments: ["a.png", "tab\tnew\nline%09.png", String(pathBytes: [0xFF, 0x25]), "", "é"])
  func roundTrip(name: String) throws {
    let record = record(name, [name, "b"])
    let line = record.line
    #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(RunRecord(line: line.utf8.dropLast()) == record)
  }

  @Test("no line that was cut or changed is taken for a record")
  func damage() {
    let bytes = Array(record("a.png", ["a.out"]).line.utf8.dropLast())
    for count in 0..<bytes.count { #expect(RunRecord(line: bytes[..<count]) == nil) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(RunRecord(line: changed) == nil)
    }
  }

  @Test("the record that named an output last owns it")
  func ownership() {
    let lines = [
      record("a.png", ["x"], recipe: "1"), record("b.png", ["y"], recipe: "1"),
      record("a.png", ["x"], recipe: "2", state: .started),
    ]
    let records = RunRecords(Array((lines.map(\.line).joined() + "torn").utf8))
    #expect(records.record(of: "a.png", recipe: "1") == nil)
    #expect(records.record(of: "b.png", recipe: "1") == lines[1])
    #expect(records.owner(of: "x") == lines[2])
    #expect(records.all == [lines[2], lines[1]])
    #expect(records.lineCount == 4)
  }
}
