import TesseraCore

/// Rows to one image file, from top to bottom.
///
/// Without `finish` the file is closed when the writer ends and stays incomplete: the caller
/// removes it. A writer is used by one thread at a time.
public protocol ImageWriter: AnyObject {
  /// Writes the next rows, interleaved.
  ///
  /// - Parameters:
  ///   - rows: The first row.
  ///   - count: How many rows; no more than are left.
  ///   - bytesPerRow: Distance between rows in memory, at least a row's own bytes.
  /// - Throws: `CodecError.io` where the system refuses to write.
  func writeRows(_ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int) throws(CodecError)

  /// Writes what is left and closes the file; an error of either is thrown. All rows must have
  /// been written.
  func finish() throws(CodecError)
}
