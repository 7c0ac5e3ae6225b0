import TesseraCore

/// Multiplies colours by the opacity beside them, or divides them again.
///
/// Integers by Pillow's rules, and those rules with 16 bits in place of 8; floats around what is
/// black. Where opacity is 0 or whole, dividing leaves colours as they are.
package struct OpacityRows: RowOperator {
  /// What is done.
  package enum Operation: Hashable, Sendable {
    /// Colours times opacity.
    case multiply
    /// Colours over opacity.
    case divide
  }

  /// What is done.
  package var operation: Operation
  /// Whole opacity of floats.
  package var opaque: Float
  /// The value of black, for each colour of floats.
  package var black: [Float]

  package init(_ operation: Operation, opaque: Float, black: [Float]) {
    self.operation = operation
    self.opaque = opaque
    self.black = black
  }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: input.format.width, valuesPerPixel: input.format.valuesPerPixel),
      height: input.height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    OpacityStep(self, unitCount: output.height)
  }
}

/// `OpacityRows`, prepared; it keeps nothing of an image.
private final class OpacityStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: OpacityRows

  init(_ work: OpacityRows, unitCount: Int) {
    self.work = work
    self.unitCount = unitCount
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    for row in rows {
      switch (output.format.elementType, work.operation) {
      case (.uint8, .multiply):
        map(row, from: input, into: output, as: UInt8.self) { color, opacity, _ in
          let product = UInt32(color) &* UInt32(opacity) &+ 128
          return UInt8(truncatingIfNeeded: (product &>> 8 &+ product) &>> 8)
        }
      case (.uint8, .divide):
        map(row, from: input, into: output, as: UInt8.self) { color, opacity, _ in
          if opacity == 0 || opacity == 255 { return color }
          return UInt8(clamping: 255 &* UInt32(color) / UInt32(opacity))
        }
      case (.uint16, .multiply):
        map(row, from: input, into: output, as: UInt16.self) { color, opacity, _ in
          let product = UInt64(color) &* UInt64(opacity) &+ 32_768
          return UInt16(truncatingIfNeeded: (product &>> 16 &+ product) &>> 16)
        }
      case (.uint16, .divide):
        map(row, from: input, into: output, as: UInt16.self) { color, opacity, _ in
          if opacity == 0 || opacity == 65_535 { return color }
          return UInt16(clamping: 65_535 &* UInt64(color) / UInt64(opacity))
        }
      case (.float32, .multiply):
        map(row, from: input, into: output, as: Float.self) { color, opacity, black in
          (color - black) * (opacity / self.work.opaque) + black
        }
      case (.float32, .divide):
        map(row, from: input, into: output, as: Float.self) { color, opacity, black in
          if opacity == 0 || opacity == self.work.opaque { return color }
          return (color - black) / (opacity / self.work.opaque) + black
        }
      }
    }
  }

  private func map<E: Element>(
    _ row: Int, from input: RowWindow, into output: RowWindow, as type: E.Type,
    _ change: (E, E, Float) -> E
  ) {
    precondition(output.format.valuesPerPixel == 1, "colours and opacity are planes")
    let last = output.format.channels - 1
    let opacity = input.row(row, channel: last, as: type)
    for channel in 0..<last {
      let (source, target) = (
        input.row(row, channel: channel, as: type), output.row(row, channel: channel, as: type)
      )
      let black = work.black[channel]
      for x in 0..<output.format.width { target[x] = change(source[x], opacity[x], black) }
    }
    output.row(row, channel: last, as: type).update(from: opacity, count: output.format.width)
  }
}
