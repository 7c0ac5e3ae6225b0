import TesseraCore
import TesseraKernels

/// `RankRows`, prepared; it keeps nothing of an image.
final class RankStep<E: RankedElement>: PreparedStep, RowStep {
  let unitCount: Int
  private let work: RankRows
  private let channels: Int
  private let width: Int
  private let paddedRows: PaddedRows
  private let method: RankMethod<E>
  private let tools: RunTools

  init(_ work: RankRows, _ paddedRows: PaddedRows, to output: RowFlow, _ tools: RunTools) {
    self.work = work
    self.paddedRows = paddedRows
    self.tools = tools
    unitCount = output.height
    channels = output.format.channels
    width = output.format.width
    method = RankMethod(
      work.window, rank: work.rank,
      of: Size(height: output.height, width: min(width, Self.stripWidth)), tools.kernels)
  }

  /// Columns of the result that are made at once: they take a moment, and bring little memory.
  private static var stripWidth: Int { 2048 }

  private var stripWidth: Int { min(width, Self.stripWidth) }

  /// Values of a row under a strip.
  private var sourceWidth: Int { stripWidth + work.window.width - 1 }

  /// Whether other integers stand for the values of the image.
  private var converts: Bool { E.self != E.Stored.self }

  var preferredUnits: Int { method.preferredRows }

  var tableBytes: Int { method.tableBytes }

  func step() -> any RowStep { self }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    let reach = work.window.height / 2
    return paddedRows.sources(of: rows.lowerBound - reach..<rows.upperBound + reach)
  }

  /// What the method works in, the integers of a strip and of its result, and lists of rows.
  func scratchBytes(for rows: Int) -> Int {
    (method.scratchCount + integerCount(for: rows)) * MemoryLayout<E>.stride
      + (2 * rows + work.window.height) * MemoryLayout<Int>.stride
  }

  private func integerCount(for rows: Int) -> Int {
    guard converts else { return 0 }
    return (rows + work.window.height - 1) * sourceWidth + rows * stripWidth
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let filtered = work.keepsLast ? channels - 1 : channels
    for channel in filtered..<channels {
      for row in rows {
        guard let source = paddedRows.source(of: row) else { continue }
        output.row(row, channel: channel, as: E.Stored.self).update(
          from: input.row(source, channel: channel, as: E.Stored.self), count: width)
      }
    }
    for channel in 0..<filtered {
      // The last strip is moved back to end with the row.
      for first in stride(from: 0, to: width, by: stripWidth) where !input.isCancelled {
        makeStrip(
          from: min(first, width - stripWidth), rows, channel: channel, from: input, into: output)
      }
    }
  }

  private func makeStrip(
    from column: Int, _ rows: Range<Int>, channel: Int, from input: RowWindow,
    into output: RowWindow
  ) {
    let reach = work.window.height / 2
    let sources = (rows.lowerBound - reach..<rows.upperBound + reach).map { row in
      input.row(row, of: paddedRows, channel: channel, as: E.Stored.self)
        + (column - work.window.width / 2)
    }
    let targets = rows.map { output.row($0, channel: channel, as: E.Stored.self) + column }
    tools.scratch.with(
      method.scratchCount + integerCount(for: rows.count), of: E.self
    ) { scratch in
      guard converts else {
        method.make(
          sources.map { UnsafeRawPointer($0).assumingMemoryBound(to: E.self) },
          into: targets.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: E.self) },
          width: stripWidth, scratch)
        return
      }
      let integers = scratch + method.scratchCount
      let taken = sources.indices.map { integers + $0 * sourceWidth }
      for (source, row) in zip(sources, taken) {
        E.take(source, row, sourceWidth, with: tools.kernels)
      }
      let results = integers + sources.count * sourceWidth
      let made = targets.indices.map { results + $0 * stripWidth }
      method.make(taken.map { UnsafePointer($0) }, into: made, width: stripWidth, scratch)
      for (row, target) in zip(made, targets) {
        E.give(row, target, stripWidth, with: tools.kernels)
      }
    }
  }
}
