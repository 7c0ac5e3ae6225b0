import TesseraCore

/// Extends an image at the top and the bottom with rows of its other side: circular padding.
///
/// The whole image is held in its own element type while the rows are dealt out in order, so that
/// the steps after it see an ordinary image and need no barrier of their own.
package final class WrapStep: RowStep {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let inputHeight: Int
  private let rowsBefore: Int

  package init(output: RowWindow.Format, inputHeight: Int, rowsBefore: Int, rowsAfter: Int) {
    self.output = output
    self.inputHeight = inputHeight
    self.rowsBefore = rowsBefore
    outputHeight = rowsBefore + inputHeight + rowsAfter
  }

  package func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<inputHeight }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let byteCount = output.format.width * output.format.elementType.byteCount
    for row in rows {
      guard let source = PaddingMode.circular.source(of: row - rowsBefore, size: inputHeight)
      else { continue }
      for channel in 0..<output.format.channels {
        output.row(row, channel: channel)
          .copyMemory(from: input.row(source, channel: channel), byteCount: byteCount)
      }
    }
  }
}
