import TesseraCodecs
import TesseraConfiguration
import TesseraCore

/// Headers as plans keep them: of an image that a machine which works on another part does not have.
extension ImageHeader {
  /// The members of an object; an image that is made of patches has none.
  var json: JSONValue? {
    guard patches == nil else { return nil }
    return [
      "format": JSONValue(.string(format.rawValue)),
      "shape": JSONValue(
        .array([shape.channels, shape.height, shape.width].map(JSONValue.integer))),
      "type": JSONValue(.string(elementType.rawValue)),
      "colors": JSONValue(.string(colorModel.rawValue)),
      "states_colors": JSONValue(.bool(statesColors)), "alpha": JSONValue(.bool(hasAlpha)),
      "inverted_cmyk": JSONValue(.bool(isInvertedCMYK)), "orientation": .integer(orientation),
      "bits": .integer(sourceBitDepth), "whole": JSONValue(.bool(isWholeImage)),
      "planes": JSONValue(.bool(storesPlanes)),
      "column_step": columnStep.map(JSONValue.integer) ?? .init(.null),
      "decoder_bytes": .integer(decoderBytes),
      "decoder": JSONValue(.string(decoder)),
    ]
  }

  /// Reads the members of an object; `nil` where one is missing, or is what no decoder says.
  init?(_ json: JSONValue) {
    func flag(_ key: String) -> Bool? {
      if case .bool(let value)? = json[key]?.kind { value } else { nil }
    }
    func integer(_ key: String) -> Int? { json[key]?.number?.count }
    let elements = json["shape"]?.elements ?? []
    let sides = elements.compactMap(\.number?.integer)
    let step = json["column_step"] ?? .init(.null)
    guard let format = json["format"]?.string.flatMap(ImageFormat.init(rawValue:)),
      elements.count == 3, sides.count == 3, sides.allSatisfy({ $0 > 0 }),
      sides[0] <= Self.largestChannelCount,
      checkedProduct(sides[0], sides[1], sides[2]) ?? .max <= JSONNumber.mostCounted,
      let elementType = json["type"]?.string.flatMap(ElementType.init(rawValue:)),
      let colorModel = json["colors"]?.string.flatMap(ColorModel.init(rawValue:)),
      let statesColors = flag("states_colors"), let hasAlpha = flag("alpha"),
      let isInvertedCMYK = flag("inverted_cmyk"), let orientation = integer("orientation"),
      (1...8).contains(orientation), let sourceBitDepth = integer("bits"),
      (1...64).contains(sourceBitDepth), step.isNull || integer("column_step") ?? 0 > 0,
      let isWholeImage = flag("whole"), let storesPlanes = flag("planes"),
      let decoderBytes = integer("decoder_bytes"), let decoder = json["decoder"]?.string,
      colorModel.fits(colors: sides[0] - (hasAlpha ? 1 : 0))
    else { return nil }
    self.init(
      format: format, shape: ImageShape(channels: sides[0], height: sides[1], width: sides[2]),
      elementType: elementType, colorModel: colorModel, hasAlpha: hasAlpha,
      isInvertedCMYK: isInvertedCMYK, orientation: orientation, sourceBitDepth: sourceBitDepth,
      isWholeImage: isWholeImage, storesPlanes: storesPlanes, decoderBytes: decoderBytes,
      decoder: decoder)
    self.statesColors = statesColors
    columnStep = integer("column_step")
  }
}

extension ColorModel {
  /// Whether so many channels without alpha can mean this.
  fileprivate func fits(colors: Int) -> Bool {
    switch self {
    case .gray: colors == 1
    case .rgb: colors == 3
    case .cmyk: colors == 4
    case .unknown: colors > 0
    }
  }
}
