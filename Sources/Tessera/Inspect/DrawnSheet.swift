import Glibc
import TesseraCodecs
import TesseraCore
import TesseraFiles

/// Red, green and blue of every pixel of a picture that is drawn here.
struct DrawnSheet: Sendable {
  /// Height and width [px].
  let size: Size
  /// Row after row.
  var pixels: [UInt8]

  /// Writes the picture as a PNG file, which appears under its name once it is whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - replacing: whether a file that has the name is replaced.
  /// - Throws: `FileError`, with `EEXIST` where a file has the name.
  func write(to path: String, replacing: Bool) throws(FileError) {
    let file = try AtomicFile.removingLeftovers(at: path)
    do throws(CodecError) {
      let writer = try PNGWriter(
        path: file.temporaryPath,
        shape: ImageShape(channels: 3, height: size.height, width: size.width), elementType: .uint8)
      let rows = AlignedBuffer(byteCount: pixels.count)
      UnsafeMutableRawBufferPointer(start: rows.base, count: pixels.count).copyBytes(from: pixels)
      try writer.writeRows(rows.base, count: size.height, bytesPerRow: 3 * size.width)
      try writer.finish()
    } catch {
      guard case .io(_, let code) = error else { throw FileError(.write, path, code: EIO) }
      throw FileError(.write, path, code: code)
    }
    try file.finish(replacing: replacing)
  }
}
