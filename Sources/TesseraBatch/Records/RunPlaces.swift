import Glibc
import TesseraFiles

/// Where a run keeps its records and its lock.
struct RunPlaces: Hashable, Sendable {
  /// The folder that names of outputs count from.
  let folder: String
  /// The file of the records.
  let records: String
  /// The file whose lock keeps other runs out.
  let lock: String
  /// The folder, seen from that of the records: several runs may keep theirs in one.
  let home: String
  /// What recipes are called that earlier versions have called otherwise.
  var recipes: [String: String] = [:]

  /// Hidden files in the folder of the outputs, or files in a folder of their own.
  init(_ folder: String, state: String? = nil) {
    self.folder = folder
    home = state.map { Path.relative(folder, to: $0) } ?? Self.here
    records = state.map { Path.join($0, "records") } ?? Path.join(folder, Self.recordsName)
    lock = state.map { Path.join($0, "lock") } ?? Path.join(folder, Self.lockName)
  }

  /// The folder of the records itself.
  static let here = "."
  /// How the files are called in the folder of the outputs.
  static let recordsName = ".tessera-records"
  static let lockName = ".tessera-lock"
  /// How the report is called, wherever it is.
  static let reportName = "report.jsonl"

  /// Whether a file is called as those that runs make for themselves.
  static func isReserved(_ name: String) -> Bool {
    name.hasPrefix(".tessera") || name.hasSuffix(".tessera-part")
  }

  /// What version 0.1 kept in a hidden folder, which readers of class folders take for a class.
  var firstVersion: (folder: String, records: String, lock: String) {
    let old = Path.join(folder, ".tessera")
    return (old, Path.join(old, "records"), Path.join(old, "lock"))
  }

  /// Reads the records, those of version 0.1 before them; none where there are none.
  func read() throws(FileError) -> RunRecords {
    var records = RunRecords(of: home, renaming: recipes)
    records.read(try Self.content(of: firstVersion.records), from: home)
    records.read(try Self.content(of: self.records))
    return records
  }

  private static func content(of path: String) throws(FileError) -> [UInt8] {
    do {
      return try FileSystem.content(of: path)
    } catch  where error.code == ENOENT || error.code == ENOTDIR {
      return []
    }
  }
}
