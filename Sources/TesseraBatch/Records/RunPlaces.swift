import Glibc
import TesseraCore
import TesseraFiles

/// Where a run keeps its records and its lock.
struct RunPlaces: Hashable, Sendable {
  /// The folder that names of outputs count from.
  let folder: String
  /// The file of the records.
  let records: String
  /// The file whose lock keeps other runs out.
  let lock: String
  /// Whether records and lock are in a folder that was given for them.
  let isStateApart: Bool
  /// The folder, seen from that of the records: several runs may keep theirs in one.
  let home: String
  /// The folder where it really is.
  private let resolved: String
  /// What the names of outputs in the folder begin with; `nil`: nothing but no way out of it.
  private let prefix: String?
  /// Whether records in the folder of the outputs tell of earlier runs, too.
  var readsThoseOfOutputs = false
  /// What recipes are called that earlier versions have called otherwise.
  var recipes: [String: String] = [:]

  /// Hidden files in the folder of the outputs, or files in a folder of their own.
  init(_ folder: String, state: String? = nil) {
    self.folder = folder
    isStateApart = state != nil
    // By whatever links folders are reached, records tell of the same ones.
    let resolved = FileSystem.resolved(folder)
    self.resolved = resolved
    let normalized = Path.normalized(folder)
    prefix = normalized == "." ? nil : normalized + "/"
    home = state.map { Path.relative(resolved, to: FileSystem.resolved($0)) } ?? Self.here
    records = state.map { Path.join($0, "records") } ?? Path.join(folder, OwnNames.records)
    lock = state.map { Path.join($0, "lock") } ?? Path.join(folder, OwnNames.lock)
  }

  /// The folder of the records itself.
  static let here = "."

  /// What version 0.1 kept in a hidden folder, which readers of class folders take for a class.
  var firstVersion: (folder: String, records: String, lock: String) {
    let old = Path.join(folder, ".tessera")
    return (old, Path.join(old, "records"), Path.join(old, "lock"))
  }

  /// The path of an output as records and the report name it.
  func name(of output: String) -> String {
    let output = Path.normalized(output)
    // Nearly every output lies below the folder; then nobody need be asked for anything.
    if let prefix {
      if output.utf8.elementsEqual(prefix.utf8.dropLast()) { return Self.here }
      if output.utf8.starts(with: prefix.utf8) {
        return String(output[output.utf8.index(output.startIndex, offsetBy: prefix.utf8.count)...])
      }
    } else if output.utf8.first != UInt8(ascii: "/"), !output.utf8.starts(with: "../".utf8) {
      return output
    }
    return Path.relative(Self.resolved(file: output), to: resolved)
  }

  /// The path of an output that records name.
  func path(of name: String) -> String {
    Path.normalized(Path.join(name.utf8.starts(with: "../".utf8) ? resolved : folder, name))
  }

  /// The path of a file whose folder is reached through no link.
  static func resolved(file path: String) -> String {
    let folder = Path.folder(of: path)
    return Path.join(FileSystem.resolved(folder.isEmpty ? "." : folder), Path.name(of: path))
  }

  /// Reads the records, those of version 0.1 before them; none where there are none.
  func read() throws(FileError) -> RunRecords {
    var records = RunRecords(of: home, renaming: recipes)
    if try hasRecordsOfFirstVersion, let text = try Self.text(of: firstVersion.records) {
      try records.read(text, from: home)
    }
    if readsThoseOfOutputs, let text = try Self.text(of: RunPlaces(folder).records) {
      try records.read(text, from: home)
    }
    if let text = try Self.text(of: self.records) { try records.read(text) }
    return records
  }

  /// Whether version 0.1 has left records: something else of the name is somebody's.
  var hasRecordsOfFirstVersion: Bool {
    get throws(FileError) {
      let path = firstVersion.records
      guard FileStatus(of: path, followingLinks: false)?.kind == .file,
        let text = try Self.text(of: path)
      else { return false }
      if try RunRecords(text).wholeByteCount > 0 { return true }
      return try RecordText.mayBeOurs(path)
    }
  }

  private static func text(of path: String) throws(FileError) -> RecordText? {
    do {
      return try RecordText(at: path)
    } catch  where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
  }
}
