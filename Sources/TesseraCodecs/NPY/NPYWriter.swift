import TesseraCore

/// Writes an image as an array of shape (C, H, W).
///
/// Rows may come interleaved or plane by plane; bands are put where they belong in each plane.
public final class NPYWriter: ImageWriter {
  private let array: any ArrayStore
  private let shape: ImageShape
  private var nextRow = 0
  private var scratch = AlignedBuffer()

  /// Opens a file of full size, so that each plane can be written where it belongs.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Channels, height and width.
  ///   - elementType: The type of the values.
  /// - Throws: `CodecError.unsupported` where the size cannot be counted, `CodecError.io`.
  public convenience init(
    path: String, shape: ImageShape, elementType: ElementType
  ) throws(CodecError) {
    self.init(
      to: try NPYFileWriter(path: path, shape: shape.sides, elementType: elementType), shape: shape)
  }

  /// Puts an image into an array of its shape.
  package init(to array: any ArrayStore, shape: ImageShape) {
    self.array = array
    self.shape = shape
  }

  /// Always: an array has its channels one after the other.
  public var storesPlanes: Bool { true }

  /// Writes the next rows, interleaved.
  public func writeRows(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    switch array.elementType {
    case .uint8: try writeRows(rows, count, bytesPerRow, of: UInt8.self)
    case .uint16: try writeRows(rows, count, bytesPerRow, of: UInt16.self)
    case .float32: try writeRows(rows, count, bytesPerRow, of: Float.self)
    }
  }

  /// Writes the next rows, plane by plane.
  ///
  /// - Parameters:
  ///   - planes: The first row of each channel.
  ///   - count: How many rows; no more than are left.
  ///   - bytesPerRow: Distance between rows of one channel in memory.
  /// - Throws: `CodecError.io` where the system refuses to write.
  public func writePlanarRows(
    _ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(planes.count == shape.channels, "one pointer for each channel")
    precondition(count <= shape.height - nextRow, "more rows than the image has")
    let rowBytes = shape.width * array.elementType.byteCount
    for (channel, plane) in planes.enumerated() {
      let first = (channel * shape.height + nextRow) * shape.width
      if bytesPerRow == rowBytes {
        try array.write(
          UnsafeRawBufferPointer(start: plane, count: count * rowBytes), at: first)
      } else {
        try array.write(
          rows: plane, count: count, rowBytes: rowBytes, bytesPerRow: bytesPerRow, at: first)
      }
    }
    nextRow += count
  }

  /// Closes the file, all rows of which must have been written.
  public func finish() throws(CodecError) {
    precondition(nextRow == shape.height, "\(shape.height - nextRow) rows have not been written")
    try array.finish()
  }

  private func writeRows<Value: Element>(
    _ rows: UnsafeRawPointer, _ count: Int, _ bytesPerRow: Int, of type: Value.Type
  ) throws(CodecError) {
    let (channels, width) = (shape.channels, shape.width)
    let rowBytes = width * MemoryLayout<Value>.stride
    scratch.reserve(byteCount: channels * rowBytes)
    let planar = scratch.pointer(to: Value.self)
    let planes = (0..<channels).map { UnsafeRawPointer(planar + $0 * width) }
    for row in 0..<count {
      let source = (rows + row * bytesPerRow).assumingMemoryBound(to: Value.self)
      for channel in 0..<channels {
        let target = planar + channel * width
        for column in 0..<width { target[column] = source[column * channels + channel] }
      }
      try writePlanarRows(planes, count: 1, bytesPerRow: rowBytes)
    }
  }
}
