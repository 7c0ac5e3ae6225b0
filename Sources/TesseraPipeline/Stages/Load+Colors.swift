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
    let values = elementType.maximum == nil ? .unbounded : ValueInterval(0, maximum)
    var layout = Layout(
      channels: channels, colorModel: colorModel, hasAlpha: hasAlpha, elementType: elementType,
      size: size, values: values, opacity: values, straightValues: values,
      inverse: .affine(Array(repeating: .identity, count: channels)), fullScale: maximum,
      sourceType: elementType)
    layout.isInvertedCMYK = header.isInvertedCMYK
    return layout
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
    case tooManyPixels(ImageShape, limit: Int)
    case channels(ImageHeader, NPYColor, NPYLayout)

    var key: String? {
      switch self {
      case .noColors: "color"
      case .tooManyPixels: "max_pixels"
      case .channels: "npy_color"
      }
    }

    var description: String {
      switch self {
      case .noColors(let channels):
        "an array of \(channels) channels has no colours to convert; "
          + "\"npy_color\" says what they mean, and \"color\": \"keep\" takes it as it is"
      case .channels(let header, let color, let layout):
        "expected \((color.channels ?? 0).counted("channel")) for \(color.rawValue), found an image of "
          + "\(header.shape); \(color.fix(for: header, layout))"
      case .tooManyPixels(let shape, let limit):
        "an image of \(shape.pixelsInWords), more than max_pixels \(limit)"
      }
    }
  }

  /// The header of an array whose channels mean what `npyColor` says.
  func named(_ header: ImageHeader) throws(StageError) -> ImageHeader {
    guard !header.statesColors, let channels = npyColor.channels else { return header }
    guard header.shape.channels == channels else {
      throw StageError(Refusal.channels(header, npyColor, npyLayout))
    }
    var header = header
    header.hasAlpha = channels % 2 == 0
    header.colorModel = channels < 3 ? .gray : .rgb
    return header
  }
}

extension Load.NPYColor {
  /// How many channels there are; `nil` for any number.
  var channels: Int? {
    switch self {
    case .none: nil
    case .gray: 1
    case .grayAlpha: 2
    case .rgb: 3
    case .rgba: 4
    }
  }

  /// The key, or the expression of NumPy, that makes an array of other channels fit.
  fileprivate func fix(for header: ImageHeader, _ layout: Load.NPYLayout) -> String {
    let (shape, expected) = (header.shape, channels ?? 0)
    let isPlanar = layout == .chw
    if (isPlanar ? shape.width : shape.height) == expected {
      return "\"npy_layout\": \"\(isPlanar ? "hwc" : "chw")\" takes its "
        + "\(isPlanar ? "last" : "first") axis for the channels"
    }
    let other = Self.allCases.first { $0.channels == shape.channels }
    let fitting = other.map { "\"npy_color\": \"\($0.rawValue)\" fits" }
    let start = fitting.map { "\($0), or " } ?? ""
    let axis = isPlanar ? 0 : 2
    if shape.channels > expected {
      return start + "save \(isPlanar ? "a[:\(expected)]" : "a[..., :\(expected)]")"
    }
    // A plane alone may come without an axis of channels.
    let plane = isPlanar ? "a.reshape(1, *a.shape[-2:])" : "a.reshape(*a.shape[:2], 1)"
    let array = shape.channels == 1 ? plane : "a"
    if expected == shape.channels + 1, expected % 2 == 0 {
      let full = header.elementType.maximum ?? 1
      return start
        + "save np.insert(\(array), \(shape.channels), \(full), axis=\(axis)), which is opaque"
    }
    guard shape.channels == 1, expected == 3 else { return fitting ?? "" }
    return "\"npy_color\": \"gray\" with \"color\": \"rgb\" makes RGB of it, or save "
      + "np.repeat(\(array), 3, axis=\(axis))"
  }
}
