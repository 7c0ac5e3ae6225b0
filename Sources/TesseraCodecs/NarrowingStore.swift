import TesseraCore

/// Keeps floats as values of 16 bits.
package final class NarrowingStore: ArrayStore {
  /// Floats, how many there are, and room for their bits.
  package typealias Narrow =
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<UInt16>, Int) -> Void

  private let store: any ArrayStore
  private let narrow: Narrow
  private let piece = AlignedBuffer(byteCount: 1 << 16)

  /// Puts itself before a store of such values.
  ///
  /// - Parameters:
  ///   - store: Where the bits go.
  ///   - narrow: Makes them.
  package init(to store: any ArrayStore, _ narrow: @escaping Narrow) {
    self.store = store
    self.narrow = narrow
  }

  package var elementType: ElementType { .float32 }
  package var storedType: StoredType { store.storedType }

  package func write(
    _ bytes: UnsafeRawBufferPointer, at position: Int
  ) throws(CodecError) {
    guard let base = bytes.baseAddress else { return }
    let floats = base.assumingMemoryBound(to: Float.self)
    let (count, room) = (bytes.count / MemoryLayout<Float>.stride, piece.byteCount / 2)
    let words = piece.pointer(to: UInt16.self)
    for first in stride(from: 0, to: count, by: room) {
      let length = min(room, count - first)
      narrow(floats + first, words, length)
      try store.write(UnsafeRawBufferPointer(start: words, count: 2 * length), at: position + first)
    }
  }

  package func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at position: Int
  ) throws(CodecError) {
    for row in 0..<count {
      try write(
        UnsafeRawBufferPointer(start: rows + row * bytesPerRow, count: rowBytes),
        at: position + row * (rowBytes / MemoryLayout<Float>.stride))
    }
  }

  package func finish() throws(CodecError) { try store.finish() }

  package func finish(firstSide: Int) throws(CodecError) {
    try store.finish(firstSide: firstSide)
  }

  package func takeArray() -> ValueArray? { store.takeArray() }
}
