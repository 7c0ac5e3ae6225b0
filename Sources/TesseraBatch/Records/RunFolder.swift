import Glibc
import TesseraCore
import TesseraFiles

/// The folder of a run at work: nobody else's as long as this lives.
///
/// Records are one line per step, appended by one system call each: whatever ends a run, what it had
/// finished stays known.
final class RunFolder: Sendable {
  /// The folder that names of outputs count from.
  let path: String
  /// What earlier runs have left.
  let records: RunRecords
  /// Folders in which files may lie that a killed run had begun.
  let begunFolders: [String]
  private let home: String
  private let places: RunPlaces
  private let locks: RunLocks
  private let log: OpenFile

  /// Creates what is missing and keeps other runs out until the last owner ends.
  ///
  /// A line that a killed run has left unfinished is cut off, and the records are written anew where
  /// most lines are outdated. What version 0.1 kept is taken over.
  ///
  /// - Parameters:
  ///   - places: where lock and records are.
  ///   - others: more folders that the run writes to; they refer to the records.
  /// - Throws: ``BatchError`` where another run is at work, or a file cannot be made.
  init(_ places: RunPlaces, others: [String] = []) throws(BatchError) {
    let others = Self.distinct(others, from: places.folder)
    path = places.folder
    home = places.home
    self.places = places
    do throws(FileError) {
      for file in [places.records, places.lock] {
        try FileSystem.makeFolder(Path.folder(of: file))
      }
      for folder in others { try FileSystem.makeFolder(folder) }
    } catch {
      throw .file(error)
    }
    locks = try RunLocks(places, others: others)
    try Self.checkRecords(of: places, others.map { RunPlaces($0) })
    do throws(FileError) {
      records = try places.read()
      begunFolders = Self.begunFolders(in: records, of: places, others)
      log = try Self.log(places, holding: records)
      for folder in others { try Self.refer(from: folder, to: places) }
    } catch {
      throw .file(error)
    }
  }

  /// Says why a run could not have its folders, as far as that is known without making any.
  ///
  /// Whether another run is at work is not asked for: only who takes a lock knows.
  static func check(_ places: RunPlaces, others: [String]) throws(BatchError) {
    let others = distinct(others, from: places.folder).map { RunPlaces($0) }
    do throws(FileError) {
      try FileSystem.checkFolder(Path.folder(of: places.records))
      for other in [places] + others { try FileSystem.checkFolder(other.folder) }
      // All of the locks are taken before any of the records are opened.
      for other in [places] + others { try checkFile(other.lock) }
      for other in [places] + others { try checkFile(other.records) }
    } catch {
      throw .file(error)
    }
    try checkRecords(of: places, others)
  }

  /// Says why one of the run's own files could not be opened or made.
  private static func checkFile(_ path: String) throws(FileError) {
    switch FileStatus(of: path, followingLinks: false)?.kind {
    case .link: throw FileError(.create, path, code: ELOOP)
    case .folder: throw FileError(.create, path, code: EISDIR)
    case nil:
      let folder = Path.folder(of: path)
      if FileStatus(of: folder.isEmpty ? "." : folder) != nil {
        try FileSystem.checkWritable(folder, as: path)
      }
    default: try FileSystem.checkWritable(path)
    }
  }

  /// Each folder once, by whatever links it is reached, without one of them.
  static func distinct(_ folders: [String], from first: String) -> [String] {
    var seen: Set<PathKey> = [PathKey(FileSystem.resolved(first))]
    return folders.filter { seen.insert(PathKey(FileSystem.resolved($0))).inserted }
  }

  /// Refuses to append to what is somebody's, and to cut it off as a line that was torn.
  private static func checkRecords(
    of places: RunPlaces, _ others: [RunPlaces]
  ) throws(BatchError) {
    for other in [places] + others {
      do throws(FileError) {
        if try isOurs(other.records) { continue }
      } catch {
        throw .file(error)
      }
      throw .recordsExist(other.records, inStateFolder: other.isStateApart)
    }
  }

  /// Whether nothing but records of runs has the name: something else has no line of them, not even
  /// one that was torn off or that a lost block of the disk left as zeros.
  private static func isOurs(_ path: String) throws(FileError) -> Bool {
    guard FileStatus(of: path, followingLinks: false)?.kind == .file else { return true }
    let bytes = try FileSystem.content(of: path)
    var records = RunRecords()
    records.read(bytes)
    if records.wholeByteCount > 0 { return true }
    let rest = bytes.drop { $0 == 0 }
    return rest.isEmpty || RecordLine.mayBegin(with: rest)
  }

  /// Opens the records for lines to come.
  private static func log(
    _ places: RunPlaces, holding records: RunRecords
  ) throws(FileError) -> OpenFile {
    let old = places.firstVersion
    let isThere = FileStatus(of: old.records, followingLinks: false)?.kind == .file
    let isTakenOver = isThere ? try isOurs(old.records) : false
    if isTakenOver || records.lineCount > 2 * records.standingCount + 1000 {
      let compact = try AtomicFile(at: places.records)
      try compact.write(records.text.utf8)
      try compact.finish()
    }
    // Only now: a run that is killed before finds both.
    if isTakenOver { FileSystem.remove(old.records) }
    // Nobody ever wrote to that lock.
    if let lock = FileStatus(of: old.lock, followingLinks: false), lock.kind == .file,
      lock.byteCount == 0
    {
      FileSystem.remove(old.lock)
    }
    FileSystem.removeFolder(old.folder)
    return try appending(to: places.records)
  }

  /// Opens a file of records behind its last whole line.
  private static func appending(to path: String) throws(FileError) -> OpenFile {
    // Never through a link: what it leads to is not ours.
    let file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, as: .create)
    var records = RunRecords()
    let bytes = try file.readAll()
    records.read(bytes)
    if records.wholeByteCount < bytes.count { try file.resize(to: records.wholeByteCount) }
    let isUnended = records.wholeByteCount > 0 && bytes[records.wholeByteCount - 1] != lineEnd
    if isUnended { try file.write([lineEnd]) }
    return file
  }

  private static let lineEnd = UInt8(ascii: "\n")

  /// Lets the records of another folder of the run tell where those of the run are.
  private static func refer(from folder: String, to places: RunPlaces) throws(FileError) {
    let other = RunPlaces(folder)
    let target = Path.relative(
      FileSystem.resolved(places.folder), to: FileSystem.resolved(folder))
    guard try !other.read().references.contains(target) else { return }
    try appending(to: other.records).write(RecordLine.reference(target).text.utf8)
  }

  /// Those of outputs that a run had begun, and those of the run's own files.
  private static func begunFolders(
    in records: RunRecords, of places: RunPlaces, _ others: [String]
  ) -> [String] {
    [places.folder, Path.folder(of: places.records)] + others
      + records.all.filter { $0.state == .started }.flatMap(\.outputs).map {
        Path.folder(of: Path.join(places.folder, $0.path))
      }
  }

  /// Appends a record of this run.
  func append(_ record: RunRecord) throws(FileError) {
    var record = record
    record.folder = home
    try log.write(RecordLine.record(record).text.utf8)
  }

  /// The path of an output as records and the report name it.
  func name(of output: String) -> String { places.name(of: output) }

  /// The path of an output that records name.
  func path(of name: String) -> String { places.path(of: name) }
}

/// Locks that keep other runs away from the folders of one.
private final class RunLocks: Sendable {
  private let descriptors: [Int32]

  /// Takes all of them.
  ///
  /// - Throws: ``BatchError/folderInUse(_:)`` where another run has one.
  init(_ places: RunPlaces, others: [String]) throws(BatchError) {
    var taken: [Int32] = []
    let first = places.isStateApart ? Path.folder(of: places.lock) : places.folder
    var files = [(places.lock, first)] + others.map { (RunPlaces($0).lock, $0) }
    // A run of version 0.1 may still be at work.
    let old = places.firstVersion.lock
    if FileStatus(of: old, followingLinks: false)?.kind == .file {
      files.append((old, places.folder))
    }
    for (file, folder) in files {
      let descriptor = file.withPathBytes {
        open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o666)
      }
      guard descriptor >= 0 else {
        let error = FileError(.create, file)
        taken.forEach { close($0) }
        throw .file(error)
      }
      taken.append(descriptor)
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        taken.forEach { close($0) }
        throw .folderInUse(folder)
      }
    }
    descriptors = taken
  }

  deinit {
    for descriptor in descriptors {
      // A child that is just being started may hold a copy, and the lock with it.
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
  }
}
