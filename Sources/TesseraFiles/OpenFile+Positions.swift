import Glibc

/// Reading and writing at positions, for files that are not gone through from front to back.
extension OpenFile {
  /// Fills `buffer` from a position in an open file, as far as the file goes.
  package static func read(
    _ descriptor: Int32, _ path: String, into buffer: UnsafeMutableRawBufferPointer,
    at position: Int
  ) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done,
        off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.read, path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Sets the file's size; what has not been written reads as 0.
  package func resize(to byteCount: Int) throws(FileError) {
    while ftruncate(descriptor, off_t(byteCount)) != 0 {
      guard errno == EINTR else { throw FileError(.write, path) }
    }
  }

  /// Writes all bytes at a position.
  package func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
        off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.write, path) }
      done += count
    }
  }

  /// Writes all bytes at a position.
  package func write(_ bytes: [UInt8], at position: Int) throws(FileError) {
    var failure: FileError?
    bytes.withUnsafeBytes { bytes in
      do throws(FileError) { try write(bytes, at: position) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes rows that lie apart in memory one after the other, from a position on.
  package func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at position: Int
  ) throws(FileError) {
    // The system takes 1 024 pieces at once.
    var pieces: [iovec] = []
    var done = 0
    while done < count * rowBytes {
      pieces.removeAll(keepingCapacity: true)
      let (first, begun) = done.quotientAndRemainder(dividingBy: rowBytes)
      for row in first..<min(count, first + 1024) {
        let skipped = row == first ? begun : 0
        pieces.append(
          iovec(
            iov_base: UnsafeMutableRawPointer(mutating: rows + row * bytesPerRow + skipped),
            iov_len: rowBytes - skipped))
      }
      let written = pwritev(descriptor, pieces, Int32(pieces.count), off_t(position + done))
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw FileError(.write, path) }
      done += written
    }
  }
}
