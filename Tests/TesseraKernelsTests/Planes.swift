import TesseraCore
import TesseraKernels

/// Rows of values in memory, with row pointers, as an executor holds them.
final class Planes<E> {
  let width: Int
  let rowCount: Int
  /// First value of every row.
  let rows: UnsafeMutablePointer<UnsafeMutablePointer<E>>
  private let storage: UnsafeMutablePointer<E>

  /// Rows that hold `fill` everywhere, and between them too.
  init(rows rowCount: Int, width: Int, fill: E) {
    self.width = width
    self.rowCount = rowCount
    let pitch = width + 5
    storage = .allocate(capacity: rowCount * pitch + 64)
    storage.initialize(repeating: fill, count: rowCount * pitch + 64)
    rows = .allocate(capacity: max(rowCount, 1))
    for row in 0..<rowCount { rows[row] = storage + 3 + row * pitch }
  }

  deinit {
    storage.deallocate()
    rows.deallocate()
  }

  /// Rows of an image with padding on all sides.
  convenience init(
    _ image: [E], channels: Int, size: Size, top: Int, left: Int, padded: Size, mode: PaddingMode,
    zero: E, fill: E
  ) {
    self.init(rows: channels * padded.height, width: padded.width, fill: fill)
    for channel in 0..<channels {
      for row in 0..<padded.height {
        for column in 0..<padded.width {
          let y = mode.source(of: row - top, size: size.height)
          let x = mode.source(of: column - left, size: size.width)
          var value = zero
          if let y, let x { value = image[(channel * size.height + y) * size.width + x] }
          rows[channel * padded.height + row][column] = value
        }
      }
    }
  }

  /// All values, row after row.
  var values: [E] { (0..<rowCount).flatMap { row in (0..<width).map { rows[row][$0] } } }

  /// The row pointers for a kernel that reads.
  func withSources(_ body: (UnsafePointer<UnsafePointer<E>>) -> Void) {
    let sources = (0..<rowCount).map { UnsafePointer(rows[$0]) }
    sources.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
  }
}
