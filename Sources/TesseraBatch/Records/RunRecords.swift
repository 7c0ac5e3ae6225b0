import TesseraFiles
import TesseraThreads

/// The records of a folder, as they stand after the last line.
///
/// Of each only the place of its line is kept, and the line is read when it is asked for. An output
/// belongs to the record that named it last: an earlier one that named it too no longer tells what is
/// in the file, and is dropped. Those of other folders that are kept in the same file stay, and are
/// not seen.
package struct RunRecords: Sendable {
  private struct Source: Sendable {
    let text: RecordText
    /// Where all outputs in it are, whatever it says.
    let folder: String?
  }

  private var sources: [Source] = []
  private var index = RecordIndex()
  /// Folders whose records tell of outputs in this one, as they are reached from here.
  private(set) var references: [String] = []
  /// Folders in which a run has begun files.
  private(set) var begunFolders: [String] = []
  /// Lines that were read.
  private(set) var lineCount = 0
  /// Where the last whole line of the text that was read last ends, its line break included.
  private(set) var wholeByteCount = 0

  private let folder: String
  private let recipes: [String: String]
  /// Outputs by their hashes, once one is asked for.
  private var outputs = LazyNameIndex()

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
  ///   - text: the lines.
  ///   - folder: where all outputs in it are, whatever it says.
  /// - Throws: ``FileError`` where the text cannot be read.
  mutating func read(_ text: RecordText, from folder: String? = nil) throws(FileError) {
    sources.append(Source(text: text, folder: folder))
    outputs = LazyNameIndex()
    index = RecordIndex()
    references = []
    begunFolders = []
    lineCount = 0
    var (index, others, count, whole) = (RecordIndex(), [RecordLine](), 0, 0)
    for number in sources.indices {
      whole = 0
      try forEachLine(of: number) { line, offset, end in
        count += 1
        switch line {
        case nil: return
        case .record(let scan):
          index.add(scan, at: .init(text: number, offset: offset, state: scan.state))
        case .other(let line): others.append(line)
        }
        whole = end
      }
    }
    try index.settle { (add) throws(FileError) in
      for number in sources.indices {
        try forEachLine(of: number) { line, offset, _ in
          guard case .record(let scan) = line else { return }
          add(scan, .init(text: number, offset: offset, state: scan.state))
        }
      }
    }
    (self.index, lineCount, wholeByteCount) = (index, count, whole)
    for line in others { take(line) }
  }

  private mutating func take(_ line: RecordLine) {
    switch line {
    case .reference(let folder):
      if !references.contains(folder) { references.append(folder) }
    case .begun(let folder):
      if !begunFolders.contains(folder) { begunFolders.append(folder) }
    case .record: break
    }
  }

  private enum Line {
    case record(RecordScan)
    case other(RecordLine)
  }

  /// Calls `body` with every line of a text, `nil` for one that is not whole, where it begins and where
  /// the next one would.
  private func forEachLine(
    of number: Int, _ body: (Line?, Int, Int) -> Void
  ) throws(FileError) {
    let source = sources[number]
    try source.text.forEachLine { bytes, offset in
      if bytes.isEmpty { return }
      let end = source.text.end(ofLine: bytes.count, at: offset)
      if source.folder == nil, let scan = RecordScan(bytes, renaming: recipes) {
        body(.record(scan), offset, end)
        return
      }
      switch RecordLine(bytes) {
      case nil: body(nil, offset, end)
      case .record(let record): body(.record(RecordScan(taken(record, from: source))), offset, end)
      case let line?: body(.other(line), offset, end)
      }
    }
  }

  /// A record of a text as it is to be seen.
  private func taken(_ record: RunRecord, from source: Source) -> RunRecord {
    var record = record
    record.folder = source.folder ?? record.folder
    record.recipe = recipes[record.recipe] ?? record.recipe
    return record
  }

  /// The record in a line; `nil` where it is no longer there.
  private func record(at place: RecordIndex.Place) throws(FileError) -> RunRecord? {
    let source = sources[place.text]
    guard case .record(let record)? = RecordLine(try source.text.line(at: place.offset)) else {
      return nil
    }
    return taken(record, from: source)
  }

  /// Calls `body` with every record that still stands, in the order of the lines, those of other
  /// folders included.
  func forEach(_ body: (RunRecord) throws(FileError) -> Void) throws(FileError) {
    for place in index.places {
      if let record = try record(at: place) { try body(record) }
    }
  }

  /// Calls `body` with the records of shards that have been begun and neither done nor given up.
  func forEachBegun(_ body: (RunRecord) -> Void) throws(FileError) {
    for place in index.begunPlaces {
      if let record = try record(at: place), record.folder == folder { body(record) }
    }
  }

  /// Calls `body` with lines that say the same.
  ///
  /// - Parameter body: takes a line with its end.
  /// - Throws: ``FileError`` where a text cannot be read, and what `body` throws.
  package func forEachLine(_ body: (String) throws(FileError) -> Void) throws(FileError) {
    for reference in references { try body(RecordLine.reference(reference).text) }
    for folder in begunFolders { try body(RecordLine.begun(folder).text) }
    try forEach { (record) throws(FileError) in try body(RecordLine.record(record).text) }
  }

  /// How many lines say the same.
  var standingCount: Int { references.count + begunFolders.count + index.count }

  /// The record of the last run by a recipe of the shard that begins with an item.
  func record(of source: String, recipe: String) -> RunRecord? {
    let key = RecordScan.key(of: source, recipe: recipe, folder: folder)
    guard let place = index.place(of: key), let record = try? record(at: place),
      record.key.utf8.elementsEqual(source.utf8), record.recipe == recipe,
      record.folder.utf8.elementsEqual(folder.utf8)
    else { return nil }
    return record
  }

  /// The record that tells what is in a file, named from the folder of the run.
  func owner(of output: String) -> RunRecord? {
    let numbers = outputs.numbers(of: RecordScan.output(output, folder: folder)) { indexOfOutputs }
    return numbers.lazy.compactMap { try? record(at: RecordIndex.Place(number: $0)) }.first {
      record in
      record.folder.utf8.elementsEqual(folder.utf8)
        && record.outputs.contains {
          $0.claim != .foreign && $0.path.utf8.elementsEqual(output.utf8)
        }
    }
  }

  private var indexOfOutputs: NameIndex {
    var outputs = NameIndex()
    for place in index.places {
      guard let record = try? record(at: place) else { continue }
      for output in RecordScan(record).outputs { outputs.append(output, place.number) }
    }
    outputs.sort()
    return outputs
  }
}
