import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The folder of a run at work: nobody else's as long as this lives.
///
/// Records are one line per step: whatever ends a run, what it had finished stays known.
final class RunFolder: Sendable {
  /// The folder that names of outputs count from.
  let path: String
  /// What earlier runs have left.
  let records: RunRecords
  /// Folders in which files may lie that a killed run had begun.
  let begunFolders: [String]
  /// A folder whose file system has no locks; `nil` where all have.
  var unlocked: String? { locks.unlocked }
  private let places: RunPlaces
  private let locks: RunLocks
  private let log: OpenFile
  /// Folders that were made, each before those in it.
  private let made: [String]
  /// Whether the file of the records was not there before.
  private let isNew: Bool
  /// What was added to the records of other folders.
  private let references: [Reference]
  private let begun = Locked<Set<PathKey>>([])
  /// Whether the last line is torn and could not be taken back.
  private let isTorn = Locked(false)

  /// Creates what is missing and keeps other runs out until the last owner ends.
  ///
  /// A line that a killed run has left unfinished is cut off, and the records are written anew where
  /// most lines are outdated. What version 0.1 kept is taken over.
  ///
  /// - Parameters:
  ///   - places: where lock and records are.
  ///   - others: more folders that the run writes to; they refer to the records.
  ///   - options: whether a file system without locks is refused, and whether to wait for others.
  /// - Throws: ``BatchError`` where another run is at work, or a file cannot be made.
  init(
    _ places: RunPlaces, others: [String] = [], _ options: BatchOptions
  ) throws(BatchError) {
    let others = Self.distinct(others, from: places.folder)
    path = places.folder
    self.places = places
    var made: [String] = []
    let folders =
      [places.records, places.lock].map { Path.folder(of: $0) } + [places.folder] + others
    do throws(BatchError) {
      do throws(FileError) {
        for folder in folders { try FileSystem.makeFolder(folder) { made.append($0) } }
      } catch {
        throw .file(error)
      }
      locks = try RunLocks(
        places, others: others, shared: options.planned == nil ? nil : places.folder, options,
        noting: { made.append($0) })
    } catch {
      for folder in made.reversed() { FileSystem.removeFolder(folder) }
      throw error
    }
    var references: [Reference] = []
    do throws(BatchError) {
      try Self.checkRecords(of: others.map { RunPlaces($0) })
      let records = try Self.ownRecords(of: places, isOurPlace: options.ownsStateFolder)
      isNew = FileStatus(of: places.records, followingLinks: false) == nil
      do throws(FileError) {
        begunFolders = try Self.begunFolders(in: records, of: places, others)
        log = try Self.log(places, holding: records)
        for folder in others { try Self.refer(from: folder, to: places, noting: &references) }
        // Records tell of nothing that is in a folder which a loss of power takes away.
        for folder in made { try DiskSync.folder(Path.folder(of: folder)) }
        try DiskSync.folder(Path.folder(of: places.records))
      } catch {
        throw .file(error)
      }
      self.records = records
      self.made = made
      self.references = references
    } catch {
      for reference in references { reference.takeBack() }
      if FileStatus(of: places.records, followingLinks: false)?.byteCount == 0 {
        FileSystem.remove(places.records)
      }
      locks.removeNew()
      for folder in made.reversed() { FileSystem.removeFolder(folder) }
      throw error
    }
  }

  /// Lets other runs in, whoever still holds this.
  func release() { locks.release() }

  /// Leaves nothing of what was made where the run is refused before it has begun.
  func withdraw() {
    for reference in references { reference.takeBack() }
    if isNew, FileStatus(of: log.descriptor)?.byteCount == 0 { FileSystem.remove(places.records) }
    locks.removeNew()
    for folder in made.reversed() { FileSystem.removeFolder(folder) }
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
    try checkRecords(of: [places] + others)
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
  private static func checkRecords(of places: [RunPlaces]) throws(BatchError) {
    for place in places { _ = try ownRecords(of: place) }
  }

  /// The records of a folder, which must be those of runs, unless everything there is ours.
  private static func ownRecords(
    of places: RunPlaces, isOurPlace: Bool = false
  ) throws(BatchError) -> RunRecords {
    do throws(FileError) {
      if let kind = FileStatus(of: places.records, followingLinks: false)?.kind {
        // These are told of where they are opened.
        if kind == .link || kind == .folder { return RunRecords() }
        if kind == .file {
          let records = try places.read()
          if isOurPlace || records.wholeByteCount > 0 { return records }
          if try RecordText.mayBeOurs(places.records) { return records }
        }
      } else {
        return try places.read()
      }
    } catch {
      throw .file(error)
    }
    throw .recordsExist(places.records, inStateFolder: places.isStateApart)
  }

  /// Opens the records for lines to come.
  private static func log(
    _ places: RunPlaces, holding records: RunRecords
  ) throws(FileError) -> OpenFile {
    let old = places.firstVersion
    let isTakenOver = try places.hasRecordsOfFirstVersion
    var whole: Int? = records.wholeByteCount
    if isTakenOver || records.lineCount > 2 * records.standingCount + 1000 {
      let compact = try AtomicFile(at: places.records)
      try records.write(to: compact)
      try compact.finish(synchronized: true)
      whole = FileStatus(of: places.records)?.byteCount
    }
    // Only now: a run that is killed before finds both.
    if isTakenOver { FileSystem.remove(old.records) }
    // Nobody ever wrote to that lock.
    if isTakenOver, let lock = FileStatus(of: old.lock, followingLinks: false), lock.kind == .file,
      lock.byteCount == 0
    {
      FileSystem.remove(old.lock)
    }
    if isTakenOver { FileSystem.removeFolder(old.folder) }
    return try RecordText.appending(to: places.records, whole: whole)
  }

  /// Lets the records of another folder of the run tell where those of the run are.
  private static func refer(
    from folder: String, to places: RunPlaces, noting references: inout [Reference]
  ) throws(FileError) {
    let other = RunPlaces(folder)
    let target = Path.relative(
      FileSystem.resolved(places.folder), to: FileSystem.resolved(folder))
    guard try !other.read().references.contains(target) else { return }
    let line = RecordLine.reference(target).text.utf8
    let isNew = FileStatus(of: other.records, followingLinks: false) == nil
    let log = try RecordText.appending(to: other.records)
    references.append(
      Reference(
        records: other.records, isNew: isNew, start: FileStatus(of: log.descriptor)?.byteCount,
        byteCount: line.count))
    try log.write(line)
  }

  /// A line in the records of another folder that tells where those of the run are.
  private struct Reference {
    let records: String
    /// Whether there were no records before.
    let isNew: Bool
    /// Where the line begins, if that is known.
    let start: Int?
    let byteCount: Int

    /// Leaves the records without the line, if nobody has gone on behind it.
    func takeBack() {
      guard let start, let log = try? OpenFile(records, flags: O_WRONLY | O_NOFOLLOW),
        let size = FileStatus(of: log.descriptor)?.byteCount,
        (start...start + byteCount).contains(size)
      else { return }
      if isNew { FileSystem.remove(records) } else { try? log.resize(to: start) }
    }
  }

  /// Those of outputs that a run had begun, and those of the run's own files.
  private static func begunFolders(
    in records: RunRecords, of places: RunPlaces, _ others: [String]
  ) throws(FileError) -> [String] {
    var folders = [places.folder, Path.folder(of: places.records)] + others
    folders += records.begunFolders.map {
      Path.join(Path.folder(of: places.records), $0)
    }
    try records.forEachBegun { record in
      folders += record.outputs.map { Path.folder(of: Path.join(places.folder, $0.path)) }
    }
    return folders
  }

  /// Keeps that files are about to be made in a folder: what a killed run leaves there is found then.
  func begin(in folder: String) throws(FileError) {
    let name = places.name(of: folder)
    guard name != ".", begun.withLock({ $0.insert(PathKey(name)).inserted }) else { return }
    try append(RecordLine.begun(Path.join(places.home, name)).text)
  }

  /// Appends records of this run, all at once or none.
  func append(_ records: [RunRecord]) throws(FileError) {
    var text = ""
    for var record in records {
      record.folder = places.home
      let line = RecordLine.record(record).text
      // The next run would not read it: what has no record is done again, and compared.
      if line.utf8.count <= RecordText.longestLine { text += line }
    }
    try append(text)
  }

  /// Appends lines; what was written of them is taken away where the disk refuses the rest, or the next
  /// line would be lost with it.
  private func append(_ lines: String) throws(FileError) {
    try isTorn.withLock { (isTorn) throws(FileError) in
      let size = FileStatus(of: log.descriptor)?.byteCount
      do throws(FileError) {
        try log.write((isTorn ? "\n" + lines : lines).utf8)
        isTorn = false
      } catch {
        let size = size.flatMap { (try? log.resize(to: $0)) == nil ? nil : $0 }
        if size == nil { isTorn = true }
        throw error
      }
    }
  }

  /// Brings the records to the disk.
  func synchronize() throws(FileError) { try DiskSync.file(log.descriptor, places.records) }

  /// The open file of the records.
  var descriptor: Int32 { log.descriptor }

  /// The path of an output as records and the report name it.
  func name(of output: String) -> String { places.name(of: output) }

  /// The path of an output that records name.
  func path(of name: String) -> String { places.path(of: name) }
}
