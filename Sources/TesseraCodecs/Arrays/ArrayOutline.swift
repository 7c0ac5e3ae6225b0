import TesseraCore
import TesseraFiles
import TesseraThreads

/// An array in a file, whatever its type and order: what can be told of it.
package struct ArrayOutline: Sendable {
  /// What the file calls it; `nil` where it has the file for itself.
  package var name: String?
  /// The type of its values, as NumPy spells it where it has a name for it.
  package var dtype: String
  /// Sides, as the array has them.
  package var shape: [Int]
  /// Whether the first side runs fastest.
  package var isFortranOrder = false
  /// Bytes of all values.
  package var byteCount: Int
  private var source: ByteSource
  private var offset: Int
  private var format: FileFormat
  private var type: NPYType?

  /// Reads the header of an .npy file.
  ///
  /// - Throws: `CodecError` also where the file is shorter than its header says.
  package static func npy(_ source: ByteSource) throws(CodecError) -> ArrayOutline {
    let file = try OpenSource.regular(source)
    let header = try NPYHeader(source: file)
    let held = max(file.byteCount - header.dataOffset, 0)
    guard held >= header.byteCount else {
      throw .truncated(
        .npy, "the array needs \(header.byteCount) bytes of values, the file has \(held)")
    }
    return ArrayOutline(
      dtype: header.type.numpyName, shape: header.shape, isFortranOrder: header.isFortranOrder,
      byteCount: header.byteCount, source: source, offset: header.dataOffset,
      format: .npy, type: header.type.isReadable ? header.type : nil)
  }

  /// The tensors of a file, in the order of their values.
  package static func tensors(of file: SafetensorsFile) -> [ArrayOutline] {
    file.tensors.map { tensor in
      let type = SafetensorsType(tensor.typeName)?.numpy
      return ArrayOutline(
        name: tensor.name,
        dtype: tensor.type?.rawValue ?? type?.numpyName ?? tensor.typeName,
        shape: tensor.shape, byteCount: tensor.byteCount, source: file.source,
        offset: tensor.byteOffset, format: .safetensors, type: type)
    }
  }

  /// Figures of all values.
  ///
  /// - Parameter cancellation: Asked between pieces.
  /// - Returns: `nil` where values are no real numbers.
  /// - Throws: `CodecError`.
  package func statistics(
    _ cancellation: Cancellation = Cancellation()
  ) throws(CodecError) -> ValueStatistics? {
    guard let type else { return nil }
    var statistics = ValueStatistics()
    var values = [Double](repeating: 0, count: 1 << 16)
    let count = byteCount / type.byteCount
    let held = try OpenSource.regular(source).forEachPiece(
      of: count, size: type.byteCount, at: offset
    ) { (base, places) throws(CodecError) in
      try cancellation.checkCodec()
      for first in stride(from: 0, to: places.count, by: values.count) {
        let piece = min(values.count, places.count - first)
        values.withUnsafeMutableBufferPointer { target in
          NPYValues(type: type, base: base + first * type.byteCount).copyDoubles(
            piece, to: target)
          statistics.add(UnsafeBufferPointer(rebasing: target[..<piece]))
        }
      }
    }
    guard held == byteCount else {
      throw .truncated(format, "the file became shorter while it was read")
    }
    return statistics
  }
}

extension NPYType {
  /// What NumPy calls the type.
  fileprivate var numpyName: String {
    switch kind {
    case Self.bfloat16.kind: text
    case "b": "bool"
    case "i": "int\(8 * byteCount)"
    case "u": "uint\(8 * byteCount)"
    case "f": "float\(8 * byteCount)"
    case "c": "complex\(8 * byteCount)"
    default: text
    }
  }

  /// Whether values are real numbers of a width that is read.
  fileprivate var isReadable: Bool {
    switch kind {
    case "b": byteCount == 1
    case "f": [2, 4, 8].contains(byteCount)
    case Self.bfloat16.kind: true
    default: isInteger
    }
  }
}
