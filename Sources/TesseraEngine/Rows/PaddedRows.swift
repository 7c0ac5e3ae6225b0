import TesseraCore

/// Which row of an image stands at a row of the image with its padding.
package struct PaddedRows: Hashable, Sendable {
  package var mode: PaddingMode
  package var height: Int
  /// Rows by which the image was already extended at the top (circular padding).
  package var offset = 0

  package init(mode: PaddingMode, height: Int, offset: Int = 0) {
    self.mode = mode
    self.height = height
    self.offset = offset
  }

  /// The image row at `row`, or `nil` for a row of zeros.
  package func source(of row: Int) -> Int? { mode.source(of: row + offset, size: height) }

  /// The smallest range of image rows that holds the sources of `rows`; empty for zeros alone.
  package func sources(of rows: Range<Int>) -> Range<Int> {
    guard !rows.isEmpty else { return 0..<0 }
    let (first, last) = (rows.lowerBound + offset, rows.upperBound - 1 + offset)
    // Sources run evenly up or down from one repetition of the image to the next, so they are
    // extreme at the ends and where repetitions meet.
    var extremes = [first, last]
    switch mode {
    case .zeros:
      let inside = (first..<last + 1).clamped(to: 0..<height)
      return inside.isEmpty ? 0..<0 : inside
    case .replicate:
      break
    case .reflect, .symmetric, .circular:
      let length = mode == .reflect ? max(height - 1, 1) : height
      let (firstCopy, lastCopy) = (floor(first, length), floor(last, length))
      if lastCopy - firstCopy > 1 { return 0..<height }
      if lastCopy > firstCopy { extremes += [lastCopy * length - 1, lastCopy * length] }
    }
    let sources = extremes.compactMap { mode.source(of: $0, size: height) }
    guard let lower = sources.min(), let upper = sources.max() else { return 0..<0 }
    return lower..<upper + 1
  }

  /// The quotient rounded toward −∞.
  private func floor(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : (value + 1) / divisor - 1
  }
}
