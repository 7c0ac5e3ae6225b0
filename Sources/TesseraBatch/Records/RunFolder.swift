import Glibc
import TesseraCore
import TesseraFiles

/// The folder that keeps a run's report and records.
///
/// Records are one line per step, appended by one system call each, in the hidden folder
/// `.tessera`: whatever ends a run, what it had finished stays known.
final class RunFolder: Sendable {
  /// The folder.
  let path: String
  private let prefix: String
  private let lock: OpenFile
  private let log: OpenFile

  /// Where the report is.
  static func reportPath(in folder: String) -> String { Path.join(folder, "report.jsonl") }

  private static func hidden(_ name: String, in folder: String) -> String {
    Path.join(Path.join(folder, ".tessera"), name)
  }

  /// Reads the records of a folder, none where it has none.
  static func records(in folder: String) throws(FileError) -> RunRecords {
    do {
      return RunRecords(try FileSystem.content(of: hidden("records", in: folder)))
    } catch  where error.code == ENOENT || error.code == ENOTDIR {
      return RunRecords([])
    }
  }

  /// Creates what is missing and keeps other runs out until the last owner ends.
  ///
  /// What a killed run had begun is removed, and the records are written anew where most lines are
  /// outdated.
  init(_ path: String) throws(BatchError) {
    self.path = path
    prefix = Path.normalized(path) + "/"
    do throws(FileError) {
      try FileSystem.makeFolder(Path.join(path, ".tessera"))
      lock = try OpenFile(
        Self.hidden("lock", in: path), flags: O_RDWR | O_CREAT, as: .create)
    } catch {
      throw .file(error)
    }
    if flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw .folderInUse(path)
    }
    do throws(FileError) {
      let records = try Self.records(in: path)
      Self.removeHalfFiles(of: records, in: path)
      let file = Self.hidden("records", in: path)
      if records.lineCount > 2 * records.all.count + 1000 {
        let compact = try AtomicFile(at: file)
        try compact.write(records.all.map(\.line).joined().utf8)
        try compact.finish()
      }
      log = try OpenFile(file, flags: O_RDWR | O_CREAT | O_APPEND, as: .create)
      // Ends a line that a killed run may have left unfinished.
      if records.lineCount > 0 { try log.write("\n".utf8) }
    } catch {
      throw .file(error)
    }
  }

  /// Removes what a killed run had begun to write.
  private static func removeHalfFiles(of records: RunRecords, in folder: String) {
    for output in records.all.filter({ $0.state == .started }).flatMap(\.outputs) {
      FileSystem.remove(AtomicFile.temporaryPath(for: Path.join(folder, output.path)))
    }
  }

  /// Appends a record.
  func append(_ record: RunRecord) throws(FileError) { try log.write(record.line.utf8) }

  /// The path of an output as records and the report name it.
  func name(of output: String) -> String {
    let output = Path.normalized(output)
    // Nearly every output lies below the folder; then the working folder need not be asked for.
    guard output.utf8.starts(with: prefix.utf8) else { return Path.relative(output, to: path) }
    return String(output[output.utf8.index(output.startIndex, offsetBy: prefix.utf8.count)...])
  }
}
