import TesseraCore
import TesseraEngine

extension Pad {
  /// The operators that put rows and columns around an image: rows of the other side are dealt out
  /// before, by an operator that knows how to wait for them.
  ///
  /// - Parameters:
  ///   - amount: how many on each side; not none.
  ///   - mode: where they come from.
  ///   - fill: what stands for each channel where they come from nowhere.
  /// - Returns: the steps in their order.
  func operators(_ amount: Amount, mode: PaddingMode, fill: [Float]) -> [any Operator] {
    guard mode == .circular, amount.top + amount.bottom > 0 else {
      return [PadRows(amount: amount, mode: mode, fill: fill)]
    }
    let wrap = WrapRows(before: amount.top, after: amount.bottom)
    guard amount.left + amount.right > 0 else { return [wrap] }
    let columns = Amount(left: amount.left, right: amount.right)
    return [wrap, PadRows(amount: columns, mode: mode, fill: fill)]
  }
}

/// Image rows with others around them.
private struct PadRows: RowOperator {
  var amount: Pad.Amount
  var mode: PaddingMode
  /// What stands around each channel where `mode` has no value of the image.
  var fill: [Float]

  var commutesWithRounding: Bool { true }

  func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: amount.left + input.format.width + amount.right),
      height: amount.top + input.height + amount.bottom)
  }

  func prepared(from input: RowFlow, to output: RowFlow, _ tools: RunTools) -> any PreparedStep {
    PadStep(self, input, unitCount: output.height)
  }
}

/// `PadRows`, prepared; it keeps nothing of an image.
private final class PadStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: PadRows
  private let width: Int
  private let rows: PaddedRows

  init(_ work: PadRows, _ input: RowFlow, unitCount: Int) {
    self.work = work
    self.unitCount = unitCount
    width = input.format.width
    rows = PaddedRows(mode: work.mode, height: input.height)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    self.rows.sources(of: rows.lowerBound - work.amount.top..<rows.upperBound - work.amount.top)
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    switch output.format.elementType {
    case .uint8: make(rows, from: input, into: output, as: UInt8.self) { UInt8($0) }
    case .uint16: make(rows, from: input, into: output, as: UInt16.self) { UInt16($0) }
    case .float32: make(rows, from: input, into: output, as: Float.self) { $0 }
    }
  }

  private func make<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type,
    _ convert: (Float) -> E
  ) {
    let (left, right) = (-work.amount.left..<0, width..<width + work.amount.right)
    for row in rows {
      for channel in 0..<output.format.channels {
        let target = output.row(row, channel: channel, as: type) + work.amount.left
        let fill = convert(work.fill[channel])
        guard let source = self.rows.source(of: row - work.amount.top) else {
          (target + left.lowerBound).update(
            repeating: fill, count: right.upperBound - left.lowerBound)
          continue
        }
        let values = input.row(source, channel: channel, as: type)
        target.update(from: values, count: width)
        for margin in [left, right] {
          for x in margin {
            target[x] = work.mode.source(of: x, size: width).map { values[$0] } ?? fill
          }
        }
      }
    }
  }
}
