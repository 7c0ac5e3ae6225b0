import TesseraCore
import TesseraEngine

extension Layout {
  /// How the values in force become those of a file.
  ///
  /// - Throws: `StageError` where the range needs what no longer is known: the inverse of a
  ///   normalization, or bounds.
  /// - Parameters:
  ///   - type: that of the file.
  ///   - range: which values become 0 and the maximum; `nil` restores those of the source, and has
  ///     it watched whether they fit.
  /// - Returns: what `encode` and `compare` do with values.
  func quantization(to type: ElementType, range: OutputRange?) throws(StageError)
    -> Quantization
  {
    guard let maximum = type.maximum.map(Double.init) else {
      // Only comparisons undo a normalization in floats; files keep floats as they are.
      return Quantization(
        elementType: type, map: try restoring(to: sourceMaximum), division: division)
    }
    let map: Quantization.Map
    switch range {
    case .restore, nil:
      let isCopy = elementType == type && inverse.commonScale == 1
      map = isCopy ? .none : try restoring(to: maximum)
    case .clip:
      map = mapping(from: 0, to: fullScale, onto: maximum)
    case .interval(let low, let high):
      map = mapping(from: low, to: high, onto: maximum)
    case .bounds:
      try requireBounds()
      map = mapping(from: fileValues.lower, to: fileValues.upper, onto: maximum)
    case .symmetric:
      try requireBounds()
      let bound = fileValues.magnitudes.upper
      map = mapping(from: -bound, to: bound, onto: maximum)
    case .auto:
      map = .automatic
    }
    var quantization = Quantization(
      elementType: type, map: map, division: division,
      opacityMap: hasAlpha ? opacityMap(onto: maximum) : nil)
    quantization.isRestoring = range == nil || range == .restore
    quantization.watchesOpacity = hasAlpha && sourceType == .float32
    if range == nil { quantization.watch = watch(map, onto: Int(maximum)) }
    return quantization
  }

  /// Floats as they are, but for what opacity made of them.
  var floatQuantization: Quantization {
    Quantization(elementType: .float32, map: .none, division: division)
  }

  /// How colours are freed of opacity, where they were multiplied by it.
  private var division: OpacityDivision? {
    guard isPremultiplied else { return nil }
    let black: OpacityDivision.Black =
      switch inverse {
      case .affine(let maps): .values(maps.map { -$0.offset / $0.scale })
      case .perImage(let stage, let channels): .perImage(stage: stage, channels: channels)
      case .lost, .coefficients: .values(Array(repeating: 0, count: channels))
      }
    return OpacityDivision(opaque: fullScale, black: black)
  }

  /// What is worth a warning where nobody said how values become integers.
  private func watch(_ map: Quantization.Map, onto maximum: Int) -> SaturationWatch? {
    if map == .none { return nil }
    var values: ClosedRange<Double>?
    if case .affine(let maps) = map, let first = maps.first, first.scale > 0 {
      values = -first.offset / first.scale...(Double(maximum) - first.offset) / first.scale
    }
    let isArray = sourceType == .float32
    let bounds = fileValues
    return SaturationWatch(
      values: values, maximum: maximum,
      bounds: !isArray && bounds.isBounded ? bounds.lower...bounds.upper : nil,
      limit: isArray ? 0.01 : 0.5)
  }

  private func restoring(to maximum: Double) throws(StageError) -> Quantization.Map {
    let ratio = maximum / sourceMaximum
    switch inverse {
    case .affine(let maps):
      return .affine(maps.map { Affine(scale: $0.scale * ratio, offset: $0.offset * ratio) })
    case .perImage(let stage, let channels):
      return .perImage(stage: stage, channels: channels, then: Affine(scale: ratio, offset: 0))
    case .lost(let stage, let name), .coefficients(_, let stage, let name):
      throw StageError(SharedRefusal.inverseLost(stage: stage, name: name))
    }
  }

  private func mapping(from low: Double, to high: Double, onto maximum: Double) -> Quantization.Map
  {
    let scale = high > low ? maximum / (high - low) : 0
    var maps = Array(repeating: Affine(scale: scale, offset: -low * scale), count: channels)
    if hasAlpha { maps[channels - 1] = opacityMap(onto: maximum) }
    return .affine(maps)
  }

  /// Opacity has the range that `scale` gave it, whatever becomes of the colours.
  private func opacityMap(onto maximum: Double) -> Affine {
    Affine(scale: maximum / fullScale, offset: 0)
  }

  private func requireBounds() throws(StageError) {
    guard fileValues.isBounded else { throw StageError(SharedRefusal.noBounds) }
  }
}
