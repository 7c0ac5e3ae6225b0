import Glibc
import TesseraCore

/// A regular file that is open for reading, closed when its owner ends.
final class InputFile {
  let descriptor: Int32
  let byteCount: Int

  /// Opens a file, if it is one.
  ///
  /// `O_NONBLOCK` keeps a FIFO without a writer from blocking before `fstat` can refuse it.
  init(path: String) throws(CodecError) {
    let descriptor = path.withPathBytes { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .io(operation: "open", errno: errno) }
    self.descriptor = descriptor
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      byteCount = 0
      throw .io(operation: "fstat", errno: errno)
    }
    byteCount = Int(status.st_size)
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .notAFile("a directory")
    case S_IFIFO: throw .notAFile("a FIFO")
    case S_IFSOCK: throw .notAFile("a socket")
    default: throw .notAFile("a device")
    }
  }

  deinit { close(descriptor) }

  /// Fills a buffer from a position in the file and returns how many bytes there were.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CodecError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .io(operation: "read", errno: errno) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Up to `count` bytes from a position in the file.
  func bytes(at offset: Int, count: Int) throws(CodecError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: CodecError?
    var got = 0
    bytes.withUnsafeMutableBytes { buffer in
      do throws(CodecError) { got = try read(into: buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    bytes.removeLast(count - got)
    return bytes
  }
}
