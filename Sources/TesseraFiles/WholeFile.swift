import Glibc
import TesseraCore
import TesseraThreads

/// Reading a file from its beginning to its end, within limits.
extension FileSystem {
  /// The content of a file.
  ///
  /// Where it is a pipe, this waits for whoever writes.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - kinds: what it may be; a terminal may always stand in for a pipe, and /dev/null for nothing.
  ///   - limit: the most bytes it may have.
  ///   - cancellation: ends the reading early, with an error.
  /// - Returns: all bytes.
  /// - Throws: ``FileError`` where it cannot be read, is of another kind, or has more bytes.
  package static func content(
    of path: String, as kinds: Set<FileStatus.Kind>, limit: Int, cancellation: Cancellation
  ) throws(FileError) -> [UInt8] {
    let file = try OpenFile.reading(path)
    return try file.content(as: kinds, limit: limit, cancellation: cancellation)
  }
}

extension OpenFile {
  /// Everything from here to the end, as of a whole file.
  package borrowing func content(
    as kinds: Set<FileStatus.Kind>, limit: Int, cancellation: Cancellation
  ) throws(FileError) -> [UInt8] {
    guard let status = FileStatus(of: descriptor) else { throw FileError(.read, path) }
    if status.kind == .folder { throw FileError(.read, path, code: EISDIR) }
    let mayWait = kinds.contains(.pipe)
    let isStandIn =
      isatty(descriptor) == 1 || status.identity == FileStatus(of: "/dev/null")?.identity
    if !(mayWait && isStandIn), let refusal = status.refusal(taking: kinds) {
      throw FileError(.read, path, refusal)
    }
    let tooLarge = FileError(.read, path, "it has more than \(limit.inBytes), the limit")
    if status.kind == .file, status.byteCount > limit { throw tooLarge }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { piece.deallocate() }
    var bytes: [UInt8] = []
    if status.kind == .file {
      // Twice: what is made of it takes as much again.
      guard status.byteCount < 1 << 20 || MemoryReservation.isPossible(2 * status.byteCount) else {
        throw FileError(.read, path, code: ENOMEM)
      }
      bytes.reserveCapacity(status.byteCount)
    }
    while true {
      if status.kind != .file { try waitForBytes(cancellation) }
      let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
      if count < 0, errno == EINTR || errno == EAGAIN && status.kind != .file { continue }
      guard count >= 0 else { throw FileError(.read, path) }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw tooLarge }
      bytes.append(contentsOf: piece[..<count])
    }
  }

  /// Waits until there are bytes, or will be none: a pipe that nobody writes to yet has no end.
  private borrowing func waitForBytes(_ cancellation: Cancellation) throws(FileError) {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      if cancellation.isCancelled { throw FileError.cancelled(path) }
      let count = poll(&wait, 1, 100)
      if count > 0 { return }
      guard count == 0 || errno == EINTR else { throw FileError(.read, path) }
    }
  }
}

extension FileStatus {
  /// Why something is not read whole; `nil`: it is of a kind that may be.
  package func refusal(taking kinds: Set<Kind>) -> String? {
    if kinds.contains(kind) { return nil }
    let expected = kinds.contains(.pipe) ? "a file or a pipe" : "a file"
    return "it is \(kind.name): expected \(expected)"
  }
}

extension FileStatus.Kind {
  /// What a sentence calls it.
  package var name: String {
    switch self {
    case .file: "a file"
    case .folder: "a folder"
    case .link: "a link"
    case .pipe: "a FIFO"
    case .socket: "a socket"
    case .device: "a device"
    }
  }
}
