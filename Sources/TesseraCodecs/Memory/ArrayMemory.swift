import TesseraCore

/// Keeps an array in memory; values that are never written are 0.
package final class ArrayMemory: ArrayStore {
  package let storedType: StoredType

  private var shape: [Int]
  // Of the three, the one of the type has the values: they are written in place.
  private var bytes: [UInt8] = []
  private var words: [UInt16] = []
  private var floats: [Float] = []

  /// Takes memory for a whole array.
  ///
  /// - Parameters:
  ///   - shape: Sides of the array, none negative, with a product that `Int` holds.
  ///   - storedType: The type of its values: one that pixels and patches may have.
  package init(shape: [Int], storedType: StoredType) {
    self.shape = shape
    self.storedType = storedType
    let count = shape.reduce(1, *)
    switch storedType {
    case .uint8: bytes = Array(repeating: 0, count: count)
    case .uint16, .float16, .bfloat16: words = Array(repeating: 0, count: count)
    case .float32: floats = Array(repeating: 0, count: count)
    case .int32, .int64: preconditionFailure("no pixel is signed")
    }
  }

  package var elementType: ElementType { storedType.elementType ?? .float32 }

  /// What was written; the memory goes with it.
  package func take() -> ValueArray {
    defer { (bytes, words, floats, shape) = ([], [], [], [0]) }
    switch storedType {
    case .uint8: return ValueArray(shape: shape, values: .uint8(bytes))
    case .uint16: return ValueArray(shape: shape, values: .uint16(words))
    case .float16: return ValueArray(shape: shape, values: .float16(bits: words))
    case .bfloat16: return ValueArray(shape: shape, values: .bfloat16(bits: words))
    default: return ValueArray(shape: shape, values: .float32(floats))
    }
  }

  package func takeArray() -> ValueArray? { take() }

  package func write(_ source: UnsafeRawBufferPointer, at position: Int) {
    copy(to: position, byteCount: source.count) { $0.copyMemory(from: source) }
  }

  package func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at position: Int
  ) {
    copy(to: position, byteCount: count * rowBytes) { target in
      for row in 0..<count {
        UnsafeMutableRawBufferPointer(rebasing: target[(row * rowBytes)..<((row + 1) * rowBytes)])
          .copyMemory(
            from: UnsafeRawBufferPointer(start: rows + row * bytesPerRow, count: rowBytes))
      }
    }
  }

  package func finish() {}

  package func finish(firstSide: Int) {
    precondition(firstSide <= shape[0], "the array has become longer")
    shape[0] = firstSide
    let count = shape.reduce(1, *)
    bytes.removeLast(max(bytes.count - count, 0))
    words.removeLast(max(words.count - count, 0))
    floats.removeLast(max(floats.count - count, 0))
  }

  private func copy(
    to position: Int, byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let first = position * storedType.byteCount
    let part: (UnsafeMutableRawBufferPointer) -> Void = { values in
      body(UnsafeMutableRawBufferPointer(rebasing: values[first..<first + byteCount]))
    }
    switch storedType.byteCount {
    case 1: bytes.withUnsafeMutableBytes(part)
    case 2: words.withUnsafeMutableBytes(part)
    default: floats.withUnsafeMutableBytes(part)
    }
  }
}
