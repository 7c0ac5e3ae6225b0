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
  /// Lines that were read.
  private(set) var lineCount = 0

  /// Reads lines; those that are not whole are passed over.
  init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      lineCount += 1
      if let record = RunRecord(line: line) { add(record) }
    }
  }

  /// Records that still stand, by the names of their first items.
  var all: [RunRecord] {
    records.sorted { ($0.key.source, $0.key.recipe) < ($1.key.source, $1.key.recipe) }
      .map(\.value)
  }

  /// The record of the last run by a recipe of the shard that begins with an item.
  func record(of source: String, recipe: String) -> RunRecord? {
    records[Key(source: PathKey(source), recipe: recipe)]
  }

  /// The record that tells what is in a file, named from the folder of the run.
  func owner(of output: String) -> RunRecord? {
    owners[PathKey(output)].flatMap { records[$0] }
  }

  private mutating func add(_ record: RunRecord) {
    let key = Key(source: PathKey(record.key), recipe: record.recipe)
    drop(key)
    for output in record.outputs {
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
