import Glibc
import TesseraCore
import TesseraThreads

/// An open file, closed when its owner ends.
package struct OpenFile: ~Copyable {
  package let descriptor: Int32
  package let path: String
  private var isOpen = true

  /// Opens `path` with the flags of open(2); never waits for the other end of a pipe.
  package init(
    _ path: String, flags: Int32, as operation: FileError.Operation = .open
  ) throws(FileError) {
    let flags = flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    var descriptor: Int32
    repeat {
      descriptor = path.withPathBytes { open($0, flags, 0o666) }
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw FileError.unreached(operation, path) }
    self.descriptor = descriptor
    self.path = path
  }

  /// Makes a file for writing, or empties the one that is there.
  package static func emptied(_ path: String) throws(FileError) -> OpenFile {
    let file = try OpenFile(path, flags: O_WRONLY | O_CREAT, as: .create)
    // Of an empty file that is emptied ext4 believes that it takes the place of another, and does not
    // close it before its bytes are on their way to the disk.
    if FileStatus(of: file.descriptor)?.byteCount != 0 { try file.resize(to: 0) }
    return file
  }

  /// The standard input.
  package static func standardInput() -> OpenFile { OpenFile(STDIN_FILENO, named: "-") }

  /// Opens for reading what a path leads to; `/dev/stdin` and `/dev/fd/3` may lead to a socket, which
  /// only those who have it can read.
  package static func reading(_ path: String) throws(FileError) -> OpenFile {
    do throws(FileError) {
      return try OpenFile(path, flags: O_RDONLY)
    } catch {
      let number = path == "/dev/stdin" ? "0" : path.dropFirst("/dev/fd/".count)
      guard path == "/dev/stdin" || path.hasPrefix("/dev/fd/"), let own = Int32(number),
        case let copy = fcntl(own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), copy >= 0
      else { throw error }
      return OpenFile(copy, named: path)
    }
  }

  private init(_ descriptor: Int32, named path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { if isOpen, descriptor > STDERR_FILENO { Glibc.close(descriptor) } }

  /// Closes the file; an error that the system has put off until now is thrown.
  package mutating func close() throws(FileError) {
    guard isOpen else { return }
    isOpen = false
    guard Glibc.close(descriptor) == 0 else { throw FileError(.write, path) }
  }

  /// Fills `buffer` from the file; 0 at its end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError(.read, path) }
    }
  }

  /// Calls `body` with pieces of the file, in order, until `isEnough`.
  package func forEachPiece(
    of size: Int = 1 << 18, until isEnough: () -> Bool = { false },
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(FileError) {
    // Most files are smaller than a piece.
    let status = FileStatus(of: descriptor)
    let most = status?.kind == .file ? max(status?.byteCount ?? size, 1 << 12) : size
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(size, most), alignment: 64)
    defer { piece.deallocate() }
    while !isEnough(), case let count = try read(into: piece), count > 0 {
      body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }

  /// Writes all of the bytes.
  package func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let bytes = Array(bytes)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError(.write, path)
      }
    }
  }
}

/// Whole files and folders.
package enum FileSystem {
  /// Whether every byte of a file is 0.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - cancellation: ends the reading early, with ``FileError/cancelled(_:)``.
  /// - Returns: whether it holds nothing but zeros.
  /// - Throws: ``FileError`` where it cannot be read.
  package static func isOfZeros(
    _ path: String, _ cancellation: Cancellation
  ) throws(FileError) -> Bool {
    let file = try OpenFile(path, flags: O_RDONLY)
    var isOfZeros = true
    try file.forEachPiece(until: { !isOfZeros || cancellation.isCancelled }) { piece in
      isOfZeros = piece.allSatisfy { $0 == 0 }
    }
    if isOfZeros, cancellation.isCancelled { throw FileError.cancelled(path) }
    return isOfZeros
  }

  /// Makes a folder and those above it, where they are missing.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - note: called with each that was made, the uppermost first.
  /// - Throws: ``FileError`` where it cannot be made; those above it may have been.
  package static func makeFolder(
    _ path: String, noting note: (String) -> Void = { _ in }
  ) throws(FileError) {
    if path.isEmpty || FileStatus(of: path)?.kind == .folder { return }
    if path.withPathBytes({ mkdir($0, 0o777) }) == 0 { return note(path) }
    switch errno {
    case EEXIST where FileStatus(of: path)?.kind == .folder: return
    case EEXIST: throw FileError(.create, path, code: ENOTDIR)
    case ENOENT:
      let parent = Path.folder(of: Path.normalized(path))
      guard parent != path else { throw FileError(.create, path, code: ENOENT) }
      // Another run that is refused takes away the folders that it has made.
      for _ in 0..<8 {
        try makeFolder(parent, noting: note)
        if path.withPathBytes({ mkdir($0, 0o777) }) == 0 { return note(path) }
        if errno != ENOENT { break }
      }
      if errno != EEXIST { throw FileError(.create, path) }
    default: throw FileError(.create, path)
    }
  }

  /// Removes a file; one that is missing is no error.
  package static func remove(_ path: String) { _ = path.withPathBytes { unlink($0) } }

  /// Removes a file; one that is missing is no error.
  ///
  /// - Throws: ``FileError`` where it stays.
  package static func removeSurely(_ path: String) throws(FileError) {
    guard path.withPathBytes({ unlink($0) }) != 0, errno != ENOENT, errno != ENOTDIR else { return }
    throw FileError(.write, path)
  }

  /// Removes a folder if nothing is in it.
  package static func removeFolder(_ path: String) { _ = path.withPathBytes { rmdir($0) } }

  /// Says why a folder could not be made, as far as that is known without making it.
  package static func checkFolder(_ path: String) throws(FileError) {
    if path.isEmpty { return }
    if let status = FileStatus(of: path) {
      if status.kind == .folder { return }
      throw FileError(.create, path, code: ENOTDIR)
    }
    guard errno == ENOENT else { throw FileError(.create, path) }
    // A link to nothing is in the way.
    if FileStatus(of: path, followingLinks: false) != nil {
      throw FileError(.create, path, code: ENOTDIR)
    }
    let parent = Path.folder(of: Path.normalized(path))
    try checkFolder(parent)
    let above = FileStatus(of: parent.isEmpty ? "." : parent) == nil ? nil : parent
    if let above { try checkWritable(above, as: path) }
  }

  /// Says why nothing could be made in a folder, or a file not be written, that is there.
  ///
  /// - Parameters:
  ///   - path: the folder or file.
  ///   - name: what was to be made; `nil`: the file itself.
  /// - Throws: ``FileError`` with the name.
  package static func checkWritable(_ path: String, as name: String? = nil) throws(FileError) {
    let mode = name == nil ? R_OK | W_OK : W_OK | X_OK
    guard (path.isEmpty ? "." : path).withPathBytes({ access($0, mode) }) == 0 else {
      throw FileError(.create, name ?? path)
    }
  }

  /// The path from the root that leads through no link; what is missing at its end is taken as it is.
  package static func resolved(_ path: String) -> String {
    do throws(FileError) {
      return try real(path)
    } catch {
      let absolute = Path.absolute(path)
      let folder = Path.folder(of: absolute)
      return folder == absolute ? absolute : Path.join(resolved(folder), Path.name(of: absolute))
    }
  }

  /// The path from the root that leads through no link.
  ///
  /// - Throws: ``FileError`` where the system does not tell.
  package static func real(_ path: String) throws(FileError) -> String {
    guard let text = path.withPathBytes({ realpath($0, nil) }) else {
      throw FileError(.read, path)
    }
    defer { free(text) }
    return String(pathBytes: UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }
}
