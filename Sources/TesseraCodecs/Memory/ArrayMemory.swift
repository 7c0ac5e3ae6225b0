import TesseraCore

/// Keeps an array in memory; values that are never written are 0.
package final class ArrayMemory: ArrayStore {
  package let elementType: ElementType

  private var shape: [Int]
  // Of the three, the one of the type has the values: they are written in place.
  private var bytes: [UInt8] = []
  private var words: [UInt16] = []
  private var floats: [Float] = []

  /// Takes memory for a whole array.
  ///
  /// - Parameters:
  ///   - shape: Sides of the array, none negative, with a product that `Int` holds.
  ///   - elementType: The type of its values.
  package init(shape: [Int], elementType: ElementType) {
    self.shape = shape
    self.elementType = elementType
    let count = shape.reduce(1, *)
    switch elementType {
    case .uint8: bytes = Array(repeating: 0, count: count)
    case .uint16: words = Array(repeating: 0, count: count)
    case .float32: floats = Array(repeating: 0, count: count)
    }
  }

  /// What was written; the memory goes with it.
  package func take() -> ValueArray {
    defer { (bytes, words, floats, shape) = ([], [], [], [0]) }
    switch elementType {
    case .uint8: return ValueArray(shape: shape, values: .uint8(bytes))
    case .uint16: return ValueArray(shape: shape, values: .uint16(words))
    case .float32: return ValueArray(shape: shape, values: .float32(floats))
    }
  }

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
    switch elementType {
    case .uint8: bytes.removeLast(bytes.count - count)
    case .uint16: words.removeLast(words.count - count)
    case .float32: floats.removeLast(floats.count - count)
    }
  }

  private func copy(
    to position: Int, byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let first = position * elementType.byteCount
    let part: (UnsafeMutableRawBufferPointer) -> Void = { values in
      body(UnsafeMutableRawBufferPointer(rebasing: values[first..<first + byteCount]))
    }
    switch elementType {
    case .uint8: bytes.withUnsafeMutableBytes(part)
    case .uint16: words.withUnsafeMutableBytes(part)
    case .float32: floats.withUnsafeMutableBytes(part)
    }
  }
}
