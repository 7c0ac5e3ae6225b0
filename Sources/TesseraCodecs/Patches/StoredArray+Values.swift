import TesseraCore
import TesseraFiles

extension StoredArray {
  /// Reads all values as floats, which must hold each of them exactly.
  ///
  /// - Throws: `CodecError`.
  package func values() throws(CodecError) -> NPYArray {
    let (type, count) = (type, byteCount / type.byteCount)
    try CodecError.checkMemory(forFloats: count, of: format)
    var values = [Float](repeating: 0, count: count)
    let held = try OpenSource.regular(source).forEachPiece(
      of: count, size: type.byteCount, at: offset
    ) { (base, places) throws(CodecError) in
      if let inexact = NPYValues(type: type, base: base).copyFloats(to: &values, places) {
        let error = NPYFix.inexact(inexact, type, ofImage: false)
        guard case .unsupported(_, let text) = error else { throw error }
        throw .unsupported(format, text)
      }
    }
    guard held == byteCount else {
      throw .truncated(
        format, "the array needs \(byteCount) bytes of values, the file has \(held)")
    }
    return NPYArray(shape: shape, values: values)
  }
}
