import CTesseraFiles
import Glibc
import TesseraCore
import TesseraThreads

/// A file that appears under its name only when it is complete.
///
/// It is written under a hidden name beside the final one, which no other writer of the same file
/// has. A file that is neither finished nor discarded is discarded when its last owner ends; what a
/// killed run leaves, the next run into that folder removes.
public final class AtomicFile {
  /// The name that it will have.
  public let path: String
  /// The name that it has until then.
  public let temporaryPath: String
  /// The open file, for writing until ``close()`` or ``finish(synchronized:)``.
  public var descriptor: Int32 { file.descriptor }

  private var file: OpenFile
  /// Keeps the lock of the closed file, until that has its name.
  private var lock: Int32 = -1
  private var isPending = true
  /// Keeps the file from being taken for a leftover once it is closed, in place of its own lock.
  private var keeper: PartKeeper?
  /// Bytes that are on their way to the disk, or there.
  private var begunByteCount = 0

  /// Opens an empty file under a temporary name that nothing has.
  ///
  /// - Throws: ``FileError`` with the final name, where the folder does not take it.
  public convenience init(at path: String) throws(FileError) {
    try self.init(at: path, keptBy: nil)
  }

  /// Opens an empty file under a temporary name that nothing has.
  ///
  /// - Parameters:
  ///   - path: the final name.
  ///   - keeper: that of its folder, where many files wait for their names; they need not be open.
  ///   - writer: who writes it, as its temporary name says.
  /// - Throws: ``FileError`` with the final name, where the folder does not take it.
  package init(
    at path: String, keptBy keeper: PartKeeper?, writtenBy writer: String? = AtomicFile.writer
  ) throws(FileError) {
    self.path = path
    self.keeper = keeper
    var name = Self.temporaryPath(for: path, keptBy: keeper?.mark, writtenBy: writer)
    var rounds = 0
    while true {
      rounds += 1
      do {
        let file = try UnnamedFiles.opened(name)
        let ownership = keeper == nil ? Self.lock(name, file.descriptor) : .ours
        // Where no name ever leads to the file that it was given to, nobody can tell a leftover either.
        if ownership == .ours || rounds > 8 {
          self.file = file
          temporaryPath = name
          return
        }
        // A name that was just made has no other owner, as far as anybody can tell.
        if ownership == .unknown { FileSystem.remove(name) }
        UnnamedFiles.forget(name)
      } catch  where error.code == EEXIST {
      } catch {
        throw FileError(.create, path, code: error.code)
      }
      // Another run writes the same file, or a killed one has left it.
      name = Self.temporaryPath(
        for: path, keptBy: keeper?.mark, writtenBy: writer, besides: .random(in: .min ... .max))
    }
  }

  deinit { discard() }

  private static let writers = Locked<String?>(nil)

  /// Who writes, where machines write to one folder: a part of temporary names, so that what an attempt
  /// has left tells which one it was.
  package static var writer: String? { writers.withLock(\.self) }

  /// Names this process in the temporary names of the files that it makes from now on: machine, process
  /// and attempt.
  package static func nameWriter() {
    let attempt = UInt16.random(in: .min ... .max)
    writers.withLock { $0 = "\(Host.name)-\(getpid())-\(UInt64(attempt).hexadecimal.suffix(4))" }
  }

  /// The hidden name beside `path` under which it is written.
  ///
  /// - Parameters:
  ///   - path: the final name.
  ///   - number: tells it from other names for the same file; `nil` gives the first one.
  /// - Returns: the name, with its folder.
  public static func temporaryPath(for path: String, besides number: UInt64? = nil) -> String {
    temporaryPath(for: path, keptBy: nil, besides: number)
  }

  /// The hidden name beside `path`, which leads to the keeper of its folder where there is one.
  static func temporaryPath(
    for path: String, keptBy mark: String?, writtenBy writer: String? = nil,
    besides number: UInt64? = nil
  ) -> String {
    let name = Path.name(of: path)
    let end =
      (writer.map { ".\($0)" } ?? "") + (number.map { ".\($0.hexadecimal)" } ?? "")
      + (mark.map { "." + $0 } ?? "")
      + OwnNames.partSuffix
    let long = ".\(name)\(end)"
    // No name may exceed 255 bytes.
    let short =
      long.pathBytes.count <= 255 ? long : ".\(XXHash64.hash(name.utf8).hexadecimal)\(end)"
    return Path.join(Path.folder(of: path), short)
  }

  /// Appends bytes.
  public func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    do {
      try file.write(bytes)
    } catch {
      throw FileError(.write, path, code: error.code)
    }
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.write, path) }
      done += count
    }
  }

  /// Writes bytes in place of others.
  package func overwrite(_ bytes: [UInt8], at position: Int) throws(FileError) {
    do {
      try file.write(bytes, at: position)
    } catch {
      throw FileError(.write, path, code: error.code)
    }
  }

  /// Moves bytes up to a position before them, where the file ends then.
  package func move(_ range: Range<Int>, to position: Int) throws(FileError) {
    precondition(position <= range.lowerBound, "bytes move to the front")
    do throws(FileError) {
      let source = try OpenFile(temporaryPath, flags: O_RDONLY)
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
      defer { piece.deallocate() }
      var done = 0
      while done < range.count {
        let part = UnsafeMutableRawBufferPointer(
          rebasing: piece[..<min(piece.count, range.count - done)])
        let count = try OpenFile.read(
          source.descriptor, path, into: part, at: range.lowerBound + done)
        guard count > 0 else { throw FileError(.read, path, code: EIO) }
        try file.write(UnsafeRawBufferPointer(rebasing: part[..<count]), at: position + done)
        done += count
      }
      try file.resize(to: position + range.count)
    } catch {
      throw FileError(.write, path, code: error.code)
    }
  }

  /// Ends the writing here; a file that others write by its temporary name needs no longer be open.
  ///
  /// - Throws: ``FileError`` with an error that the system has put off until now.
  public func close() throws(FileError) {
    if lock < 0, isPending, keeper == nil {
      lock = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      // Without a second descriptor the first one has to keep the lock.
      if lock < 0 { return }
    }
    do throws(FileError) {
      try file.close()
    } catch {
      throw FileError(.write, path, code: error.code)
    }
  }

  /// Closes the complete file and gives it its name; a file that had the name is replaced in the same instant.
  ///
  /// - Parameter synchronized: Whether the bytes must have reached the disk before, and the name
  ///   when this returns.
  /// - Throws: ``FileError`` where the disk refuses the bytes or the name.
  public func finish(synchronized: Bool = false) throws(FileError) {
    try finish(synchronized: synchronized, replacing: true)
  }

  /// Closes the complete file and gives it its name.
  ///
  /// - Parameters:
  ///   - synchronized: whether bytes and name must have reached the disk.
  ///   - replacing: whether what has the name is replaced; else that is an error (`EEXIST`), and the
  ///     file keeps its temporary name.
  /// - Throws: ``FileError`` where the disk refuses the bytes or the name.
  package func finish(synchronized: Bool = false, replacing: Bool) throws(FileError) {
    if synchronized { try synchronize() }
    try close()
    let result = temporaryPath.withPathBytes { from in
      path.withPathBytes { replacing ? rename(from, $0) : tessera_rename_new(from, $0) }
    }
    guard result == 0 else { throw FileError(.create, path) }
    end()
    if synchronized { try DiskSync.folder(Path.folder(of: path)) }
  }

  /// Closes the complete file, brings it to the disk and gives it its name.
  ///
  /// - Parameters:
  ///   - replacing: whether what has the name is replaced, whatever it is.
  ///   - isFree: whether what has come to lie there may be replaced: another run may have written its
  ///     own meanwhile.
  /// - Throws: ``FileError`` where the disk refuses the bytes or the name.
  package func finish(
    replacing: Bool, orWhere isFree: (String) -> Bool
  ) throws(FileError) {
    do throws(FileError) {
      try finish(synchronized: true, replacing: replacing)
    } catch  where error.code == EEXIST && isFree(path) {
      try finish(synchronized: true, replacing: true)
    }
  }

  /// Has the system begin to bring to the disk what was written, if that is much: whoever waits for it in
  /// the end waits for less.
  package func beginSynchronizing() {
    guard let byteCount = FileStatus(of: descriptor)?.byteCount,
      byteCount - begunByteCount >= Self.byteCountToBegin
    else { return }
    let count = byteCount - begunByteCount
    tessera_begin_synchronizing(descriptor, Int64(begunByteCount), Int64(count))
    begunByteCount = byteCount
  }

  /// Less would reach the disk in small pieces.
  private static let byteCountToBegin = 4 << 20

  /// Waits until everything that was written has reached the disk.
  ///
  /// - Throws: ``FileError`` where it has not.
  package func synchronize() throws(FileError) {
    if keeper == nil { return try DiskSync.file(openDescriptor, path) }
    do throws(FileError) {
      let file = try OpenFile(temporaryPath, flags: O_RDONLY)
      try DiskSync.file(file.descriptor, path)
    } catch {
      throw FileError(.write, path, code: error.code)
    }
  }

  /// The open file, also after ``close()``, as long as it has not got its name; or another one of its
  /// file system.
  package var openDescriptor: Int32 {
    keeper?.descriptor ?? (lock >= 0 ? lock : descriptor)
  }

  /// Whether a regular file that has the final name holds the very bytes that were written here.
  ///
  /// - Parameter cancellation: ends the reading early, with ``FileError/cancelled(_:)``.
  /// - Returns: `false` where anything differs.
  /// - Throws: ``FileError`` where either cannot be read.
  package func equalsExisting(_ cancellation: Cancellation) throws(FileError) -> Bool {
    guard let existing = FileStatus(of: path, followingLinks: false), existing.kind == .file,
      existing.byteCount == FileStatus(of: temporaryPath)?.byteCount
    else { return false }
    let old = try OpenFile(path, flags: O_RDONLY)
    let new = try OpenFile(temporaryPath, flags: O_RDONLY)
    let size = 1 << 18
    let pieces = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * size, alignment: 64)
    defer { pieces.deallocate() }
    let a = UnsafeMutableRawBufferPointer(rebasing: pieces[..<size])
    let b = UnsafeMutableRawBufferPointer(rebasing: pieces[size...])
    for position in stride(from: 0, to: existing.byteCount, by: size) {
      if position > 0, cancellation.isCancelled {
        throw FileError.cancelled(path)
      }
      let count = try OpenFile.read(old.descriptor, path, into: a, at: position)
      guard count == (try OpenFile.read(new.descriptor, temporaryPath, into: b, at: position)),
        a[..<count].elementsEqual(b[..<count])
      else { return false }
    }
    return true
  }

  /// Removes what was written.
  public func discard() {
    if isPending { FileSystem.remove(temporaryPath) }
    end()
  }

  private func end() {
    if isPending { UnnamedFiles.forget(temporaryPath) }
    isPending = false
    if lock >= 0 { Glibc.close(lock) }
    lock = -1
    keeper = nil
  }
}
