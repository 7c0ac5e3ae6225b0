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
  /// How colours are divided by opacity before the map, where they were multiplied by it.
  package var division: OpacityDivision?
  /// The map of the last channel under `Map.automatic`, where that is opacity, which no image
  /// stretches.
  package var opacityMap: Affine?
  /// Whether the map undoes what was done to the values since they were loaded.
  package var isRestoring = false
  /// What is looked at, where nobody said how values become integers.
  package var watch: SaturationWatch?
  /// Whether it is looked at if opacity goes beyond its full scale, as that of arrays may.
  package var watchesOpacity = false

  package init(
    elementType: ElementType, map: Map, division: OpacityDivision? = nil,
    opacityMap: Affine? = nil, watch: SaturationWatch? = nil
  ) {
    self.elementType = elementType
    self.map = map
    self.division = division
    self.opacityMap = opacityMap
    self.watch = watch
  }

  /// Whether values of a type are written just as they are.
  package func copies(_ type: ElementType) -> Bool {
    map == .none && division == nil && elementType == type
  }

  /// The stage whose statistics of each image are needed.
  var statisticsStage: Int? {
    if case .perImage(let stage, _, _) = map { return stage }
    if case .perImage(let stage, _) = division?.black { return stage }
    return nil
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

/// How colours that were multiplied by opacity become what they were.
package struct OpacityDivision: Hashable, Sendable {
  /// What black, which opacity leaves as it is, has become in each channel.
  package enum Black: Hashable, Sendable {
    /// These values.
    case values([Double])
    /// What a stage that keeps statistics of this image says of its channels.
    case perImage(stage: Int, channels: [Int])
  }

  /// The value of full opacity.
  package var opaque: Double
  /// The value of black.
  package var black: Black

  package init(opaque: Double, black: Black) {
    self.opaque = opaque
    self.black = black
  }
}

extension Affine {
  /// The map of an interval onto the range of an integer type; a single value becomes 0.
  static func stretching(from lower: Float, to upper: Float, onto type: ElementType) -> Affine {
    let (low, high) = (Double(lower), Double(upper))
    guard low <= high else { return .identity }
    let scale = high > low ? Double(type.maximum ?? 1) / (high - low) : 1
    return Affine(scale: scale, offset: -low * scale)
  }

  /// The map back.
  var undone: Affine { Affine(scale: 1 / scale, offset: -offset / scale) }

  /// The value that becomes 0.
  package var root: Double { scale == 0 ? 0 : -offset / scale }

  /// Whether value · scale + offset loses digits of an integer in float32, where
  /// (value − root) · scale does not.
  package var cancels: Bool { offset.magnitude > 262_144 }

  /// Whether the factor is beyond float32, as it is for an interval that is almost nothing.
  package var isSteep: Bool { !Float(scale).isFinite }
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

  static func + (a: Self, b: Self) -> Self {
    Self(saturated: a.saturated + b.saturated, quantized: a.quantized + b.quantized)
  }
}
