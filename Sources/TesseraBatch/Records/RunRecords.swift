import TesseraFiles

/// The records of a folder, as they stand after the last line.
///
/// An output belongs to the record that named it last: an earlier one that named it too no longer
/// tells what is in the file, and is dropped. Those of other folders that are kept in the same file
/// stay, and are not seen.
struct RunRecords: Sendable {
  private struct Key: Hashable {
    /// The first item.
    let source: PathKey
    let recipe: String
    let folder: String
  }

  /// An output by its folder and its name in it.
  private struct Place: Hashable {
    let folder: String
    let path: PathKey
  }

  private var records: [Key: RunRecord] = [:]
  private var owners: [Place: Key] = [:]
  /// Folders whose records tell of outputs in this one, as they are reached from here.
  private(set) var references: [String] = []
  /// Lines that were read.
  private(set) var lineCount = 0
  /// Where the last whole line of the text that was read last ends, its line break included.
  private(set) var wholeByteCount = 0

  private let folder: String
  private let recipes: [String: String]

  /// Begins without any.
  ///
  /// - Parameters:
  ///   - folder: the folder of the run, seen from that of the records.
  ///   - recipes: what those are called today that earlier versions have called otherwise.
  init(of folder: String = RunPlaces.here, renaming recipes: [String: String] = [:]) {
    self.folder = folder
    self.recipes = recipes
  }

  /// Reads lines that were appended after all others; those that are not whole are passed over.
  ///
  /// A text that was cut anywhere gives what its whole lines say.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - folder: where all outputs in it are, whatever it says.
  mutating func read(_ bytes: [UInt8], from folder: String? = nil) {
    wholeByteCount = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      defer { start = end + 1 }
      if end == start { continue }
      lineCount += 1
      switch RecordLine(bytes[start..<end]) {
      case nil: continue
      case .record(var record):
        record.folder = folder ?? record.folder
        add(record)
      case .reference(let folder):
        if !references.contains(folder) { references.append(folder) }
      }
      wholeByteCount = min(end + 1, bytes.count)
    }
  }

  /// Records of the folder that still stand, by the names of their first items.
  var all: [RunRecord] { all(of: folder) }

  /// Records of a folder that still stand, by the names of their first items.
  func all(of folder: String) -> [RunRecord] {
    records.values.filter { $0.folder == folder }.sorted(by: Self.isBefore)
  }

  /// The other folders of which records tell, seen from that of the records.
  var otherFolders: [String] {
    Set(records.values.map(\.folder)).subtracting([folder]).sorted { PathKey($0) < PathKey($1) }
  }

  /// The lines that say the same.
  var text: String {
    references.map { RecordLine.reference($0).text }.joined()
      + records.values.sorted(by: Self.isBefore).map { RecordLine.record($0).text }.joined()
  }

  /// How many lines ``text`` has.
  var standingCount: Int { references.count + records.count }

  /// The record of the last run by a recipe of the shard that begins with an item.
  func record(of source: String, recipe: String) -> RunRecord? {
    records[Key(source: PathKey(source), recipe: recipe, folder: folder)]
  }

  /// The record that tells what is in a file, named from the folder of the run.
  func owner(of output: String) -> RunRecord? {
    owners[Place(folder: folder, path: PathKey(output))].flatMap { records[$0] }
  }

  private static func isBefore(_ a: RunRecord, _ b: RunRecord) -> Bool {
    (PathKey(a.key), a.recipe, a.folder) < (PathKey(b.key), b.recipe, b.folder)
  }

  private mutating func add(_ record: RunRecord) {
    var record = record
    record.recipe = recipes[record.recipe] ?? record.recipe
    let key = Key(source: PathKey(record.key), recipe: record.recipe, folder: record.folder)
    drop(key)
    if record.state == .released { return }
    for output in record.outputs where output.claim != .foreign {
      let place = Place(folder: record.folder, path: PathKey(output.path))
      if let other = owners[place] { drop(other) }
      owners[place] = key
    }
    records[key] = record
  }

  private mutating func drop(_ key: Key) {
    guard let record = records.removeValue(forKey: key) else { return }
    for output in record.outputs {
      let place = Place(folder: record.folder, path: PathKey(output.path))
      if owners[place] == key { owners[place] = nil }
    }
  }
}
