import TesseraCore

/// Turns an image as its EXIF orientation asks: mirrored, upside down or on its side.
package struct OrientRows: RowOperator {
  /// 2 to 8, as in EXIF.
  package var orientation: Int
  /// Height and width before turning.
  package var stored: Size

  package init(orientation: Int, stored: Size) {
    self.orientation = orientation
    self.stored = stored
  }

  /// Whether an orientation exchanges rows and columns.
  package static func exchangesAxes(_ orientation: Int) -> Bool { orientation >= 5 }

  private var turned: Size {
    Self.exchangesAxes(orientation) ? Size(height: stored.width, width: stored.height) : stored
  }

  package var commutesWithRounding: Bool { true }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: turned.width),
      height: turned.height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    OrientStep(orientation: orientation, stored: stored, unitCount: turned.height)
  }

  package func manner(_ bandRows: Int) -> String { "turns the image" }
}

/// `OrientRows`, prepared; it keeps nothing of an image.
private final class OrientStep: PreparedStep, RowStep {
  let unitCount: Int
  let preferredUnits = 32
  private let orientation: Int
  private let stored: Size

  init(orientation: Int, stored: Size, unitCount: Int) {
    self.orientation = orientation
    self.stored = stored
    self.unitCount = unitCount
  }

  func needs(_ rows: Range<Int>) -> Range<Int> { orientation <= 2 ? rows : 0..<stored.height }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    for channel in 0..<output.format.channels {
      switch output.format.elementType {
      case .uint8: make(rows, of: channel, from: input, into: output, as: UInt8.self)
      case .uint16: make(rows, of: channel, from: input, into: output, as: UInt16.self)
      case .float32: make(rows, of: channel, from: input, into: output, as: Float.self)
      }
    }
  }

  private func make<E: Element>(
    _ rows: Range<Int>, of channel: Int, from input: RowWindow, into output: RowWindow,
    as type: E.Type
  ) {
    let flipsRows = orientation == 3 || orientation == 4 || orientation >= 7
    let flipsColumns = [2, 3, 6, 7].contains(orientation)
    guard OrientRows.exchangesAxes(orientation) else {
      for row in rows {
        let source = input.row(
          flipsRows ? stored.height - 1 - row : row, channel: channel, as: type)
        let destination = output.row(row, channel: channel, as: type)
        for x in 0..<stored.width {
          destination[x] = source[flipsColumns ? stored.width - 1 - x : x]
        }
      }
      return
    }
    // One stored row is one column of the result: read along it, for the rows of this band.
    for storedRow in 0..<stored.height {
      let source = input.row(storedRow, channel: channel, as: type)
      let x = flipsColumns ? stored.height - 1 - storedRow : storedRow
      for row in rows {
        output.row(row, channel: channel, as: type)[x] =
          source[flipsRows ? stored.width - 1 - row : row]
      }
    }
  }
}
