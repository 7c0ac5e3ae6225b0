import TesseraCore

/// Extends an image at the top and the bottom with rows of its other side: circular padding.
///
/// The whole image is held in its own element type while the rows are dealt out in order, so that
/// the operators after it see an ordinary image and need no barrier of their own.
package struct WrapRows: RowOperator {
  /// Rows that are added at the top.
  package var before: Int
  /// Rows that are added at the bottom.
  package var after: Int

  package init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }

  package var commutesWithRounding: Bool { true }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: input.format.width, valuesPerPixel: input.format.valuesPerPixel),
      height: before + input.height + after)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    WrapStep(rowsBefore: before, inputHeight: input.height, unitCount: output.height)
  }

  package func manner(_ bandRows: Int) -> String { "rows of the other side" }
}

/// `WrapRows`, prepared; it keeps nothing of an image.
private final class WrapStep: PreparedStep, RowStep {
  let unitCount: Int
  private let inputHeight: Int
  private let rowsBefore: Int

  init(rowsBefore: Int, inputHeight: Int, unitCount: Int) {
    self.rowsBefore = rowsBefore
    self.inputHeight = inputHeight
    self.unitCount = unitCount
  }

  func needs(_ rows: Range<Int>) -> Range<Int> { 0..<inputHeight }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let byteCount = output.format.width * output.format.elementType.byteCount
    let padded = PaddedRows(mode: .circular, height: inputHeight)
    for row in rows {
      guard let source = padded.source(of: row - rowsBefore) else {
        preconditionFailure("every row has another one in its place on the other side")
      }
      for channel in 0..<output.format.channels {
        output.row(row, channel: channel)
          .copyMemory(from: input.row(source, channel: channel), byteCount: byteCount)
      }
    }
  }
}
