import Glibc
import TesseraThreads

/// Size and XXH64 of a regular file.
package struct FileDigest: Hashable, Sendable {
  /// Bytes in the file.
  package var byteCount = 0
  /// XXH64 of the content.
  package var hash: UInt64 = 0

  /// Bytes that are read at once.
  private static let pieceSize = 1 << 18
  /// Bytes from which on several threads are worth starting.
  private static let largeFile = 1 << 25

  /// Reads a file from its beginning to its end.
  ///
  /// A hash is computed in order; but while one thread computes, another reads what comes next.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - workers: threads that may be used; a large file takes two.
  ///   - cancellation: ends the reading early, with an error.
  /// - Throws: ``FileError`` where the file cannot be read, or is no regular file.
  package init(
    of path: String, workers: Int = 1, cancellation: Cancellation = Cancellation()
  ) throws(FileError) {
    let file = try OpenFile(path, flags: O_RDONLY)
    guard let status = FileStatus(of: file.descriptor) else { throw FileError(.read, path) }
    // A pipe may never end, and a device neither.
    if let refusal = status.refusal(taking: [.file]) { throw FileError(.read, path, refusal) }
    if workers > 1, status.byteCount >= Self.largeFile {
      try read(file.descriptor, path, cancellation)
      return
    }
    try readInOrder(status.byteCount, cancellation, path) { (piece, position) throws(FileError) in
      try OpenFile.read(file.descriptor, path, into: piece, at: position)
    }
  }

  /// Reads a source; `nil` where it cannot be read, where the cancellation is met, or where it is no
  /// file: a pipe or a device may never end.
  package init?(
    ofFile source: ByteSource, workers: Int = 1, cancellation: Cancellation = Cancellation()
  ) {
    guard let status = FileStatus(of: source.path), status.kind == .file else { return nil }
    if source.page != nil, let known = PageDigests.digest(of: source, status) {
      self = known
      return
    }
    do throws(FileError) {
      if source.part == nil {
        try self.init(of: source.path, workers: workers, cancellation: cancellation)
      } else {
        try self.init(ofPart: source, cancellation)
      }
      if source.page != nil { PageDigests.keep(self, of: source, status) }
    } catch {
      return nil
    }
  }

  private init(ofPart source: ByteSource, _ cancellation: Cancellation) throws(FileError) {
    let file = try OpenSource(source)
    try readInOrder(file.byteCount, cancellation, source.path) {
      (piece, position) throws(FileError) in
      try file.read(into: piece, at: position)
    }
  }

  /// Goes through pieces to the end of about so many bytes.
  private mutating func readInOrder(
    _ byteCount: Int, _ cancellation: Cancellation, _ path: String,
    _ read: (UnsafeMutableRawBufferPointer, Int) throws(FileError) -> Int
  ) throws(FileError) {
    // Most files are smaller than a piece.
    let size = min(max(byteCount, 1 << 12), Self.pieceSize)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    defer { piece.deallocate() }
    var hash = XXHash64()
    while case let count = try read(piece, self.byteCount), count > 0 {
      // What a single piece holds is known by now.
      if self.byteCount > 0, cancellation.isCancelled {
        throw FileError.cancelled(path)
      }
      hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      self.byteCount += count
    }
    self.hash = hash.value
  }

  /// Two threads, one descriptor: more could not help, as one thread hashes at a time.
  private mutating func read(
    _ descriptor: Int32, _ path: String, _ cancellation: Cancellation
  ) throws(FileError) {
    let reading = Monitor(Reading())
    let next = Counter(limit: .max)
    Workers.run(
      2,
      {
        do throws(FileError) {
          try Self.readPieces(of: descriptor, path, next, reading, cancellation)
        } catch {
          reading.withLock {
            $0.failure = error
            $0.isOver = true
          }
        }
      }, attend: {})
    let outcome = reading.withLock { $0 }
    if let failure = outcome.failure { throw failure }
    (byteCount, hash) = (outcome.byteCount, outcome.hash.value)
  }

  /// What the threads share.
  private struct Reading {
    package var hash = XXHash64()
    package var byteCount = 0
    /// The piece whose turn it is.
    package var turn = 0
    /// Whether the end was reached, or an error.
    package var isOver = false
    package var failure: FileError?
  }

  /// Reads the pieces that no other thread has taken, and hashes each in its turn.
  private static func readPieces(
    of descriptor: Int32, _ path: String, _ next: Counter, _ reading: Monitor<Reading>,
    _ cancellation: Cancellation
  ) throws(FileError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { piece.deallocate() }
    while let index = next.take() {
      if cancellation.isCancelled { throw FileError.cancelled(path) }
      let count = try OpenFile.read(descriptor, path, into: piece, at: index * pieceSize)
      let isOver = reading.withLock(when: { $0.isOver || $0.turn == index }) { reading in
        if reading.isOver { return true }
        reading.hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        reading.byteCount += count
        reading.turn += 1
        reading.isOver = count < pieceSize
        return reading.isOver
      }
      if isOver { return }
    }
  }
}

/// Digests of files with many pages, each of which is known by the whole file: who comes later need not
/// read it again.
private enum PageDigests {
  private struct Entry: Sendable {
    var file: ByteSource
    var status: FileStatus
    var digest: FileDigest
  }

  /// The last few, the latest first.
  private static let entries = Locked<[Entry]>([])
  /// Workers are at different files.
  private static let mostEntries = 64

  /// The digest of a file that is as it was when it was read.
  static func digest(of page: ByteSource, _ status: FileStatus) -> FileDigest? {
    var file = page
    file.page = nil
    return entries.withLock { entries in
      entries.first {
        $0.file == file && $0.status.holdsTheSame(as: status)
      }?.digest
    }
  }

  /// Keeps the digest of a file.
  static func keep(_ digest: FileDigest, of page: ByteSource, _ status: FileStatus) {
    var file = page
    file.page = nil
    entries.withLock { entries in
      entries.removeAll { $0.file == file }
      entries.insert(Entry(file: file, status: status, digest: digest), at: 0)
      entries.removeLast(max(entries.count - mostEntries, 0))
    }
  }
}
