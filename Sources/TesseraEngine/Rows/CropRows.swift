import TesseraCore

/// A rectangle of an image's rows; zeros where it reaches beyond them.
package struct CropRows: RowOperator {
  /// The first row; below zero where zeros come first.
  package var top: Int
  /// The first column; below zero where zeros come first.
  package var left: Int
  /// Rows and columns.
  package var size: Size

  package init(top: Int, left: Int, size: Size) {
    self.top = top
    self.left = left
    self.size = size
  }

  package var commutesWithRounding: Bool { true }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels, width: size.width),
      height: size.height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    CropStep(self, input)
  }
}

/// `CropRows`, prepared; it keeps nothing of an image.
private final class CropStep: PreparedStep, RowStep {
  let unitCount: Int
  private let top: Int
  private let left: Int
  private let height: Int
  /// Columns that come from the image.
  private let columns: Range<Int>

  init(_ work: CropRows, _ input: RowFlow) {
    unitCount = work.size.height
    (top, left, height) = (work.top, work.left, input.height)
    let end = work.left + work.size.width
    columns = (work.left..<end).clamped(to: 0..<input.format.width)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    let inside = (rows.lowerBound + top..<rows.upperBound + top).clamped(to: 0..<height)
    return inside.isEmpty ? 0..<0 : inside
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let width = output.format.elementType.byteCount
    let (before, count) = ((columns.lowerBound - left) * width, columns.count * width)
    let end = output.format.width * width
    for row in rows {
      for channel in 0..<output.format.channels {
        let target = output.row(row, channel: channel)
        guard (0..<height).contains(row + top), count > 0 else {
          target.initializeMemory(as: UInt8.self, repeating: 0, count: end)
          continue
        }
        target.initializeMemory(as: UInt8.self, repeating: 0, count: before)
        let source = input.row(row + top, channel: channel) + columns.lowerBound * width
        (target + before).copyMemory(from: source, byteCount: count)
        (target + before + count)
          .initializeMemory(as: UInt8.self, repeating: 0, count: end - before - count)
      }
    }
  }
}
