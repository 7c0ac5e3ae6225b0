import TesseraCodecs
import TesseraCore

/// Image rows in red, green and blue: gray is repeated, inks become light, opacity is laid onto white.
///
/// Integers by the rules of Pillow's `alpha_composite` and `convert`.
package struct OnWhiteRows: RowOperator {
  /// What the channels are, but for opacity.
  package enum Colors: Hashable, Sendable {
    /// One of luminance.
    case gray
    /// Red, green and blue.
    case rgb
    /// Four inks, in bytes.
    case cmyk
  }

  /// What the channels are, but for opacity.
  package var colors: Colors
  /// Whether the last channel is opacity.
  package var hasAlpha: Bool
  /// Whether 255 is no ink.
  package var isInverted: Bool
  /// White, and whole opacity, of floats.
  package var white: Float

  package init(colors: Colors, hasAlpha: Bool, isInverted: Bool, white: Float) {
    self.colors = colors
    self.hasAlpha = hasAlpha
    self.isInverted = isInverted
    self.white = white
  }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: 3, width: input.format.width),
      height: input.height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    OnWhiteStep(self, unitCount: output.height)
  }
}

/// `OnWhiteRows`, prepared; it keeps nothing of an image.
private final class OnWhiteStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: OnWhiteRows

  init(_ work: OnWhiteRows, unitCount: Int) {
    self.work = work
    self.unitCount = unitCount
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    for row in rows {
      switch output.format.elementType {
      case .uint8 where work.colors == .cmyk: mixInks(row, from: input, into: output)
      case .uint8: lay(row, from: input, into: output, white: UInt8.max)
      case .uint16: lay(row, from: input, into: output, white: UInt16.max)
      case .float32: lay(row, from: input, into: output, white: work.white)
      }
    }
  }

  private func lay<Value: PixelValue>(
    _ row: Int, from input: RowWindow, into output: RowWindow, white: Value
  ) {
    let width = output.format.width
    let last = input.format.channels - 1
    for channel in 0..<3 {
      let source = input.row(row, channel: work.colors == .gray ? 0 : channel, as: Value.self)
      let target = output.row(row, channel: channel, as: Value.self)
      guard work.hasAlpha else {
        target.update(from: source, count: width)
        continue
      }
      let opacity = input.row(row, channel: last, as: Value.self)
      for x in 0..<width {
        target[x] = Value.blend(source[x], over: white, alpha: opacity[x], opaque: white)
      }
    }
  }

  private func mixInks(_ row: Int, from input: RowWindow, into output: RowWindow) {
    let flip: UInt8 = work.isInverted ? 255 : 0
    let black = input.row(row, channel: 3, as: UInt8.self)
    for channel in 0..<3 {
      let ink = input.row(row, channel: channel, as: UInt8.self)
      let target = output.row(row, channel: channel, as: UInt8.self)
      for x in 0..<output.format.width {
        let light = 255 - Int(black[x] ^ flip)
        let term = Int(ink[x] ^ flip) &* light &+ 128
        target[x] = UInt8(truncatingIfNeeded: light &- (term &>> 8 &+ term) &>> 8)
      }
    }
  }
}
