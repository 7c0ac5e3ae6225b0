import TesseraCore
import TesseraEngine

extension Convolve {
  /// What flows behind a map and what becomes of its sums.
  func output(
    of map: LinearMap, _ runs: [Int]?, kernels: KernelWeights, input: Layout, grid: BlockGrid,
    _ context: StageContext
  ) throws(StageError) -> Layout {
    var layout = input
    layout.elementType = .float32
    layout.size = grid.size
    let keepsOpacity = map.keptRow != nil
    let colors = keepsOpacity ? input.colorChannels : input.channels
    let channels = try channelCount(of: map, runs)
    if keepsOpacity {
      layout.channels = channels + 1
      if kernels.sides.mixesChannels || channels != input.colorChannels {
        layout.colorModel = .unknown
        layout.channelNames = nil
      }
    } else if kernels.sides.mixesChannels || channels != input.channels {
      layout.replaceChannels(by: channels)
    }
    if !kernels.sides.mixesChannels, channels != colors {
      layout.channelNames = channelNames(of: input, colors, runs, hasOpacity: keepsOpacity)
    }
    let padsZeros = input.grid == nil && window.paddingMode == .zeros && grid.reachesOutside
    layout.filterValues(map, of: input, padsZeros: padsZeros, keepsOpacity: keepsOpacity)
    respond(&layout, keepsOpacity: keepsOpacity)
    var sources: [Int]?
    if response == .linear, runs == nil {
      sources = map.unitGainSources(
        channels: keepsOpacity ? input.colorChannels : input.channels)
      if keepsOpacity { sources?.append(input.channels - 1) }
    }
    layout.inverse = input.inverse.afterLinear(
      outputs: layout.channels, sources: sources, stage: context.stageIndex, name: Self.name)
    if response == .square {
      layout.inverse = layout.inverse.squared(
        colors: channels, stage: context.stageIndex, name: Self.name)
    }
    return layout
  }

  /// Changes what is known of values by what the response makes of them.
  private func respond(_ layout: inout Layout, keepsOpacity: Bool) {
    switch response {
    case .linear: break
    case .maximum: layout.straightValues = .unbounded
    case .absolute, .energy, .magnitude:
      let scale = response == .magnitude ? 2.0.squareRoot() : 1
      layout.straightValues = .unbounded
      layout.values = layout.values.magnitudes.mapped(scale: scale)
      if !keepsOpacity { layout.opacity = layout.opacity.magnitudes.mapped(scale: scale) }
    case .square:
      layout.straightValues = .unbounded
      layout.values = layout.values.squares
    }
  }
}

extension ValueInterval {
  /// The square of every value.
  var squares: ValueInterval {
    let largest = magnitudes.upper
    return ValueInterval(0, largest * largest)
  }
}

extension InverseMap {
  /// The map after colours have been squared: a factor of them is squared as well.
  func squared(colors: Int, stage: Int, name: String) -> InverseMap {
    guard let scale = commonScale, case .affine(let maps) = self else {
      if case .lost = self { return self }
      return .lost(stage: stage, name: name)
    }
    return .affine(
      maps.indices.map { $0 < colors ? Affine(scale: scale * scale, offset: 0) : maps[$0] })
  }
}
