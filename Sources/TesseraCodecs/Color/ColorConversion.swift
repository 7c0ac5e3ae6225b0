/// Conversions of interleaved pixels from one set of channels to another.
///
/// Source and destination may be the same memory where the destination has no more channels.
/// Alpha, where there is one, is the last channel.
public enum ColorConversion {
  /// CMYK to RGB by Pillow's integer rule.
  ///
  /// - Parameters:
  ///   - source: `count` pixels of 4 channels.
  ///   - destination: `count` pixels of 3 channels.
  ///   - count: Number of pixels.
  ///   - isInverted: Whether 255 is no ink, as Adobe stores it; see `ImageHeader`.
  @inlinable
  public static func cmykToRGB(
    _ source: UnsafePointer<UInt8>, to destination: UnsafeMutablePointer<UInt8>, count: Int,
    isInverted: Bool
  ) {
    let flip: UInt8 = isInverted ? 255 : 0
    for pixel in 0..<count {
      let light = 255 - Int(source[4 * pixel + 3] ^ flip)
      for channel in 0..<3 {
        let term = Int(source[4 * pixel + channel] ^ flip) &* light &+ 128
        let absorbed = ((term >> 8) &+ term) >> 8
        destination[3 * pixel + channel] = UInt8(truncatingIfNeeded: light &- absorbed)
      }
    }
  }

  /// RGB to gray: 3 channels to 1, or 4 to 2 with alpha.
  @inlinable
  public static func rgbToGray<Value: PixelValue>(
    _ source: UnsafePointer<Value>, to destination: UnsafeMutablePointer<Value>, count: Int,
    hasAlpha: Bool = false
  ) {
    if !hasAlpha {
      for pixel in 0..<count {
        let color = source + 3 * pixel
        destination[pixel] = Value.luminance(color[0], color[1], color[2])
      }
      return
    }
    for pixel in 0..<count {
      let color = source + 4 * pixel
      let alpha = color[3]
      destination[2 * pixel] = Value.luminance(color[0], color[1], color[2])
      destination[2 * pixel + 1] = alpha
    }
  }

  /// Gray to RGB of equal channels: 1 channel to 3, or 2 to 4 with alpha.
  @inlinable
  public static func grayToRGB<Value: PixelValue>(
    _ source: UnsafePointer<Value>, to destination: UnsafeMutablePointer<Value>, count: Int,
    hasAlpha: Bool = false
  ) {
    let (from, to) = hasAlpha ? (2, 4) : (1, 3)
    for pixel in 0..<count {
      let gray = source[from * pixel]
      let color = destination + to * pixel
      color[0] = gray
      color[1] = gray
      color[2] = gray
      if hasAlpha { color[3] = source[from * pixel + 1] }
    }
  }

  /// Leaves the last channel out.
  ///
  /// - Parameters:
  ///   - source: `count` pixels of `channels` channels.
  ///   - destination: `count` pixels of one channel less.
  ///   - count: Number of pixels.
  ///   - channels: Channels of the source, alpha included.
  ///   - opaque: The alpha of an opaque pixel.
  /// - Returns: Whether every pixel was opaque, so that nothing hidden has come to light.
  @inlinable
  public static func dropAlpha<Value: PixelValue>(
    _ source: UnsafePointer<Value>, to destination: UnsafeMutablePointer<Value>, count: Int,
    channels: Int, opaque: Value = .opaque
  ) -> Bool {
    let colors = channels - 1
    var isOpaque = true
    for pixel in 0..<count {
      let color = source + channels * pixel
      isOpaque = isOpaque && color[colors] >= opaque
      for channel in 0..<colors { destination[colors * pixel + channel] = color[channel] }
    }
    return isOpaque
  }

  /// Lays RGBA pixels over one colour and takes their luminance, rounded once: 4 channels to 1.
  ///
  /// - Parameters:
  ///   - source: `count` pixels of 4 channels, not premultiplied.
  ///   - destination: `count` pixels of one channel.
  ///   - count: Number of pixels.
  ///   - background: The colour: three values.
  @inlinable
  public static func composeToGray<Value: PixelValue>(
    _ source: UnsafePointer<Value>, to destination: UnsafeMutablePointer<Value>, count: Int,
    over background: [Value]
  ) {
    precondition(background.count == 3, "a value of the background for red, green and blue")
    background.withUnsafeBufferPointer { background in
      guard let background = background.baseAddress else { return }
      for pixel in 0..<count {
        let color = source + 4 * pixel
        destination[pixel] = Value.blendLuminance(color, over: background, alpha: color[3])
      }
    }
  }

  /// Lays pixels over one colour and leaves alpha out.
  ///
  /// - Parameters:
  ///   - source: `count` pixels of `channels` channels, not premultiplied.
  ///   - destination: `count` pixels of one channel less.
  ///   - count: Number of pixels.
  ///   - channels: Channels of the source, alpha included.
  ///   - background: The colour: `channels − 1` values.
  ///   - opaque: The alpha of an opaque pixel.
  @inlinable
  public static func compose<Value: PixelValue>(
    _ source: UnsafePointer<Value>, to destination: UnsafeMutablePointer<Value>, count: Int,
    channels: Int, over background: [Value], opaque: Value = .opaque
  ) {
    let colors = channels - 1
    precondition(background.count == colors, "one value of the background for each colour channel")
    background.withUnsafeBufferPointer { background in
      for pixel in 0..<count {
        let color = source + channels * pixel
        let alpha = color[colors]
        for channel in 0..<colors {
          destination[colors * pixel + channel] = Value.blend(
            color[channel], over: background[channel], alpha: alpha, opaque: opaque)
        }
      }
    }
  }
}
