import TesseraFiles

/// The records of a folder, as they stand after the last line.
///
/// An output belongs to the record that named it last: an earlier one that named it too no longer
/// tells what is in the file, and is dropped.
struct RunRecords: Sendable {
  private struct Key: Hashable {
    /// The first item.
    let source: PathKey
    let recipe: String
  }

  private var records: [Key: RunRecord] = [:]
  private var owners: [PathKey: Key] = [:]
  /// Folders whose records tell of outputs in this one, as they are reached from here.
  private(set) var references: [String] = []
  /// Lines that were read.
  private(set) var lineCount = 0
  /// Where the last whole line of the text that was read last ends, its line break included.
  private(set) var wholeByteCount = 0

  private let recipes: [String: String]

  /// Begins without any; recipes of earlier versions get the names of today.
  init(renaming recipes: [String: String] = [:]) { self.recipes = recipes }

  /// Reads lines that were appended after all others; those that are not whole are passed over.
  ///
  /// A text that was cut anywhere gives what its whole lines say.
  mutating func read(_ bytes: [UInt8]) {
    wholeByteCount = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      defer { start = end + 1 }
      if end == start { continue }
      lineCount += 1
      switch RecordLine(bytes[start..<end]) {
      case nil: continue
      case .record(let record): add(record)
      case .reference(let folder):
        if !references.contains(folder) { references.append(folder) }
      }
      wholeByteCount = min(end + 1, bytes.count)
    }
  }

  /// Records that still stand, by the names of their first items.
  var all: [RunRecord] {
    records.sorted { ($0.key.source, $0.key.recipe) < ($1.key.source, $1.key.recipe) }
      .map(\.value)
  }

  /// The lines that say the same.
  var text: String {
    references.map { RecordLine.reference($0).text }.joined()
      + all.map { RecordLine.record($0).text }.joined()
  }

  /// How many lines ``text`` has.
  var standingCount: Int { references.count + records.count }

  /// The record of the last run by a recipe of the shard that begins with an item.
  func record(of source: String, recipe: String) -> RunRecord? {
    records[Key(source: PathKey(source), recipe: recipe)]
  }

  /// The record that tells what is in a file, named from the folder of the run.
  func owner(of output: String) -> RunRecord? {
    owners[PathKey(output)].flatMap { records[$0] }
  }

  private mutating func add(_ record: RunRecord) {
    var record = record
    record.recipe = recipes[record.recipe] ?? record.recipe
    let key = Key(source: PathKey(record.key), recipe: record.recipe)
    drop(key)
    if record.state == .released { return }
    for output in record.outputs where output.claim != .foreign {
      let path = PathKey(output.path)
      if let other = owners[path] { drop(other) }
      owners[path] = key
    }
    records[key] = record
  }

  private mutating func drop(_ key: Key) {
    guard let record = records.removeValue(forKey: key) else { return }
    for output in record.outputs where owners[PathKey(output.path)] == key {
      owners[PathKey(output.path)] = nil
    }
  }
}
