import TesseraCore
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

struct RunRecordTests {
  private func record(
    _ source: String, _ outputs: [String], recipe: String = "r", version: String = "1",
    state: RunRecord.State = .done
  ) -> RunRecord {
    RunRecord(
      state: state, recipe: recipe, version: version, items: [member(source)],
      outputs: outputs.map { .init(path: $0, byteCount: 3, hash: .max) })
  }

  private func member(
    _ name: String, hash: UInt64? = 0xABC, _ failure: InputFailure? = nil
  ) -> RunRecord.Member {
    .init(
      name: name, byteCount: 7, modificationTime: 1_700_000_000_123_456_789, hash: hash,
      failure: failure, details: "{\"warnings\":[\"50% \\t\"]}")
  }

  /// A shard of three, the second of which has no part in its files.
  private var shard: RunRecord {
    RunRecord(
      state: .done, recipe: "r", version: "0.2.0", folder: "../out",
      items: [
        member("a\t.png"),
        member("b.png", InputFailure(.malformed, "its\tdata\nend", stageIndex: 2)),
        member("é.png", hash: nil),
      ],
      outputs: [
        .init(path: "x", byteCount: 1, hash: 2), .init(path: "y", claim: .new),
        .init(path: "z\r", claim: .foreign),
      ])
  }

  private func read(_ text: String) -> RunRecords {
    recordsIn(Array(text.utf8))
  }

  private func recordsIn(_ bytes: [UInt8]) -> RunRecords {
    (try? RunRecords(RecordText(bytes))) ?? RunRecords()
  }

  private func all(_ records: RunRecords) -> [RunRecord] {
    var all: [RunRecord] = []
    try? records.forEach { all.append($0) }
    return all
  }

  private func textOf(_ records: RunRecords) -> String {
    var text = ""
    try? records.forEachLine { text += $0 }
    return text
  }

  private func parsed(_ line: RecordLine) -> RecordLine? { RecordLine(line.text.utf8.dropLast()) }

  @Test(
    "a record comes back from its line",
    arguments: ["a.png", "tab\tnew\nline%09.png", String(pathBytes: [0xFF, 0x25]), "", "é"])
  func roundTrip(name: String) throws {
    let line = RecordLine.record(record(name, [name, "b"]))
    #expect(line.text.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(parsed(line) == line)
    #expect(parsed(.reference(name)) == .reference(name))
  }

  @Test("a record of several items comes back, failures and claims and all")
  func shardRoundTrip() {
    #expect(parsed(.record(shard)) == .record(shard))
    var lone = shard
    lone.items = [shard.items[1]]
    #expect(parsed(.record(lone)) == .record(lone))
    lone.state = .released
    lone.outputs = []
    #expect(parsed(.record(lone)) == .record(lone))
  }

  private func firstVersion(_ text: String) -> RecordLine? {
    RecordLine("\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)".utf8)
  }

  @Test("lines of version 0.1 are read; they know no hash of an item")
  func firstVersion() {
    let single =
      "done\ta.png\t7\t1700000000123456789\tr-0.1.0\t"
      + "{\"warnings\":[\"50%25 \\t\"]}\ta.out\t3\tffffffffffffffff"
    var expected = record("a.png", ["a.out"], version: "0.1.0")
    expected.items[0].hash = nil
    #expect(firstVersion(single) == .record(expected))
    let shard =
      "shard\tdone\tr-0.1.0\t2\ta.png\t7\t1700000000123456789\t{}\t\t\t"
      + "\tb.png\t8\t9\t{}\tmalformed\t2\tends early\tx\t3\tffffffffffffffff"
    guard case .record(let record)? = firstVersion(shard) else {
      Issue.record("not read")
      return
    }
    #expect(record.items.map(\.name) == ["a.png", "b.png"] && record.version == "0.1.0")
    #expect(record.items[1].failure?.message == "ends early")
    #expect(record.outputs == [.init(path: "x", byteCount: 3, hash: .max)])
    let started = "started\ta.png\t7\t9\tr-0.1.0\t\tx\t0\t0000000000000000"
    guard case .record(let begun)? = firstVersion(started) else {
      Issue.record("not read")
      return
    }
    #expect(begun.outputs == [.init(path: "x", claim: .new)])
  }

  @Test("a record is about the same items in the same order, by time or by content")
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
    // What is not known proves nothing, not even where it is not known today either.
    #expect(!shard.isAbout(items, hashes: [0xABC, 0xABC, nil]))
    var known = shard
    known.items[2].hash = 5
    #expect(known.isAbout(items, hashes: [0xABC, 0xABC, 5]))
    #expect(!known.isAbout(items, hashes: [0xABC, 5, 0xABC]))
    #expect(!known.isAbout(items.dropLast(), hashes: [0xABC, 0xABC]))
    for index in items.indices {
      var changed = items
      changed[index].modificationTime += 1
      #expect(!known.isAbout(changed) && known.isAbout(changed, hashes: [0xABC, 0xABC, 5]))
      changed[index].byteCount += 1
      #expect(!known.isAbout(changed) && !known.isAbout(changed, hashes: [0xABC, 0xABC, 5]))
    }
  }

  @Test("no line that was cut or changed is taken for a record", arguments: [1, 3])
  func damage(count: Int) {
    let record = count == 1 ? record("a.png", ["a.out"]) : shard
    let bytes = Array(RecordLine.record(record).text.utf8.dropLast())
    for count in 0..<bytes.count { #expect(RecordLine(bytes[..<count]) == nil) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(RecordLine(changed) == nil)
    }
  }

  @Test("the record that named an output last owns it, unless it is not its own")
  func ownership() {
    var lines = [
      record("a.png", ["x"], recipe: "1"), record("b.png", ["y"], recipe: "1"),
      record("a.png", ["x"], recipe: "2", state: .started),
    ]
    let text = lines.map { RecordLine.record($0).text }.joined()
    let records = read(text + "torn")
    #expect(records.record(of: "a.png", recipe: "1") == nil)
    #expect(records.record(of: "b.png", recipe: "1") == lines[1])
    #expect(records.owner(of: "x") == lines[2])
    #expect(all(records) == [lines[1], lines[2]])
    #expect(records.lineCount == 4 && records.wholeByteCount == text.utf8.count)
    #expect(all(read(textOf(records))) == all(records))
    lines[2].outputs[0].claim = .foreign
    let others = read(lines.map { RecordLine.record($0).text }.joined())
    #expect(others.owner(of: "x") == lines[0])
  }

  @Test("what was released is forgotten, and its files are nobody's")
  func released() {
    var released = record("a.png", [], state: .released)
    released.outputs = []
    let lines = [record("a.png", ["x"], state: .started), released]
    let records = read(lines.map { RecordLine.record($0).text }.joined())
    #expect(all(records) == [] && records.owner(of: "x") == nil && records.wholeByteCount > 0)
  }

  @Test("records that were cut at any byte give what their whole lines say")
  func cutAnywhere() {
    let lines = [
      RecordLine.record(record("a.png", ["x"])), .reference("../e1"), .record(shard),
      .record(record("b.png", ["w"], state: .started)), .record(record("b.png", ["w"])),
    ]
    let text = Array(lines.map(\.text).joined().utf8)
    var ends: [Int] = []
    for line in lines { ends.append((ends.last ?? 0) + line.text.utf8.count) }
    for count in 0...text.count {
      let records = recordsIn(Array(text[..<count]))
      // A line is whole before its line break is there.
      let whole = ends.filter { $0 - 1 <= count }.count
      let expected = read(lines[..<whole].map(\.text).joined())
      #expect(textOf(records) == textOf(expected), "\(count)")
      #expect(records.wholeByteCount == min(whole == 0 ? 0 : ends[whole - 1], count), "\(count)")
    }
  }
}
