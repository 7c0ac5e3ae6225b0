import TesseraCore
import TesseraKernels

/// Turns values in force into those of a file, as a `Quantization` says: rows of images, rows of tiles.
///
/// The only way from values to files.
final class Quantizer {
  /// What was rounded so far.
  private(set) var counts = QuantizationCounts()
  /// Whether values are written as they are.
  let isCopy: Bool

  private let quantization: Quantization
  private let channels: Int
  private let inputType: ElementType
  private let kernels: KernelSet
  private let conversion: PointwiseConversion
  /// Keeps the inverse of each image, where the map depends on that.
  private let inverse: (any ImageInverse)?
  private var maps: [Affine]
  private let floats: ScratchPool.Loan
  /// Values of one channel at a time, at most.
  private let capacity: Int

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
    if case .perImage(let stage, _, _) = quantization.map {
      inverse = context.inverses[stage]
      precondition(inverse != nil, "stages[\(stage)] keeps statistics of the image")
    } else {
      inverse = nil
    }
    maps = quantization.maps(channels: channels, in: context)
    self.capacity = (capacity + 63) / 64 * 64
    floats = tools.scratch.loan(
      byteCount: isCopy ? 0 : self.capacity * channels * MemoryLayout<Float>.stride)
  }

  /// Sets the map that stretches an image's smallest and largest value over the file's type.
  func stretch(from lower: Float, to upper: Float) {
    maps = quantization.stretched(from: lower, to: upper, channels: channels)
  }

  /// The smallest and largest colour of some values, given the first of each channel.
  func bounds(
    of count: Int, _ source: (Int) -> UnsafeRawPointer
  ) -> (lower: Float, upper: Float) {
    var (lower, upper) = (Float.infinity, -Float.infinity)
    for channel in 0..<quantization.stretchedChannels(of: channels) {
      let statistics = kernels.statistics(floats(source(channel), channel, count), count)
      lower = min(lower, statistics.minimum)
      upper = max(upper, statistics.maximum)
    }
    return (lower, upper)
  }

  /// Turns `count` values of every channel, given the first of each, and where they go.
  func quantize(
    _ count: Int, from source: (Int) -> UnsafeRawPointer,
    to destination: (Int) -> UnsafeMutableRawPointer
  ) {
    if let inverse, case .perImage(_, let channels, let then) = quantization.map, maps.isEmpty {
      // The statistics are known once the first values come.
      maps = inverse.inverses(of: channels, then: then)
    }
    if let opaque = quantization.opaqueValue {
      unpremultiply(count, opaque, from: source, to: destination)
      return
    }
    for channel in 0..<channels {
      quantize(
        floats(source(channel), channel, count), count, to: destination(channel), maps[channel])
    }
  }

  private func floats(
    _ source: UnsafeRawPointer, _ channel: Int, _ count: Int
  ) -> UnsafePointer<Float> {
    if inputType == .float32 { return source.assumingMemoryBound(to: Float.self) }
    let destination = floats.pointer(to: Float.self) + channel * capacity
    conversion.convert(source, channel: channel, into: destination, count: count)
    return UnsafePointer(destination)
  }

  private func quantize(
    _ source: UnsafePointer<Float>, _ count: Int, to destination: UnsafeMutableRawPointer,
    _ map: Affine
  ) {
    switch quantization.elementType {
    case .uint8:
      counts.saturated += kernels.quantizeToU8(
        source, destination.assumingMemoryBound(to: UInt8.self), count, Float(map.scale),
        Float(map.offset))
      counts.quantized += count
    case .uint16:
      counts.saturated += kernels.quantizeToU16(
        source, destination.assumingMemoryBound(to: UInt16.self), count, Float(map.scale),
        Float(map.offset))
      counts.quantized += count
    case .float32:
      kernels.normalizeF32(
        source, Normalization(scale: map.scale, mean: -Float(map.offset)),
        destination.assumingMemoryBound(to: Float.self), count)
    }
  }

  /// Maps, divides colours by opacity, and rounds.
  private func unpremultiply(
    _ count: Int, _ opaque: Double, from source: (Int) -> UnsafeRawPointer,
    to destination: (Int) -> UnsafeMutableRawPointer
  ) {
    let last = channels - 1
    let alpha = floats(source(last), last, count)
    for channel in 0..<last {
      let colors = floats(source(channel), channel, count)
      let divided = floats.pointer(to: Float.self) + channel * capacity
      let (map, alphaMap) = (maps[channel], maps[last])
      for x in 0..<count {
        let opacity = (Double(alpha[x]) * alphaMap.scale + alphaMap.offset) / opaque
        let value = Double(colors[x]) * map.scale + map.offset
        divided[x] = opacity > 0 ? Float(value / opacity) : 0
      }
      quantize(divided, count, to: destination(channel), .identity)
    }
    quantize(alpha, count, to: destination(last), maps[last])
  }
}
