/// The fields of a line of records, taken from the front.
struct RecordFields {
  private var rest: ArraySlice<String>

  init(_ fields: [String]) { rest = fields[...] }

  /// Whether all have been taken.
  var isAtEnd: Bool { rest.isEmpty }

  /// Takes the next field if it is this word.
  mutating func isNext(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func text() -> String? { rest.popFirst() }

  private mutating func integer() -> Int? { text().flatMap { Int($0) } }

  /// Reads what stands behind the word of a record.
  mutating func record() -> RunRecord? {
    guard let state = text().flatMap(RunRecord.State.init), let recipe = text(),
      let version = text(), let folder = text(), let items = members({ $0.member() }),
      let outputs = outputs()
    else { return nil }
    return RunRecord(
      state: state, recipe: recipe, version: version, folder: folder, items: items,
      outputs: outputs)
  }

  /// A number, then as many items.
  private mutating func members(
    _ read: (inout RecordFields) -> RunRecord.Member?
  ) -> [RunRecord.Member]? {
    guard let count = integer(), count > 0, count <= rest.count else { return nil }
    var items: [RunRecord.Member] = []
    for _ in 0..<count {
      guard let item = read(&self) else { return nil }
      items.append(item)
    }
    return items
  }

  private mutating func member() -> RunRecord.Member? {
    guard let name = text(), let byteCount = integer(), let time = integer(), let hash = text(),
      let details = text()
    else { return nil }
    var item = RunRecord.Member(
      name: name, byteCount: byteCount, modificationTime: time, hash: UInt64(hash, radix: 16),
      details: details)
    return takeFailure(of: &item) ? item : nil
  }

  private mutating func takeFailure(of item: inout RunRecord.Member) -> Bool {
    guard let kind = text(), let stage = text(), let message = text() else { return false }
    if kind.isEmpty { return true }
    guard let kind = InputFailure.Kind(rawValue: kind) else { return false }
    item.failure = InputFailure(kind, message, stageIndex: Int(stage))
    return true
  }

  /// All that is left: the outputs.
  private mutating func outputs() -> [RunRecord.Output]? {
    var outputs: [RunRecord.Output] = []
    while !rest.isEmpty {
      guard let path = text(), let size = text(), let hash = text() else { return nil }
      switch (size, Int(size), UInt64(hash, radix: 16)) {
      case ("new", _, _): outputs.append(.init(path: path, claim: .new))
      case ("foreign", _, _): outputs.append(.init(path: path, claim: .foreign))
      case (_, let byteCount?, let hash?):
        outputs.append(.init(path: path, byteCount: byteCount, hash: hash))
      default: return nil
      }
    }
    return outputs
  }
}

// Version 0.1 knew no hash of items, and had recipe and version in one field. Lines were
//   started|done, name, size, time, recipe, details, then path, size and hash of every output;
//   shard, started|done, recipe, number of items, then for each of them name, size, time, details and
//   kind, stage and message of its failure, then the outputs as above.
extension RecordFields {
  /// Reads the line of a record from its first field on.
  mutating func recordOfFirstVersion() -> RunRecord? {
    let isShard = isNext("shard")
    guard let state = text().flatMap(RunRecord.State.init) else { return nil }
    var member: RunRecord.Member?
    if !isShard {
      guard let item = oldMember() else { return nil }
      member = item
    }
    guard let recipe = text() else { return nil }
    if !isShard {
      guard let details = text() else { return nil }
      member?.details = details
    }
    let items =
      if let member { [member] } else { members { $0.oldMemberOfShard() } }
    guard let items, var outputs = outputs() else { return nil }
    if state == .started {
      // It had no word for what was there before.
      for index in outputs.indices { outputs[index].claim = .new }
    }
    let parts = recipe.split(separator: "-", maxSplits: 1)
    return RunRecord(
      state: state, recipe: parts.first.map(String.init) ?? "",
      version: parts.count > 1 ? String(parts[1]) : "", items: items, outputs: outputs)
  }

  private mutating func oldMember() -> RunRecord.Member? {
    guard let name = text(), let byteCount = integer(), let time = integer() else { return nil }
    return RunRecord.Member(name: name, byteCount: byteCount, modificationTime: time)
  }

  private mutating func oldMemberOfShard() -> RunRecord.Member? {
    guard var item = oldMember(), let details = text() else { return nil }
    item.details = details
    return takeFailure(of: &item) ? item : nil
  }
}
