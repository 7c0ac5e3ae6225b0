import Glibc
import TesseraCore

/// A file that is open for writing, closed when its owner ends.
final class OutputFile {
  let descriptor: Int32
  private var isOpen = true

  /// Creates a file or empties the one that is there.
  init(path: String) throws(CodecError) {
    descriptor = path.withPathBytes { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else {
      isOpen = false
      throw .io(operation: "open", errno: errno)
    }
  }

  deinit { if isOpen { Glibc.close(descriptor) } }

  /// Sets the file's size; what has not been written reads as 0.
  func resize(to byteCount: Int) throws(CodecError) {
    while ftruncate(descriptor, off_t(byteCount)) != 0 {
      guard errno == EINTR else { throw .io(operation: "ftruncate", errno: errno) }
    }
  }

  /// Writes all bytes at a position.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CodecError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .io(operation: "write", errno: errno) }
      done += count
    }
  }

  /// Writes rows that lie apart in memory one after the other, from a position on.
  func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at offset: Int
  ) throws(CodecError) {
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
      let written = pwritev(descriptor, pieces, Int32(pieces.count), off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw .io(operation: "write", errno: errno) }
      done += written
    }
  }

  /// Closes the file; an error that the system has put off until now is thrown.
  func close() throws(CodecError) {
    guard isOpen else { return }
    isOpen = false
    guard Glibc.close(descriptor) == 0 else { throw .io(operation: "close", errno: errno) }
  }
}
