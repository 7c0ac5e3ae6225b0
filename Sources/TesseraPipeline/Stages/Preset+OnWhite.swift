import TesseraCore
import TesseraEngine

extension Layout {
  /// Whether it is an image in red, green and blue alone.
  var isOpaqueRGB: Bool { knownColors == .rgb && !hasAlpha }

  /// The image in red, green and blue, its opacity laid onto white.
  ///
  /// - Returns: what flows on, and the step.
  /// - Throws: `StageError` where the channels are no colours.
  func onWhite() throws(StageError) -> Lowered {
    guard let colors = knownColors else {
      throw StageError(Preset.Refusal.colors(channels: channels))
    }
    if isPremultiplied { throw StageError(Preset.Refusal.multiplied) }
    if hasAlpha, !blackIsZero { throw StageError(Preset.Refusal.blackIsNotZero) }
    var layout = self
    layout.channels = 3
    layout.colorModel = .rgb
    layout.hasAlpha = false
    if hasAlpha {
      let white = ValueInterval(fullScale, fullScale)
      layout.values = values.union(white)
      layout.straightValues = straightValues.union(white)
    }
    layout.inverse = inverse.taking(colors == .rgb ? [0, 1, 2] : [0, 0, 0])
    return Lowered(
      layout: layout,
      operators: [
        OnWhiteRows(
          colors: colors, hasAlpha: hasAlpha, isInverted: isInvertedCMYK, white: Float(fullScale))
      ])
  }

  /// What the channels are; `nil` where they are no colours that become red, green and blue.
  private var knownColors: OnWhiteRows.Colors? {
    switch (colorModel, colorChannels) {
    case (.gray, 1), (.unknown, 1): .gray
    case (.rgb, 3), (.unknown, 3): .rgb
    case (.cmyk, 4) where elementType == .uint8: .cmyk
    default: nil
    }
  }
}

extension InverseMap {
  /// The map of channels that are copies of these.
  fileprivate func taking(_ sources: [Int]) -> InverseMap {
    switch self {
    case .affine(let maps): .affine(sources.map { maps[$0] })
    case .perImage(let stage, let channels):
      .perImage(stage: stage, channels: sources.map { channels[$0] })
    case .lost, .coefficients: self
    }
  }
}
