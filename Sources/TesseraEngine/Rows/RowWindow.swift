import TesseraCore
import TesseraThreads

/// The rows of one image that are in memory now: what flows from one step of a run to the next.
///
/// Rows are planar (one run of `width` values per channel) with room for padding at both ends, and
/// live in a ring: row r lies where row r − `capacity` lay before. Memory follows the rows that are
/// needed at once, never the height of the image. Which rows are there, and which may be written, a
/// `RunSchedule` knows; it lets no row be read while it is written: that is the invariant behind
/// `@unchecked Sendable`.
package final class RowWindow: @unchecked Sendable {
  package let format: RowFormat
  /// Rows that there is room for.
  package let capacity: Int
  /// Whether the image is not wanted any more: long work on its rows may end, whatever it leaves.
  package var isCancelled: Bool { cancellation.isCancelled }
  /// The wish that it is not.
  package let cancellation: Cancellation
  // Both are asked for at every row: computing them anew was some hundredths of a run.
  private let channels: Int
  private let pitch: Int
  private let storage: ScratchPool.Loan
  /// The first column of the first row.
  private let base: UnsafeMutableRawPointer
  /// A row of zeros, where the format wants one.
  private let zeros: ScratchPool.Loan?

  /// - Parameters:
  ///   - format: what the rows are.
  ///   - capacity: rows to have room for.
  ///   - pool: lends the memory.
  ///   - cancellation: of the image's run.
  package init(
    format: RowFormat, capacity: Int, pool: ScratchPool,
    cancellation: Cancellation = Cancellation()
  ) {
    self.cancellation = cancellation
    self.format = format
    self.capacity = max(capacity, 1)
    storage = pool.loan(byteCount: self.capacity * format.bytesPerRow)
    base = storage.base + format.leftOffset * format.elementType.byteCount
    channels = format.channels
    pitch = format.pitch
    zeros = format.needsZeros ? pool.loan(byteCount: format.pitch) : nil
    zeros?.base.initializeMemory(as: UInt8.self, repeating: 0, count: format.pitch)
  }

  /// The first column of a row.
  package func row(_ row: Int, channel: Int) -> UnsafeMutableRawPointer {
    base + (row % capacity * channels + channel) * pitch
  }

  /// The first column of a row, as values of the window's element type.
  package func row<E: Element>(_ row: Int, channel: Int, as type: E.Type) -> UnsafeMutablePointer<E>
  {
    self.row(row, channel: channel).assumingMemoryBound(to: type)
  }

  /// Calls a function for pieces of `rows` that lie one after the other in memory, `bytesPerRow`
  /// apart, given the first row and how many there are.
  package func forEachPiece<Failure: Error>(
    of rows: Range<Int>, _ body: (UnsafeMutableRawPointer, Int) throws(Failure) -> Void
  ) throws(Failure) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = min(rows.upperBound - first, capacity - first % capacity)
      try body(row(first, channel: 0), count)
      first += count
    }
  }

  /// What stands at a row of the image with its padding: a row that is held, or one of zeros, margins
  /// included.
  package func row<E: Element>(
    _ row: Int, of padded: PaddedRows, channel: Int, as type: E.Type
  ) -> UnsafePointer<E> {
    if let source = padded.source(of: row) {
      return UnsafePointer(self.row(source, channel: channel, as: type))
    }
    guard let zeros else { preconditionFailure("who wants rows of zeros says so in its borders") }
    return UnsafePointer(zeros.pointer(to: type) + format.leftOffset)
  }

  /// Extends rows that have been written on both sides, as far as their consumer looks.
  package func fillMargins(of rows: Range<Int>) {
    guard format.leftMargin + format.rightMargin > 0 else { return }
    for row in rows { fillMargins(row) }
  }

  private func fillMargins(_ row: Int) {
    for channel in 0..<format.channels {
      switch format.elementType {
      case .uint8: fillMargins(self.row(row, channel: channel, as: UInt8.self))
      case .uint16: fillMargins(self.row(row, channel: channel, as: UInt16.self))
      case .float32: fillMargins(self.row(row, channel: channel, as: Float.self))
      }
    }
  }

  private func fillMargins<E: Element & Numeric>(_ row: UnsafeMutablePointer<E>) {
    let (pixel, right) = (format.valuesPerPixel, format.width + format.rightMargin)
    let size = format.width / pixel
    for margin in [-format.leftMargin..<0, format.width..<right] {
      for position in stride(from: margin.lowerBound, to: margin.upperBound, by: pixel) {
        let source = format.paddingMode.source(of: position / pixel, size: size)
        for value in 0..<pixel {
          row[position + value] = source.map { row[$0 * pixel + value] } ?? 0
        }
      }
    }
  }
}
