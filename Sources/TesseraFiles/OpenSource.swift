import Glibc

/// The bytes of a source that is open for reading; positions count from its own first byte.
package final class OpenSource {
  /// How many bytes there are: a part may reach beyond the end of its file.
  package let byteCount: Int
  /// What was opened: a source may turn out to be no file.
  package let kind: FileStatus.Kind
  /// Where the first byte is in the file.
  package let offset: Int
  /// Where the last byte ends in the file, at most; `nil`: wherever the file does.
  package let end: Int?
  private let file: OpenFile
  /// The file as it was when it was opened.
  package let status: FileStatus

  /// Opens a file for reading; a pipe without a writer is opened, too, rather than waited for.
  ///
  /// - Throws: ``FileError`` where the system refuses to open it.
  package init(_ source: ByteSource) throws(FileError) {
    do {
      file = try OpenFile(source.path, flags: O_RDONLY)
    } catch  where error.code == ENXIO {
      // A socket has no bytes to open, and still its kind can be told.
      file = try OpenFile(source.path, flags: Self.withoutContent)
    }
    guard let status = FileStatus(of: file.descriptor) else {
      throw FileError(.open, source.path)
    }
    kind = status.kind
    offset = source.part?.lowerBound ?? 0
    end = source.part?.upperBound
    byteCount = max(min(end ?? .max, status.byteCount) - offset, 0)
    self.status = status
  }

  /// Whether the file was written to since it was opened, as far as size and time tell: two changes
  /// within a tick of the file system's clock are one.
  ///
  /// - Returns: whether size or time of modification are others; never for what is no file.
  /// - Throws: ``FileError`` where the system does not tell.
  package func hasChanged() throws(FileError) -> Bool {
    guard let now = FileStatus(of: file.descriptor) else { throw FileError(.read, file.path) }
    return kind == .file && !now.holdsTheSame(as: status)
  }

  /// O_PATH, which Glibc's module does not have.
  private static let withoutContent: Int32 = 0o10_000_000

  /// The open file, for readers that keep between `offset` and `end` by themselves.
  package var descriptor: Int32 { file.descriptor }

  /// Fills a buffer from a position on, and returns how many bytes there were.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at position: Int
  ) throws(FileError) -> Int {
    let start = offset + position
    let count = min(buffer.count, max((end ?? .max) - start, 0))
    return try OpenFile.read(
      file.descriptor, file.path, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]),
      at: start)
  }

  /// Up to `count` bytes from a position on.
  package func bytes(at position: Int, count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FileError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: position)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
