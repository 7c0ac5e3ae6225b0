import TesseraCore
import TesseraFiles

/// An array in a file, in C order: its sides, and where its values are.
package struct StoredArray: Hashable, Sendable {
  /// The bytes that it is part of.
  package var source: ByteSource
  /// Where the first value is among them.
  package var offset: Int
  /// Sides, slowest first.
  package var shape: [Int]
  /// The kind of file that it is in.
  package var format: FileFormat
  let type: NPYType

  /// Bytes of all values.
  package var byteCount: Int { shape.reduce(type.byteCount) { $0.saturating(times: $1) } }

  /// Some of the elements of the first side, as an array of their own.
  ///
  /// - Parameters:
  ///   - elements: which ones.
  ///   - isOne: whether the first side goes, for one element.
  /// - Returns: the array, in bytes of its own.
  package func slice(_ elements: Range<Int>, isOne: Bool = false) -> StoredArray {
    precondition(
      elements.lowerBound >= 0 && elements.upperBound <= shape.first ?? 0,
      "a slice lies inside of its array")
    var slice = self
    slice.shape = isOne ? Array(shape.dropFirst()) : [elements.count] + shape.dropFirst()
    let element = shape.dropFirst().reduce(type.byteCount) { $0.saturating(times: $1) }
    let start = (source.part?.lowerBound ?? 0) + offset + elements.lowerBound * element
    slice.source = ByteSource(
      path: source.path, offset: start, byteCount: elements.count * element)
    slice.offset = 0
    return slice
  }

  /// Reads the header of an .npy file.
  ///
  /// - Parameter source: the file, or the part of one that it is.
  /// - Returns: its array, as long as it is in C order.
  /// - Throws: `CodecError`.
  package static func npy(_ source: ByteSource) throws(CodecError) -> StoredArray {
    let header = try NPYHeader(source: OpenSource.regular(source))
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw .unsupported(
        .npy, "an array of patches in Fortran order: save np.ascontiguousarray(a)")
    }
    guard header.type.elementType != nil else { throw NPYFix.unsupported(header.type.text) }
    return StoredArray(
      source: source, offset: header.dataOffset, shape: header.shape, format: .npy,
      type: header.type)
  }

  /// All values as integers, for lists that say where patches belong.
  ///
  /// - Throws: `CodecError` where they are no integers, or too many.
  package func integers(limit: Int = 1 << 26) throws(CodecError) -> [Int] {
    let count = byteCount / type.byteCount
    guard count <= limit else { throw .overLimit(format, "a list of \(count) integers") }
    guard type.isInteger || type.kind == "b" else {
      throw .unsupported(format, "a list of \(type.text), expected integers")
    }
    let file = try OpenSource.regular(source)
    let bytes = try CodecError.mapping(file.bytes(at: offset, count: byteCount))
    guard bytes.count == byteCount else {
      throw .truncated(
        format, "the array needs \(byteCount) bytes of values, the file has \(bytes.count)")
    }
    return (0..<count).map { index in
      let piece = bytes[index * type.byteCount..<(index + 1) * type.byteCount]
      let ordered = type.isBigEndian ? Array(piece) : piece.reversed()
      let isNegative = type.kind == "i" && (ordered.first ?? 0) >= 0x80
      return ordered.reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    }
  }
}
