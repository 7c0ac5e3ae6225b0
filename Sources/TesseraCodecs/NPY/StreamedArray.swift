import TesseraCore

/// An array that comes through a pipe: a header, then its values one after the other.
package struct StreamedArray: Hashable, Sendable {
  private let header: NPYHeader

  /// Sides of the array.
  package var shape: [Int] { header.shape }
  /// Whether the first side runs fastest.
  package var isFortranOrder: Bool { header.isFortranOrder }
  /// Bytes of a value.
  package var valueByteCount: Int { header.type.byteCount }
  /// Where the values begin.
  package var dataOffset: Int { header.dataOffset }

  /// Reads the header at the start of some bytes; `nil` where more of them are needed.
  ///
  /// - Parameter bytes: What has come so far; whatever stands behind the header is left alone.
  /// - Throws: `CodecError` where they are no array, or one of values that are not read.
  package init?(_ bytes: [UInt8]) throws(CodecError) {
    let signature = NPYHeader.signature
    guard signature.starts(with: bytes.prefix(signature.count)) else {
      throw .unknownFormat(firstBytes: Array(bytes.prefix(16)))
    }
    guard let place = try NPYHeader.textPlace(bytes), bytes.count >= place.upperBound else {
      return nil
    }
    header = try NPYHeader(text: Array(bytes[place]), dataOffset: place.upperBound)
    guard header.type.elementType != nil else { throw NPYFix.unsupported(header.type.text) }
  }

  /// The header of an array of floats in C order.
  package static func header(ofFloats shape: [Int]) -> [UInt8] {
    NPYFileWriter.header(shape: shape, storedType: .float32)
  }

  /// Copies values that have come as floats, which must hold each of them exactly.
  ///
  /// - Throws: `CodecError` with the first value that they do not hold.
  package func copyFloats(
    _ count: Int, from base: UnsafeRawPointer, to floats: UnsafeMutablePointer<Float>
  ) throws(CodecError) {
    let values = NPYValues(type: header.type, base: base)
    if let inexact = values.copyFloats(count, to: floats, step: 1) {
      throw NPYFix.inexact(inexact, header.type, ofImage: false)
    }
  }
}
