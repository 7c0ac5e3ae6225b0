import TesseraCore
import TesseraKernels

/// One value of the window around every pixel: the median, or that of another rank.
///
/// The type stays. Whatever band a row is asked for in, the same value comes out.
package struct RankRows: RowOperator {
  /// Rows and columns of the window, odd.
  package var window: Size
  /// Which value, counted from the smallest as 0.
  package var rank: Int
  /// What stands outside the image.
  package var paddingMode: PaddingMode
  /// Whether the last plane, which is opacity, stays as it is.
  package var keepsLast: Bool
  /// Rows by which the image has been extended at both ends already: circular padding.
  private var rowsExtended = 0

  private init(_ window: Size, rank: Int, paddingMode: PaddingMode, keepsLast: Bool) {
    self.window = window
    self.rank = rank
    self.paddingMode = paddingMode
    self.keepsLast = keepsLast
  }

  /// The operators that choose values; rows of the other side are dealt out before, and a window of one
  /// value is no work.
  ///
  /// - Parameters:
  ///   - window: rows and columns, odd.
  ///   - rank: which value, counted from the smallest as 0.
  ///   - paddingMode: what stands outside the image.
  ///   - keepsLast: whether the last plane stays as it is.
  /// - Returns: the steps in their order.
  package static func operators(
    _ window: Size, rank: Int, paddingMode: PaddingMode, keepsLast: Bool
  ) -> [any Operator] {
    guard window != Size(1) else { return [] }
    var work = RankRows(window, rank: rank, paddingMode: paddingMode, keepsLast: keepsLast)
    let reach = window.height / 2
    guard paddingMode == .circular, reach > 0 else { return [work] }
    work.rowsExtended = reach
    return [WrapRows(before: reach, after: reach), work]
  }

  /// Values are chosen, and rounding keeps their order.
  package var commutesWithRounding: Bool { true }

  package var borders: Borders {
    Borders(
      left: window.width / 2, right: window.width / 2, mode: paddingMode,
      needsZeros: paddingMode == .zeros && window.height > 1)
  }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: input.format.width),
      height: input.height - 2 * rowsExtended)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    let rows = PaddedRows(mode: paddingMode, height: input.height, offset: rowsExtended)
    switch input.format.elementType {
    case .uint8: return RankStep<UInt8>(self, rows, to: output, tools)
    case .uint16: return RankStep<UInt16>(self, rows, to: output, tools)
    case .float32: return RankStep<Int32>(self, rows, to: output, tools)
    }
  }

  package func manner(_ bandRows: Int) -> String {
    "windows of \(window), \(bandRows) rows at a time"
  }
}
