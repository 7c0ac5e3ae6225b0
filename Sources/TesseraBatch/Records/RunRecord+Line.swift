import TesseraCore
import TesseraFiles

// One line of the file of records: fields between tabs, the last is the XXH64 of all others.
//
// An item by itself, in place or in work:
//   started|done, name, size, time, recipe, details, then path, size and hash of every output.
// Several items, or one without a part in the outputs; versions that know only the first kind pass
// such lines over:
//   shard, started|done, recipe, number of items, then for each of them name, size, time, details and
//   kind, stage and message of its failure, then the outputs as above.
extension RunRecord {
  private static let shardWord = "shard"

  /// The record as a line.
  var line: String {
    var fields: [String] = []
    if items.count == 1, items[0].failure == nil {
      let item = items[0]
      fields = [
        state.rawValue, item.name, String(item.byteCount), String(item.modificationTime), recipe,
        item.details,
      ]
    } else {
      fields = [Self.shardWord, state.rawValue, recipe, String(items.count)]
      for item in items {
        fields += [
          item.name, String(item.byteCount), String(item.modificationTime), item.details,
          item.failure?.kind.rawValue ?? "", item.failure?.stageIndex.map(String.init) ?? "",
          item.failure?.message ?? "",
        ]
      }
    }
    for output in outputs {
      fields += [output.path, String(output.byteCount), output.hash.hexadecimal]
    }
    let text = fields.map(Self.escaped).joined(separator: "\t")
    return "\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)\n"
  }

  /// Reads a line; `nil` where it is not whole, as the last line of a killed run may be.
  init?(line: some Collection<UInt8>) {
    let tab = UInt8(ascii: "\t")
    let line = Array(line)
    guard let end = line.lastIndex(of: tab),
      String(decoding: line[(end + 1)...], as: UTF8.self) == XXHash64.hash(line[..<end]).hexadecimal
    else { return nil }
    var fields = Fields(
      line[..<end].split(separator: tab, omittingEmptySubsequences: false).map(Self.unescaped))
    let record = fields.isNext(Self.shardWord) ? fields.shard() : fields.single()
    guard let record else { return nil }
    self = record
  }

  /// The fields of a line, taken from the front.
  private struct Fields {
    private var rest: ArraySlice<String>

    init(_ fields: [String]) { rest = fields[...] }

    /// Takes the next field if it is this word.
    mutating func isNext(_ word: String) -> Bool {
      guard rest.first == word else { return false }
      rest.removeFirst()
      return true
    }

    mutating func single() -> RunRecord? {
      guard let state = text().flatMap(State.init), let name = text(), let byteCount = integer(),
        let time = integer(), let recipe = text(), let details = text(), let outputs = outputs()
      else { return nil }
      let item = Member(
        name: name, byteCount: byteCount, modificationTime: time, details: details)
      return RunRecord(state: state, recipe: recipe, items: [item], outputs: outputs)
    }

    mutating func shard() -> RunRecord? {
      guard let state = text().flatMap(State.init), let recipe = text(), let count = integer(),
        count > 0, count <= rest.count
      else { return nil }
      var items: [Member] = []
      for _ in 0..<count {
        guard let item = member() else { return nil }
        items.append(item)
      }
      guard let outputs = outputs() else { return nil }
      return RunRecord(state: state, recipe: recipe, items: items, outputs: outputs)
    }

    private mutating func member() -> Member? {
      guard let name = text(), let byteCount = integer(), let time = integer(),
        let details = text(), let kind = text(), let stage = text(), let message = text()
      else { return nil }
      var item = Member(
        name: name, byteCount: byteCount, modificationTime: time, details: details)
      if !kind.isEmpty {
        guard let kind = InputFailure.Kind(rawValue: kind) else { return nil }
        item.failure = InputFailure(kind, message, stageIndex: Int(stage))
      }
      return item
    }

    /// All that is left: the outputs.
    private mutating func outputs() -> [Output]? {
      var outputs: [Output] = []
      while !rest.isEmpty {
        guard let path = text(), let byteCount = integer(),
          let hash = text().flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        outputs.append(Output(path: path, byteCount: byteCount, hash: hash))
      }
      return outputs
    }

    private mutating func text() -> String? { rest.popFirst() }

    private mutating func integer() -> Int? { text().flatMap { Int($0) } }
  }

  private static func escaped(_ field: String) -> String {
    guard field.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "%") }) else {
      return field
    }
    var bytes: [UInt8] = []
    for byte in field.utf8 {
      if byte < 0x20 || byte == UInt8(ascii: "%") {
        bytes += "%\(byte.hexadecimal)".utf8
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"),
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        rest.removeFirst(min(2, rest.count))
        bytes.append(value)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
