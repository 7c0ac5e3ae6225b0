import Glibc
import TesseraFiles

/// The fields of a line of records, taken from the front.
///
/// They are read where they lie, so the bytes have to be there as long as this is in use: records of
/// a hundred thousand files are read in every run, and copies of their fields took most of that time.
struct RecordFields {
  static let tab = UInt8(ascii: "\t")

  private var rest: UnsafeRawBufferPointer
  /// Whether all have been taken.
  private(set) var isAtEnd = false

  /// Takes a line without its end; `nil` where it is not whole: its last field is the XXH64 of all
  /// others.
  init?(_ line: UnsafeRawBufferPointer) {
    guard let end = line.lastIndex(of: Self.tab) else { return nil }
    let digits = UnsafeRawBufferPointer(rebasing: line[(end + 1)...])
    rest = UnsafeRawBufferPointer(rebasing: line[..<end])
    guard digits.count == 16, Self.hash(digits) == XXHash64.hash(rest) else { return nil }
  }

  /// Takes the next field as it is written.
  mutating func next() -> UnsafeRawBufferPointer? {
    if isAtEnd { return nil }
    guard let start = rest.baseAddress,
      let tab = memchr(start, Int32(Self.tab), rest.count)
    else {
      isAtEnd = true
      return rest
    }
    let count = UnsafeRawPointer(tab) - start
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[(count + 1)...]) }
    return UnsafeRawBufferPointer(rebasing: rest[..<count])
  }

  /// Takes the next field if it is this word.
  mutating func isNext(_ word: String) -> Bool {
    var others = self
    guard others.next()?.elementsEqual(word.utf8) == true else { return false }
    self = others
    return true
  }

  /// Takes the next field as it was before it was escaped.
  mutating func text() -> String? { next().map(RecordLine.unescaped) }

  mutating func integer() -> Int? {
    next().flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  /// The number that lower-case hexadecimal digits give; `nil` where they are none.
  private static func hash(_ digits: UnsafeRawBufferPointer) -> UInt64? {
    if digits.isEmpty || digits.count > 16 { return nil }
    var value: UInt64 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"):
        value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return value
  }

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
    guard let name = text(), let byteCount = integer(), let time = integer(), let hash = next(),
      let details = text()
    else { return nil }
    var item = RunRecord.Member(
      name: name, byteCount: byteCount, modificationTime: time, hash: Self.hash(hash),
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
    while !isAtEnd {
      guard let path = text(), let size = text(), let hash = next() else { return nil }
      switch (size, Int(size), Self.hash(hash)) {
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
