import TesseraCore
import TesseraKernels

/// Turns values in force into those of a file, as a `Quantization` says: rows of images, rows of tiles.
///
/// The only way from values to files.
final class Quantizer {
  /// What was rounded so far.
  var counts: QuantizationCounts { colors.counts + opacity.counts }
  /// Whether values are written as they are.
  let isCopy: Bool

  private let quantization: Quantization
  private let channels: Int
  private let inputType: ElementType
  private let kernels: KernelSet
  private let conversion: PointwiseConversion
  /// Keeps the statistics of each image, where the map or black depends on them.
  private let inverse: (any ImageInverse)?
  private var maps: [Affine]
  private var black: [Double]
  private let floats: ScratchPool.Loan
  /// Values of one channel at a time, at most.
  private let capacity: Int
  private var notFiniteCount = 0
  private var stretchedCount = 0
  private var colors = RoundedValues()
  private var opacity = RoundedValues()

  /// - Parameters:
  ///   - quantization: what becomes of the values.
  ///   - channels: planes of the values in force.
  ///   - inputType: their type.
  ///   - capacity: values of one channel that are turned at once, at most.
  ///   - context: knows steps that keep statistics of this image.
  ///   - tools: kernels and memory.
  init(
    _ quantization: Quantization, channels: Int, inputType: ElementType, capacity: Int,
    in context: RunContext, _ tools: RunTools
  ) {
    self.quantization = quantization
    self.channels = channels
    self.inputType = inputType
    kernels = tools.kernels
    isCopy = quantization.copies(inputType)
    conversion = PointwiseConversion(
      Array(repeating: Normalization(), count: channels), from: inputType, kernels: tools.kernels)
    inverse = quantization.statisticsStage.map { context.inverse(ofStage: $0) }
    black =
      if case .values(let values) = quantization.division?.black { values } else { [] }
    maps = quantization.maps(channels: channels, in: context)
    self.capacity = (capacity + 63) / 64 * 64
    floats = tools.scratch.loan(
      byteCount: isCopy ? 0 : self.capacity * channels * MemoryLayout<Float>.stride)
  }

  /// Sets the map that stretches an image's smallest and largest value over the file's type.
  ///
  /// - Parameters:
  ///   - statistics: Those of all colours of the image.
  ///   - valuesPerChannel: How many values these are.
  func stretch(over statistics: RowStatistics, valuesPerChannel: Int) {
    let valueCount = valuesPerChannel * quantization.stretchedChannels(of: channels)
    maps = quantization.stretched(
      from: statistics.minimum, to: statistics.maximum, channels: channels)
    notFiniteCount = valueCount - statistics.finiteCount
    stretchedCount = valueCount
  }

  /// Statistics of the colours of some values, given the first of each channel.
  func statistics(of count: Int, _ source: (Int) -> UnsafeRawPointer) -> RowStatistics {
    prepareMaps()
    var statistics = RowStatistics()
    for channel in 0..<quantization.stretchedChannels(of: channels) {
      statistics.add(kernels.statistics(straight(source, channel, count, .identity), count))
    }
    return statistics
  }

  /// Turns `count` values of every channel, given the first of each, and where they go.
  func quantize(
    _ count: Int, from source: (Int) -> UnsafeRawPointer,
    to destination: (Int) -> UnsafeMutableRawPointer
  ) {
    prepareMaps()
    for channel in 0..<channels {
      let isMapped = quantization.division != nil && channel < channels - 1
      let values = straight(source, channel, count, maps[channel])
      let saturated = quantize(
        values, count, to: destination(channel), isMapped ? .identity : maps[channel])
      guard let saturated else { continue }
      let rounded = QuantizationCounts(saturated: saturated, quantized: count)
      if quantization.opacityMap != nil, channel == channels - 1 {
        // In shares of full opacity, whatever units flow.
        opacity.add(
          rounded,
          quantization.watchesOpacity ? statistics(values, count, share(of: maps[channel])) : nil)
      } else {
        colors.add(
          rounded,
          quantization.watch.flatMap { watch in
            watch.bounds == nil
              ? statistics(values, count, isMapped ? maps[channel].undone : .identity) : nil
          })
      }
    }
  }

  /// What is to be told of the image, once all of it was turned.
  ///
  /// - Parameter counts: What a step has rounded before, in place of this.
  /// - Returns: One for each oddity; none where there is nothing to tell.
  func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning] {
    var warnings: [RunWarning] = []
    let oddCount = colors.notFiniteCount + opacity.notFiniteCount
    if notFiniteCount > 0 {
      warnings.append(.notFinite(count: notFiniteCount, total: stretchedCount))
    } else if oddCount > 0 {
      warnings.append(.notFiniteIntegers(count: oddCount, total: self.counts.quantized))
    }
    var rounded = self.counts.quantized > 0 ? colors.finiteCounts : counts ?? self.counts
    // Steps that round count opacity with the colours.
    if !quantization.watchesOpacity { rounded = rounded + opacity.finiteCounts }
    if let watch = quantization.watch, watch.isPassed(by: rounded) {
      warnings.append(.saturated(.init(counts: rounded, scale: watch, met: colors.met)))
    }
    if quantization.watchesOpacity, let met = opacity.met,
      SaturationWatch.opacity.isPassed(by: opacity.finiteCounts)
    {
      warnings.append(.opacity(opacity.finiteCounts, met: met))
    }
    return warnings
  }

  /// Completes what the image's statistics say: they are known once the first values come.
  private func prepareMaps() {
    guard let inverse else { return }
    if case .perImage(_, let channels, let then) = quantization.map, maps.isEmpty {
      maps = inverse.inverses(of: channels, then: then)
    }
    if case .perImage(_, let channels) = quantization.division?.black, black.isEmpty {
      black = inverse.inverses(of: channels, then: .identity).map(\.root)
    }
  }

  /// Values of one channel as floats; where they were multiplied by opacity they are divided by it,
  /// and mapped in double precision.
  private func straight(
    _ source: (Int) -> UnsafeRawPointer, _ channel: Int, _ count: Int, _ map: Affine
  ) -> UnsafePointer<Float> {
    let values = floats(source(channel), channel, count)
    guard let division = quantization.division, channel < channels - 1 else { return values }
    let alpha = floats(source(channels - 1), channels - 1, count)
    let divided = floats.pointer(to: Float.self) + channel * capacity
    let black = black[channel]
    for x in 0..<count {
      let opacity = Double(alpha[x]) / division.opaque
      let value = opacity > 0 ? (Double(values[x]) - black) / opacity + black : black
      divided[x] = Float(value * map.scale + map.offset)
    }
    return UnsafePointer(divided)
  }

  private func floats(
    _ source: UnsafeRawPointer, _ channel: Int, _ count: Int
  ) -> UnsafePointer<Float> {
    if inputType == .float32 { return source.assumingMemoryBound(to: Float.self) }
    let destination = floats.pointer(to: Float.self) + channel * capacity
    conversion.convert(source, channel: channel, into: destination, count: count)
    return UnsafePointer(destination)
  }

  /// Maps and rounds values of one channel; returns how many integers did not fit.
  private func quantize(
    _ source: UnsafePointer<Float>, _ count: Int, to destination: UnsafeMutableRawPointer,
    _ map: Affine
  ) -> Int? {
    if quantization.elementType == .float32 {
      kernels.normalizeF32(
        source, Normalization(scale: map.scale, mean: -Float(map.offset)),
        destination.assumingMemoryBound(to: Float.self), count)
      return nil
    }
    var values = source
    var scale = Float(map.scale)
    var offset = Float(map.offset)
    if map.isSteep {
      let mapped = floats.pointer(to: Float.self)
      for x in 0..<count { mapped[x] = Float((Double(source[x]) - map.root) * map.scale) }
      (values, scale, offset) = (UnsafePointer(mapped), 1, 0)
    } else if map.cancels {
      let centred = floats.pointer(to: Float.self)
      kernels.normalizeF32(source, Normalization(mean: Float(map.root)), centred, count)
      (values, offset) = (UnsafePointer(centred), 0)
    }
    if quantization.elementType == .uint8 {
      return kernels.quantizeToU8(
        values, destination.assumingMemoryBound(to: UInt8.self), count, scale, offset)
    }
    return kernels.quantizeToU16(
      values, destination.assumingMemoryBound(to: UInt16.self), count, scale, offset)
  }

  /// The map to shares of the largest integer instead.
  private func share(of map: Affine) -> Affine {
    let maximum = Double(quantization.elementType.maximum ?? 1)
    return Affine(scale: map.scale / maximum, offset: map.offset / maximum)
  }

  /// Which finite values were met, in other units.
  private func statistics(
    _ values: UnsafePointer<Float>, _ count: Int, _ units: Affine
  ) -> RoundedValues.Met {
    let statistics = kernels.statistics(values, count)
    guard statistics.finiteCount > 0 else { return .init(finiteCount: 0) }
    let ends = [statistics.minimum, statistics.maximum].map {
      Float(Double($0) * units.scale + units.offset)
    }
    return .init(
      finiteCount: statistics.finiteCount, values: min(ends[0], ends[1])...max(ends[0], ends[1]))
  }
}
