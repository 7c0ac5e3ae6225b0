import TesseraCodecs
import TesseraCore
import TesseraEngine

extension SourcePlan {
  /// Adds a colour step and what it does to the channels.
  mutating func append(_ step: ColorStep) {
    conversions.append(step)
    switch step {
    case .dropAlpha, .matte:
      hasAlpha = false
      channels -= 1
    case .matteToGray:
      hasAlpha = false
      colorModel = .gray
      channels = 1
    case .grayToRGB:
      colorModel = .rgb
      channels += 2
    case .rgbToGray:
      colorModel = .gray
      channels -= 2
    case .cmykToRGB:
      colorModel = .rgb
      channels -= 1
    }
  }

  /// What flows into the first stage.
  package var layout: Layout {
    let maximum = Double(elementType.maximum ?? 1)
    return Layout(
      channels: channels, colorModel: colorModel, hasAlpha: hasAlpha, elementType: elementType,
      size: size,
      values: elementType.maximum == nil ? .unbounded : ValueInterval(0, maximum),
      inverse: .affine(Array(repeating: .identity, count: channels)), fullScale: maximum,
      sourceType: elementType)
  }
}

extension MatteColor {
  /// Whether a gray image can show it.
  var isGray: Bool { red == green && green == blue }

  /// The colour's share of full intensity, for each channel of a model; only gray fits one channel.
  func shares(for model: ColorModel) -> [Double] {
    model == .gray ? [red / 255] : [red / 255, green / 255, blue / 255]
  }
}

extension Load {
  /// Files whose colours are not what they are to become.
  enum Refusal: StageRefusal {
    case noColors(channels: Int)
    case tooManyPixels(Size, limit: Int)

    var key: String? {
      switch self {
      case .noColors: "color"
      case .tooManyPixels: "max_pixels"
      }
    }

    var description: String {
      switch self {
      case .noColors(let channels):
        "an array of \(channels) channels has no colours to convert; "
          + "\"color\": \"keep\" takes it as it is"
      case .tooManyPixels(let size, let limit):
        "an image of \(size) has more than \(limit) pixels"
      }
    }
  }
}
