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
  /// - Throws: ``FileError`` where the file cannot be read.
  package init(of path: String, workers: Int = 1) throws(FileError) {
    let file = try OpenFile(path, flags: O_RDONLY)
    if workers > 1, let size = FileStatus(of: file.descriptor)?.byteCount, size >= Self.largeFile {
      try read(file.descriptor, path)
      return
    }
    var hash = XXHash64()
    var byteCount = 0
    try file.forEachPiece(of: Self.pieceSize) {
      hash.update($0)
      byteCount += $0.count
    }
    (self.byteCount, self.hash) = (byteCount, hash.value)
  }

  /// Reads a source; `nil` where it cannot be read, or is no file: a pipe or a device may never end.
  package init?(ofFile source: ByteSource, workers: Int = 1) {
    guard FileStatus(of: source.path)?.kind == .file else { return nil }
    do throws(FileError) {
      if source.part == nil {
        try self.init(of: source.path, workers: workers)
      } else {
        try self.init(ofPart: source)
      }
    } catch {
      return nil
    }
  }

  private init(ofPart source: ByteSource) throws(FileError) {
    let file = try OpenSource(source)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
    defer { piece.deallocate() }
    var hash = XXHash64()
    while case let count = try file.read(into: piece, at: byteCount), count > 0 {
      hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      byteCount += count
    }
    self.hash = hash.value
  }

  /// Two threads, one descriptor: more could not help, as one thread hashes at a time.
  private mutating func read(_ descriptor: Int32, _ path: String) throws(FileError) {
    let reading = Monitor(Reading())
    let next = Counter(limit: .max)
    Workers.run(
      2,
      {
        do throws(FileError) {
          try Self.readPieces(of: descriptor, path, next, reading)
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
    of descriptor: Int32, _ path: String, _ next: Counter, _ reading: Monitor<Reading>
  ) throws(FileError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { piece.deallocate() }
    while let index = next.take() {
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
