import TesseraCodecs
import TesseraCore

/// Carries out the colour steps of a source on interleaved rows.
struct ColorConverter {
  /// Whether opacity went that was not full.
  private(set) var droppedOpacity = false

  private let steps: [ColorStep]
  private let header: ImageHeader
  /// Two rows, for conversions in turns.
  private let buffers: [ScratchPool.Loan]

  init(_ plan: SourcePlan, scratch: ScratchPool) {
    steps = plan.conversions
    header = plan.header
    // No step gives more than four channels, but for those that leave alpha out.
    let bytes =
      plan.stored.width * max(header.shape.channels, 4) * header.elementType.byteCount
    buffers = steps.prefix(2).map { _ in scratch.loan(byteCount: bytes) }
  }

  /// Converts one row of `count` pixels.
  ///
  /// - Returns: the row after every step; valid until the next call.
  mutating func convert(_ row: UnsafeMutableRawPointer, count: Int)
    -> UnsafeMutableRawPointer
  {
    switch header.elementType {
    case .uint8: convert(row, count: count, as: UInt8.self)
    case .uint16: convert(row, count: count, as: UInt16.self)
    case .float32: convert(row, count: count, as: Float.self)
    }
  }

  private mutating func convert<Value: PixelValue>(
    _ row: UnsafeMutableRawPointer, count: Int, as type: Value.Type
  ) -> UnsafeMutableRawPointer {
    var current = row.assumingMemoryBound(to: Value.self)
    var channels = header.shape.channels
    for (index, step) in steps.enumerated() {
      let next = buffers[index % 2].pointer(to: Value.self)
      switch step {
      case .cmykToRGB:
        convertInks(current, next, count)
        channels = 3
      case .grayToRGB:
        ColorConversion.grayToRGB(current, to: next, count: count, hasAlpha: channels == 2)
        channels += 2
      case .rgbToGray:
        ColorConversion.rgbToGray(current, to: next, count: count, hasAlpha: channels == 4)
        channels -= 2
      case .dropAlpha:
        let isOpaque = ColorConversion.dropAlpha(
          current, to: next, count: count, channels: channels)
        if !isOpaque { droppedOpacity = true }
        channels -= 1
      case .matte(let levels):
        ColorConversion.compose(
          current, to: next, count: count, channels: channels,
          over: levels.map { Value(share: $0) })
        channels -= 1
      case .matteToGray(let levels):
        ColorConversion.composeToGray(
          current, to: next, count: count, over: levels.map { Value(share: $0) })
        channels = 1
      }
      current = next
    }
    return UnsafeMutableRawPointer(current)
  }

  /// Only bytes hold inks: planning has refused everything else.
  private func convertInks<Value>(
    _ source: UnsafeMutablePointer<Value>, _ destination: UnsafeMutablePointer<Value>, _ count: Int
  ) {
    ColorConversion.cmykToRGB(
      UnsafeMutableRawPointer(source).assumingMemoryBound(to: UInt8.self),
      to: UnsafeMutableRawPointer(destination).assumingMemoryBound(to: UInt8.self), count: count,
      isInverted: header.isInvertedCMYK)
  }
}
