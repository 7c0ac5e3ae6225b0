import CTesseraCodecs
import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

extension OpenSource {
  /// Opens a source whose file must be a regular one.
  static func regular(_ source: ByteSource) throws(CodecError) -> OpenSource {
    let open: OpenSource
    do throws(FileError) {
      open = try OpenSource(source)
    } catch {
      if error.code == ENOENT, let target = FileSystem.missingTarget(of: source.path) {
        throw .notAFile("a link to '\(target.printable)', which does not exist")
      }
      throw CodecError(error)
    }
    switch open.kind {
    case .file, .link: return open
    case .folder: throw .notAFile("a directory")
    case .pipe: throw .notAFile("a FIFO")
    case .socket: throw .notAFile("a socket")
    case .device: throw .notAFile("a device")
    }
  }

  /// Bytes that are asked of a file at once.
  private static let pieceBytes = 1 << 24

  /// Reads bytes into memory, piece by piece, so that a wish to end is met in between.
  ///
  /// - Throws: `CodecError` where the file cannot be read, or has become shorter.
  func read(
    _ target: UnsafeMutableRawPointer, count: Int, at offset: Int, of format: FileFormat,
    _ cancellation: Cancellation
  ) throws(CodecError) {
    for start in stride(from: 0, to: count, by: Self.pieceBytes) {
      try cancellation.checkCodec()
      let piece = UnsafeMutableRawBufferPointer(
        start: target + start, count: min(Self.pieceBytes, count - start))
      let got = try CodecError.mapping(read(into: piece, at: offset + start))
      guard got == piece.count else {
        throw .truncated(format, "the file became shorter while it was read")
      }
    }
  }

  /// The same bytes for the C shims, which keep within them by themselves.
  func forShims(_ cancellation: Cancellation) -> tsr_source {
    tsr_source(
      descriptor: descriptor, offset: UInt64(offset), end: end.map(UInt64.init) ?? .max,
      stop: cancellation.forShims)
  }
}

extension Cancellation {
  /// Throws when work should end.
  func checkCodec() throws(CodecError) {
    if isCancelled { throw .cancelled }
  }
}

extension CodecError {
  /// What the system refused.
  init(_ error: FileError) { self = .io(error.operation, errno: error.code) }

  /// Does what is asked, and tells what it throws as codecs do.
  static func mapping<Result: ~Copyable>(
    _ result: @autoclosure () throws(FileError) -> Result
  ) throws(CodecError) -> Result {
    do throws(FileError) { return try result() } catch { throw CodecError(error) }
  }
}
