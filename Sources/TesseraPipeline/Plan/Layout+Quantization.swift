import TesseraCore
import TesseraEngine

extension Layout {
  /// How the values in force become those of a file.
  ///
  /// - Throws: `StageError` where the range needs what no longer is known: the inverse of a
  ///   normalization, or bounds.
  func quantization(to type: ElementType, range: OutputRange) throws(StageError)
    -> Quantization
  {
    let maximum = Double(type.maximum ?? 0)
    guard type.maximum != nil else {
      // Only comparisons undo a normalization in floats; files keep floats as they are.
      return Quantization(elementType: type, map: try restoring(to: sourceMaximum))
    }
    let map: Quantization.Map
    switch range {
    case .restore:
      let isCopy = elementType == type && inverse.commonScale == 1
      map = isCopy ? .none : try restoring(to: maximum)
    case .clip:
      map = mapping(from: 0, to: fullScale, onto: maximum)
    case .interval(let low, let high):
      map = mapping(from: low, to: high, onto: maximum)
    case .bounds:
      try requireBounds()
      map = mapping(from: values.lower, to: values.upper, onto: maximum)
    case .symmetric:
      try requireBounds()
      let bound = max(abs(values.lower), abs(values.upper))
      map = mapping(from: -bound, to: bound, onto: maximum)
    case .auto:
      map = .automatic
    }
    return Quantization(
      elementType: type, map: map, opaqueValue: isPremultiplied ? maximum : nil,
      opacityMap: hasAlpha ? opacityMap(onto: maximum) : nil)
  }

  private func restoring(to maximum: Double) throws(StageError) -> Quantization.Map {
    let ratio = maximum / sourceMaximum
    switch inverse {
    case .affine(let maps):
      return .affine(maps.map { Affine(scale: $0.scale * ratio, offset: $0.offset * ratio) })
    case .perImage(let stage, let channels):
      return .perImage(stage: stage, channels: channels, then: Affine(scale: ratio, offset: 0))
    case .lost(let stage, let name):
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
    guard values.isBounded else { throw StageError(SharedRefusal.noBounds) }
  }
}
