import TesseraCore
import TesseraKernels

/// Turns rows in force into rows of a file's type, as a `Quantization` says.
package final class RowQuantizer {
  /// What was rounded so far.
  package private(set) var counts = QuantizationCounts()

  private let quantization: Quantization
  private let input: RowWindow.Format
  private let statistics: StatisticsStep?
  private let kernels: KernelSet
  private let conversion: PointwiseConversion
  private var maps: [Affine]
  private var planes: [UnsafeRawPointer] = []
  private let values: ScratchPool.Loan
  private let floats: ScratchPool.Loan
  private let pitch: Int
  /// Whether rows are written as they are.
  package let isCopy: Bool

  /// Prepares for rows of one format.
  ///
  /// - Parameters:
  ///   - quantization: what becomes of the values.
  ///   - input: format of the rows in force.
  ///   - statistics: keeps the inverse of each image, where the map depends on that.
  ///   - kernels: the arithmetic.
  ///   - scratch: lends memory.
  package init(
    _ quantization: Quantization, input: RowWindow.Format, statistics: StatisticsStep?,
    kernels: KernelSet, scratch: ScratchPool
  ) {
    self.quantization = quantization
    self.statistics = statistics
    self.input = input
    self.kernels = kernels
    conversion = PointwiseConversion(
      Array(repeating: Normalization(), count: input.channels), from: input.elementType,
      kernels: kernels)
    if case .affine(let maps) = quantization.map {
      self.maps = maps
    } else {
      maps = Array(repeating: .identity, count: input.channels)
    }
    pitch = (input.width + 63) / 64 * 64
    isCopy =
      quantization.map == .none && quantization.opaqueValue == nil
      && quantization.elementType == input.elementType
    let count = isCopy ? 0 : pitch * input.channels
    values = scratch.loan(byteCount: count * quantization.elementType.byteCount)
    floats = scratch.loan(byteCount: count * 4)
  }

  /// Sets the map that stretches an image's smallest and largest value over the file's type.
  package func stretch(from lower: Float, to upper: Float) {
    maps = quantization.stretched(from: lower, to: upper, channels: input.channels)
  }

  /// The smallest and largest colour of some rows.
  package func bounds(of rows: Range<Int>, in window: RowWindow) -> (lower: Float, upper: Float) {
    var (lower, upper) = (Float.infinity, -Float.infinity)
    for row in rows {
      for channel in 0..<quantization.stretchedChannels(of: input.channels) {
        let statistics = kernels.statistics(floatRow(row, channel, in: window), input.width)
        lower = min(lower, statistics.minimum)
        upper = max(upper, statistics.maximum)
      }
    }
    return (lower, upper)
  }

  /// One row of every channel in the file's type.
  ///
  /// Valid until the next call.
  package func row(_ row: Int, in window: RowWindow) -> [UnsafeRawPointer] {
    planes.removeAll(keepingCapacity: true)
    if let statistics, case .perImage(_, let channels, let then) = quantization.map {
      maps = statistics.inverses(of: channels, then: then)
    }
    if isCopy {
      for channel in 0..<input.channels {
        planes.append(UnsafeRawPointer(window.row(row, channel: channel)))
      }
      return planes
    }
    if let opaque = quantization.opaqueValue { return unpremultiplied(row, in: window, opaque) }
    for channel in 0..<input.channels {
      quantize(floatRow(row, channel, in: window), channel: channel, map: maps[channel])
    }
    return planes
  }

  private func floatRow(
    _ row: Int, _ channel: Int, in window: RowWindow
  ) -> UnsafeMutablePointer<Float> {
    if input.elementType == .float32 {
      return window.row(row, channel: channel, as: Float.self)
    }
    let destination = floats.pointer(to: Float.self) + channel * pitch
    conversion.convert(
      window.row(row, channel: channel), channel: channel, into: destination, count: input.width)
    return destination
  }

  private func quantize(_ source: UnsafePointer<Float>, channel: Int, map: Affine) {
    let destination =
      values.base + channel * pitch * quantization.elementType.byteCount
    switch quantization.elementType {
    case .uint8:
      counts.saturated += kernels.quantizeToU8(
        source, destination.assumingMemoryBound(to: UInt8.self), input.width, Float(map.scale),
        Float(map.offset))
      counts.quantized += input.width
    case .uint16:
      counts.saturated += kernels.quantizeToU16(
        source, destination.assumingMemoryBound(to: UInt16.self), input.width, Float(map.scale),
        Float(map.offset))
      counts.quantized += input.width
    case .float32:
      kernels.normalizeF32(
        source, Normalization(scale: map.scale, mean: -Float(map.offset)),
        destination.assumingMemoryBound(to: Float.self), input.width)
    }
    planes.append(UnsafeRawPointer(destination))
  }

  /// Maps, divides colours by opacity, and rounds.
  private func unpremultiplied(
    _ row: Int, in window: RowWindow, _ opaque: Double
  ) -> [UnsafeRawPointer] {
    let last = input.channels - 1
    let alpha = UnsafePointer(floatRow(row, last, in: window))
    let scratch = floats.pointer(to: Float.self)
    for channel in 0..<last {
      let source = floatRow(row, channel, in: window)
      let destination = scratch + channel * pitch
      let (map, alphaMap) = (maps[channel], maps[last])
      for x in 0..<input.width {
        let opacity = (Double(alpha[x]) * alphaMap.scale + alphaMap.offset) / opaque
        let value = Double(source[x]) * map.scale + map.offset
        destination[x] = opacity > 0 ? Float(value / opacity) : 0
      }
      quantize(destination, channel: channel, map: .identity)
    }
    quantize(alpha, channel: last, map: maps[last])
    return planes
  }
}

extension Quantization {
  /// How many of an image's channels its smallest and largest value are looked for in.
  package func stretchedChannels(of channels: Int) -> Int {
    opacityMap == nil ? channels : channels - 1
  }

  /// The maps that stretch an image's smallest and largest value over the file's type.
  package func stretched(from lower: Float, to upper: Float, channels: Int) -> [Affine] {
    let map = Affine.stretching(from: lower, to: upper, onto: elementType)
    let colors = Array(repeating: map, count: stretchedChannels(of: channels))
    return colors + (opacityMap.map { [$0] } ?? [])
  }
}

extension Affine {
  /// The map of an interval onto the range of an integer type; a single value becomes 0.
  package static func stretching(from lower: Float, to upper: Float, onto type: ElementType)
    -> Affine
  {
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
}
