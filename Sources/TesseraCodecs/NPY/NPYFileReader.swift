import TesseraCore
import TesseraFiles

/// Reads an array file of any shape in the order of its values, a piece at a time.
public struct NPYFileReader {
  /// Sides of the array.
  public var shape: [Int] { header.shape }
  /// The type of its values.
  public let storedType: StoredType

  private let source: OpenSource
  private let header: NPYHeader

  /// Opens a file whose values are of a type that Tessera writes, in the machine's byte order.
  ///
  /// - Throws: `CodecError`.
  public init(path: String) throws(CodecError) {
    source = try OpenSource.regular(ByteSource(path: path))
    header = try NPYHeader(source: source)
    guard let type = header.type.storedType, header.type.isNative, !header.isFortranOrder else {
      throw .unsupported(.npy, "values of type \(header.type.text) or in Fortran order")
    }
    storedType = type
  }

  /// Calls `body` with every value in turn: some bytes, and the position of the first value.
  ///
  /// - Throws: `CodecError.truncated` where the file ends too soon.
  public func forEachPiece(
    _ body: (UnsafeRawBufferPointer, _ position: Int) -> Void
  ) throws(CodecError) {
    let size = storedType.byteCount
    let buffer = AlignedBuffer(byteCount: 1 << 18)
    var done = 0
    while done < header.byteCount {
      let piece = UnsafeMutableRawBufferPointer(
        start: buffer.base, count: min(buffer.byteCount, header.byteCount - done))
      let count = try CodecError.mapping(
        source.read(into: piece, at: header.dataOffset + done))
      guard count == piece.count else {
        throw .truncated(
          .npy, "the array needs \(header.byteCount) bytes of values, the file has \(done + count)")
      }
      body(UnsafeRawBufferPointer(piece), done / size)
      done += count
    }
  }
}
