import TesseraCore

/// How values in force become those of a file.
package struct Quantization: Hashable, Sendable {
  /// The map before rounding.
  package enum Map: Hashable, Sendable {
    /// Values are written as they are.
    case none
    /// One map per channel.
    case affine([Affine])
    /// Undoes the statistics of this image, which a stage keeps by its channels, and then maps.
    case perImage(stage: Int, channels: [Int], then: Affine)
    /// The smallest value of this image becomes 0, the largest the type's maximum.
    case automatic
  }

  /// Type of the values in the file.
  package var elementType: ElementType
  /// The map before rounding.
  package var map: Map
  /// Value of full opacity after the map, where colours are to be divided by opacity.
  package var opaqueValue: Double?
  /// The map of the last channel under `Map.automatic`, where that is opacity, which no image
  /// stretches.
  package var opacityMap: Affine?

  package init(
    elementType: ElementType, map: Map, opaqueValue: Double? = nil, opacityMap: Affine? = nil
  ) {
    self.elementType = elementType
    self.map = map
    self.opaqueValue = opaqueValue
    self.opacityMap = opacityMap
  }

  /// Whether values of a type are written just as they are.
  package func copies(_ type: ElementType) -> Bool {
    map == .none && opaqueValue == nil && elementType == type
  }

  /// How many of an image's channels its smallest and largest value are looked for in.
  func stretchedChannels(of channels: Int) -> Int { opacityMap == nil ? channels : channels - 1 }

  /// The maps that stretch an image's smallest and largest value over the file's type.
  func stretched(from lower: Float, to upper: Float, channels: Int) -> [Affine] {
    let map = Affine.stretching(from: lower, to: upper, onto: elementType)
    let colors = Array(repeating: map, count: stretchedChannels(of: channels))
    return colors + (opacityMap.map { [$0] } ?? [])
  }

  /// The maps of an image, one per channel, as far as they do not depend on its values.
  func maps(channels: Int, in context: RunContext) -> [Affine] {
    switch map {
    case .affine(let maps): return maps
    case .none, .automatic: return Array(repeating: .identity, count: channels)
    case .perImage: return []
    }
  }
}

extension Affine {
  /// The map of an interval onto the range of an integer type; a single value becomes 0.
  static func stretching(from lower: Float, to upper: Float, onto type: ElementType) -> Affine {
    let (low, high) = (Double(lower), Double(upper))
    let scale = high > low ? Double(type.maximum ?? 1) / (high - low) : 0
    return Affine(scale: scale, offset: -low * scale)
  }
}

/// How many values were rounded to integers, and how many of them did not fit.
package struct QuantizationCounts: Hashable, Sendable {
  /// Values beyond the type's range, or not a number.
  package var saturated = 0
  /// All that were rounded.
  package var quantized = 0

  package init(saturated: Int = 0, quantized: Int = 0) {
    self.saturated = saturated
    self.quantized = quantized
  }
}
