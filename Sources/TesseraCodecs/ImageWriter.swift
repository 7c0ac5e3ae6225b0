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

  /// Whether rows are stored plane by plane, so that planar writing is the natural way.
  var storesPlanes: Bool { get }

  /// Writes the next rows, plane by plane; only called where the writer `storesPlanes`.
  ///
  /// - Parameters:
  ///   - planes: The first row of each channel.
  ///   - count: How many rows; no more than are left.
  ///   - bytesPerRow: Distance between rows of one channel in memory.
  /// - Throws: `CodecError.io` where the system refuses to write.
  func writePlanarRows(
    _ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int
  ) throws(CodecError)

  /// Metadata that the file has no place for, in words; known once the writer is open.
  var losses: [String] { get }

  /// Writes what is left and closes the file; an error of either is thrown. All rows must have
  /// been written.
  func finish() throws(CodecError)
}

extension ImageWriter {
  /// Most files hold what they are given.
  public var losses: [String] { [] }

  /// Most formats store the channels of a pixel together.
  public var storesPlanes: Bool { false }

  /// A mistake of the caller, where rows are not stored plane by plane.
  public func writePlanarRows(
    _ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    preconditionFailure("this format stores interleaved rows")
  }
}
