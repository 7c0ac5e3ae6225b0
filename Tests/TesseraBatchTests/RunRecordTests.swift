import TesseraCore
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

struct RunRecordTests {
  private func record(
    _ source: String, _ outputs: [String], recipe: String = "r", state: RunRecord.State = .done
  ) -> RunRecord {
    RunRecord(
      state: state, recipe: recipe, items: [member(source)],
      outputs: outputs.map { .init(path: $0, byteCount: 3, hash: .max) })
  }

  private func member(_ name: String, _ failure: InputFailure? = nil) -> RunRecord.Member {
    .init(
      name: name, byteCount: 7, modificationTime: 1_700_000_000_123_456_789, failure: failure,
      details: "{\"warnings\":[\"50% \\t\"]}")
  }

  /// A shard of three, the second of which has no part in its files.
  private var shard: RunRecord {
    RunRecord(
      state: .done, recipe: "r",
      items: [
        member("a\t.png"),
        member("b.png", InputFailure(.malformed, "its\tdata\nend", stageIndex: 2)),
        member("é.png"),
      ],
      outputs: [.init(path: "x", byteCount: 1, hash: 2), .init(path: "y", byteCount: 3, hash: 4)])
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

  @Test("a record of one item keeps the line that the first version wrote")
  func firstVersion() {
    let text =
      "done\ta.png\t7\t1700000000123456789\tr\t"
      + "{\"warnings\":[\"50%25 \\t\"]}\ta.out\t3\tffffffffffffffff"
    let line = "\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)\n"
    #expect(record("a.png", ["a.out"]).line == line)
    #expect(RunRecord(line: line.utf8.dropLast()) == record("a.png", ["a.out"]))
  }

  @Test("a record of several items comes back, failures and all")
  func shardRoundTrip() {
    #expect(RunRecord(line: shard.line.utf8.dropLast()) == shard)
    #expect(shard.line.hasPrefix("shard\t"))
    var lone = shard
    lone.items = [shard.items[1]]
    #expect(RunRecord(line: lone.line.utf8.dropLast()) == lone)
  }

  @Test("a record is about the same items in the same order, unchanged")
  func items() {
    let items = shard.items.map {
      Item(
        name: $0.name, source: ByteSource(path: "in"), byteCount: $0.byteCount,
        modificationTime: $0.modificationTime)
    }
    #expect(shard.isAbout(items))
    #expect(!shard.isAbout(items.dropLast()))
    #expect(!shard.isAbout(items + items))
    #expect(!shard.isAbout(items.reversed()))
    for index in items.indices {
      var changed = items
      changed[index].byteCount += 1
      #expect(!shard.isAbout(changed))
      changed = items
      changed[index].modificationTime += 1
      #expect(!shard.isAbout(changed))
    }
  }

  @Test("no line that was cut or changed is taken for a record", arguments: [1, 3])
  func damage(count: Int) {
    let record = count == 1 ? record("a.png", ["a.out"]) : shard
    let bytes = Array(record.line.utf8.dropLast())
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
