import TesseraBatch
import TesseraCore

/// A step of a run that makes image rows from image rows.
///
/// Steps are functions of rows: the same output rows come out whatever bands they are asked for in
/// and whoever else works on the same image. That is what makes results independent of the number
/// of workers and of the height of bands.
package protocol RowStep: AnyObject, Sendable {
  /// What the step writes.
  var output: RowWindow.Format { get }
  /// Rows of the image that the step writes.
  var outputHeight: Int { get }
  /// Rows of a band below which the step repeats too much work.
  var preferredBandHeight: Int { get }
  /// Bytes of working memory that one thread needs for `rows` rows.
  func scratchBytes(for rows: Int) -> Int
  /// The input rows that some output rows are made from.
  func inputRows(for rows: Range<Int>) -> Range<Int>
  /// Whether the step looks at the whole image before it makes the first row; `inputRows(for:)` then
  /// asks for every row.
  var needsPreparation: Bool { get }
  /// Looks at the whole image. Called once, where `needsPreparation`.
  func prepare(from input: RowWindow)
  /// Makes the rows `rows`; `output` has room for them and `input` holds what they need.
  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow)
}

extension RowStep {
  package var preferredBandHeight: Int { 1 }
  package var needsPreparation: Bool { false }
  package func scratchBytes(for rows: Int) -> Int { 0 }
  package func prepare(from input: RowWindow) {}
}

/// A step of a run that takes what flows out of it: an encoder, a comparison.
package protocol Sink: AnyObject {
  /// How many units of work the sink has: image rows, or tiles of patches.
  var unitCount: Int { get }
  /// The rows that some units are made from.
  func inputRows(for units: Range<Int>) -> Range<Int>
  /// Takes some units; `loaded` holds the same rows of the image as it was loaded, where the sink
  /// asked for them.
  func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) throws(InputFailure)
  /// Ends the work once every unit was taken.
  func finish() throws(InputFailure)
}

/// A sink that writes files.
package protocol EncodingSink: Sink {
  /// What was rounded on the way.
  var counts: QuantizationCounts { get }
  /// Reads finished files back and compares them with what was written.
  func verify(_ paths: [String]) throws(InputFailure)
}

extension Sink {
  package func inputRows(for units: Range<Int>) -> Range<Int> { units }
}

/// Which row of an image stands at a row of the image with its padding.
package struct PaddedRows: Hashable, Sendable {
  package var mode: PaddingMode
  package var height: Int
  /// Rows by which the image was already extended at the top (circular padding).
  package var offset = 0

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
