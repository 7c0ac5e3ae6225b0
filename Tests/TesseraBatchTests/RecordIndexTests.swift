import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Places of records against whole records in dictionaries.
@Suite("Index of records")
struct RecordIndexTests {
  @Test("A place has its text, offset and state, however far they are", arguments: [0, 1, 2, 2047])
  func places(_ text: Int) {
    let offsets = [0, 1, 4095, 1 << 49, 1 << 50 - 1]
    let places = offsets.flatMap { offset in
      RunRecord.State.allCases.map { state in
        let place = RecordIndex.Place(text: text, offset: offset, state: state)
        #expect(place.text == text && place.offset == offset && place.state == state)
        #expect(RecordIndex.Place(number: place.number) == place)
        return place
      }
    }
    // Lines that come later are greater, and those of later texts.
    #expect(places == places.sorted())
    let next = RecordIndex.Place(text: text + 1, offset: 0, state: .released)
    #expect(text == 2047 || places.allSatisfy { $0 < next })
  }

  /// The rule of `RunRecords` word by word, with every record in memory.
  private struct Reference {
    var records: [String: RunRecord] = [:]
    var owners: [String: String] = [:]

    mutating func add(_ record: RunRecord) {
      let key = "\(record.key)|\(record.recipe)"
      drop(key)
      if record.state == .released { return }
      for output in record.outputs where output.claim != .foreign {
        if let other = owners[output.path] { drop(other) }
        owners[output.path] = key
      }
      records[key] = record
    }

    private mutating func drop(_ key: String) {
      guard let record = records.removeValue(forKey: key) else { return }
      for output in record.outputs where owners[output.path] == key { owners[output.path] = nil }
    }
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  private static func record(_ random: inout Generator, keys: Int, outputs: Int) -> RunRecord {
    let state = RunRecord.State.allCases.randomElement(using: &random) ?? .done
    let names = (0..<outputs).filter { _ in Int.random(in: 0..<outputs, using: &random) < 2 }
    return RunRecord(
      state: state, recipe: ["1", "2"].randomElement(using: &random) ?? "1", version: "v",
      items: [
        .init(
          name: "in%\t\(Int.random(in: 0..<keys, using: &random))", byteCount: 1,
          modificationTime: 2, hash: 3, failure: nil, details: "{}")
      ],
      outputs: state == .released
        ? []
        : names.map { name in
          switch Int.random(in: 0..<6, using: &random) {
          case 0: .init(path: "out%\(name)", claim: .foreign)
          case 1: .init(path: "out%\(name)", claim: .new)
          default: .init(path: "out%\(name)", byteCount: name, hash: 5)
          }
        })
  }

  @Test(
    "what stands, and whose an output is, follows from the lines as from whole records",
    arguments: [(3, 2, 12), (5, 4, 40), (30, 25, 300), (6000, 6000, 15_000)])
  func standing(_ keys: Int, _ outputs: Int, _ count: Int) throws {
    for seed in 1...(count > 1000 ? 1 : 60) {
      var random = Generator(state: UInt64(seed))
      var (reference, text) = (Reference(), "")
      for _ in 0..<count {
        let record = Self.record(&random, keys: keys, outputs: min(outputs, 40))
        reference.add(record)
        text += RecordLine.record(record).text
      }
      let records = try RunRecords(RecordText(Array(text.utf8)))
      var standing: [String: RunRecord] = [:]
      try records.forEach { standing["\($0.key)|\($0.recipe)"] = $0 }
      #expect(standing == reference.records, "\(seed)")
      #expect(records.standingCount == reference.records.count)
      for output in 0..<min(outputs, 40) {
        let owner = reference.owners["out%\(output)"].flatMap { reference.records[$0] }
        #expect(records.owner(of: "out%\(output)") == owner, "\(seed) \(output)")
      }
      for record in reference.records.values {
        #expect(records.record(of: record.key, recipe: record.recipe) == record)
      }
      #expect(records.record(of: "in%\t-1", recipe: "1") == nil)
    }
  }

  @Test("lines of any length are read, wherever pieces of the file end")
  func longLines() throws {
    var random = Generator(state: 1)
    var lines: [String] = []
    for length in [0, 1, 2040, 2048, 2100, 262_000, 262_144, 600_000, 5, 1_100_000] {
      var record = Self.record(&random, keys: 1, outputs: 2)
      record.state = .done
      record.items[0].name = "length \(length)"
      record.items[0].details = String(repeating: "d", count: length)
      record.outputs = [.init(path: "o\(length)", byteCount: 1, hash: 2)]
      lines.append(RecordLine.record(record).text)
    }
    let folder = try TemporaryFolder()
    try folder.write(lines.joined() + "torn", to: "records")
    let records = try RunRecords(RecordText(at: folder.path("records")))
    var read: [String] = []
    try records.forEach { read.append(RecordLine.record($0).text) }
    #expect(read == lines)
    #expect(records.wholeByteCount == lines.joined().utf8.count && records.lineCount == 11)
  }
}
