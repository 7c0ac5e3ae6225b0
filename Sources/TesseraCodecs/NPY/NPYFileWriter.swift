import TesseraCore
import TesseraFiles

/// Writes an array file of any shape, in any order: its size is known from the start.
///
/// Without `finish` the file is closed when the writer ends and stays incomplete. A writer is used
/// by one thread at a time.
public final class NPYFileWriter {
  /// Sides of the array.
  public let shape: [Int]
  /// The type of its values.
  public let storedType: StoredType
  /// Number of values.
  public let valueCount: Int

  private var file: OpenFile
  private let dataOffset: Int
  private var appended = 0

  /// Sizes a file and writes its header; values that are never written are 0.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Sides of the array, none negative.
  ///   - storedType: The type of its values; NumPy has a name for each but bfloat16.
  /// - Throws: `CodecError.unsupported` where the size cannot be counted, `CodecError.io`.
  public init(path: String, shape: [Int], storedType: StoredType) throws(CodecError) {
    var bytes = storedType.byteCount
    for side in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
      guard side >= 0, !overflow, product < Int.max / 2 else {
        throw .unsupported(.npy, "an array of shape \(shape), which is too large to be counted")
      }
      bytes = product
    }
    self.shape = shape
    self.storedType = storedType
    valueCount = bytes / storedType.byteCount
    let header = Self.header(shape: shape, storedType: storedType)
    dataOffset = header.count
    file = try CodecError.mapping(OpenFile.emptied(path))
    try CodecError.mapping(file.resize(to: dataOffset + bytes))
    try CodecError.mapping(file.write(header, at: 0))
  }

  /// Sizes a file of values of a type in which they flow.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Sides of the array, none negative.
  ///   - elementType: The type of its values.
  /// - Throws: `CodecError.unsupported` where the size cannot be counted, `CodecError.io`.
  public convenience init(
    path: String, shape: [Int], elementType: ElementType
  ) throws(CodecError) {
    try self.init(path: path, shape: shape, storedType: StoredType(elementType))
  }

  /// Writes values after those of the last `append`.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(CodecError) {
    try write(bytes, at: appended)
    appended += bytes.count / storedType.byteCount
  }

  /// Writes values from the one at `position` on, in the machine's byte order.
  public func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(CodecError) {
    let size = storedType.byteCount
    precondition(
      position >= 0 && bytes.count % size == 0 && position + bytes.count / size <= valueCount,
      "values lie inside the array")
    try CodecError.mapping(file.write(bytes, at: dataOffset + position * size))
  }

  /// Writes rows that lie `bytesPerRow` apart in memory one after the other, from the value at
  /// `position` on.
  package func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at position: Int
  ) throws(CodecError) {
    let size = storedType.byteCount
    precondition(
      position >= 0 && position + count * rowBytes / size <= valueCount,
      "values lie inside the array")
    try CodecError.mapping(
      file.write(
        rows: rows, count: count, rowBytes: rowBytes, bytesPerRow: bytesPerRow,
        at: dataOffset + position * size))
  }

  /// Closes the file.
  ///
  /// - Throws: `CodecError.io` with what the system has put off until now.
  public func finish() throws(CodecError) {
    try CodecError.mapping(file.close())
  }

  /// Closes an array that came out shorter along its first side than was planned.
  ///
  /// - Parameter firstSide: How long it is; the values written are the first ones of the array.
  /// - Throws: `CodecError.io`.
  public func finish(firstSide: Int) throws(CodecError) {
    precondition(firstSide <= shape[0], "the array has become longer")
    // The header leaves the first side room to grow, so its length stays.
    let header = Self.header(
      shape: [firstSide] + shape.dropFirst(), storedType: storedType)
    precondition(header.count == dataOffset, "the header has the length that was planned")
    let values = shape.dropFirst().reduce(firstSide, *)
    try CodecError.mapping(file.write(header, at: 0))
    try CodecError.mapping(file.resize(to: dataOffset + values * storedType.byteCount))
    try CodecError.mapping(file.close())
  }

  /// Bytes of a whole file.
  public static func byteCount(shape: [Int], storedType: StoredType) -> Int {
    shape.reduce(storedType.byteCount) { $0.saturating(times: $1) }
      .saturating(plus: header(shape: shape, storedType: storedType).count)
  }

  /// The header as NumPy writes it: version 1.0, room for the first side to grow to 21 digits,
  /// spaces up to a multiple of 64.
  package static func header(shape: [Int], storedType: StoredType) -> [UInt8] {
    let isBigEndian = UInt16(1).bigEndian == 1
    let order = isBigEndian ? ">" : "<"
    let descriptor =
      switch storedType {
      case .uint8: "|u1"
      case .uint16: order + "u2"
      case .float16: order + "f2"
      case .float32: order + "f4"
      case .int32: order + "i4"
      case .int64: order + "i8"
      case .bfloat16: preconditionFailure("NumPy has no bfloat16")
      }
    let sides = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(sides)), }"
    if let first = shape.first { text += spaces(21 - String(first).count) }
    let preamble = 10
    let unpadded = preamble + text.utf8.count + 1
    text += spaces((64 - unpadded % 64) % 64) + "\n"
    let count = text.utf8.count
    return NPYHeader.signature + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + text.utf8
  }

  private static func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(count, 0))
  }
}

extension NPYFileWriter: ArrayStore {
  package var elementType: ElementType {
    guard let type = storedType.elementType else {
      preconditionFailure(
        "pixels and patches are stored as what flows, or as floats of half the bytes")
    }
    return type
  }

  package func takeArray() -> ValueArray? { nil }
}
