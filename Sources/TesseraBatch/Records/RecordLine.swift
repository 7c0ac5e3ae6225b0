import TesseraCore
import TesseraFiles

/// One line of the file of records: fields between tabs, the last is the XXH64 of all others, so that
/// a line that is not whole is known.
///
///     record, started|done|released, recipe, version, folder of the run, number of items,
///       for each of them name, size, time, hash, details and kind, stage and message of its failure,
///       for each output path, size and hash; new or foreign in place of a size, then without a hash;
///       one that is about to be replaced stands there twice, as it is and as it is to be
///     see, the folder whose records tell of outputs in this one, as it is reached from here
///     begun, a folder in which a run makes files, as it is reached from the folder of the run
///
/// Tabs, line breaks and other controls in fields are escaped, as is "%".
package enum RecordLine: Hashable, Sendable {
  case record(RunRecord)
  case reference(String)
  case begun(String)

  /// Whether some bytes may be what is left of records, those of version 0.1 as well: they begin with a
  /// line that was torn off anywhere, or one that is not whole but has fields.
  static func mayBegin(with bytes: some Collection<UInt8>) -> Bool {
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let isTorn = line.count == bytes.count
    let states = RunRecord.State.allCases.map(\.rawValue)
    return ([recordWord, referenceWord, begunWord, wordOfFirstVersion] + states).contains { word in
      let start = Array("\(word)\t".utf8)
      if isTorn { return line.starts(with: start) || start.starts(with: line) }
      return line.starts(with: start) && line.dropFirst(start.count).contains(UInt8(ascii: "\t"))
    }
  }

  /// Stands before the state of several items.
  private static let wordOfFirstVersion = "shard"
  static let recordWord = "record"
  private static let referenceWord = "see"
  private static let begunWord = "begun"

  /// The line, its end included.
  package var text: String {
    let fields =
      switch self {
      case .record(let record): [Self.recordWord] + record.fields
      case .reference(let folder): [Self.referenceWord, folder]
      case .begun(let folder): [Self.begunWord, folder]
      }
    let text = fields.map(Self.escaped).joined(separator: "\t")
    return "\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)\n"
  }

  /// Reads a line without its end; `nil` where it is not whole, as the last line of a killed run may
  /// be.
  ///
  /// - Parameter line: its bytes.
  package init?(_ line: some Sequence<UInt8>) {
    let read = line.withContiguousStorageIfAvailable { Self(UnsafeRawBufferPointer($0)) }
    guard let line = read ?? Array(line).withUnsafeBytes({ Self($0) }) else { return nil }
    self = line
  }

  private init?(_ line: UnsafeRawBufferPointer) {
    guard var fields = RecordFields(line) else { return nil }
    if fields.isNext(Self.referenceWord) {
      guard let folder = fields.text(), fields.isAtEnd else { return nil }
      self = .reference(folder)
      return
    }
    if fields.isNext(Self.begunWord) {
      guard let folder = fields.text(), fields.isAtEnd else { return nil }
      self = .begun(folder)
      return
    }
    let record = fields.isNext(Self.recordWord) ? fields.record() : fields.recordOfFirstVersion()
    guard let record else { return nil }
    self = .record(record)
  }

  static func escaped(_ field: String) -> String {
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

  static func unescaped(_ field: UnsafeRawBufferPointer) -> String {
    if !field.contains(UInt8(ascii: "%")) { return String(decoding: field, as: UTF8.self) }
    var bytes: [UInt8] = []
    var rest = field[...]
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

extension RunRecord {
  /// The fields of its line, behind the word that begins it.
  fileprivate var fields: [String] {
    var fields = [state.rawValue, recipe, version, folder, String(items.count)]
    for item in items {
      fields += [
        item.name, String(item.byteCount), String(item.modificationTime),
        item.hash?.hexadecimal ?? "", item.details, item.failure?.kind.rawValue ?? "",
        item.failure?.stageIndex.map(String.init) ?? "", item.failure?.message ?? "",
      ]
    }
    for output in outputs {
      fields.append(output.path)
      switch output.claim {
      case .content(let byteCount, let hash): fields += [String(byteCount), hash.hexadecimal]
      case .new: fields += ["new", ""]
      case .foreign: fields += ["foreign", ""]
      }
    }
    return fields
  }
}
