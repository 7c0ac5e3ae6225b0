import TesseraCore

/// A value that colours are computed with.
///
/// Integers round to the nearest, without ties: their largest value is odd.
public protocol PixelValue: Element, Comparable {
  /// The alpha of an opaque pixel: the largest integer, or 1.
  static var opaque: Self { get }

  /// A share of full intensity, 0…1, rounded to the nearest value of the type.
  init(share: Double)

  /// `foreground` where alpha is `opaque`, `background` where it is 0, in proportion between.
  static func blend(_ foreground: Self, over background: Self, alpha: Self, opaque: Self) -> Self

  /// The luminance of what `blend` makes of a colour over another, rounded once.
  static func blendLuminance(
    _ foreground: UnsafePointer<Self>, over background: UnsafePointer<Self>, alpha: Self
  ) -> Self

  /// Luminance of a colour by the weights of ITU-R BT.601, in 65536ths as Pillow has them.
  static func luminance(_ red: Self, _ green: Self, _ blue: Self) -> Self
}

/// Luminance's weights, which sum to 65536.
@usableFromInline
enum LuminanceWeight {
  @usableFromInline static var red: UInt32 { 19_595 }
  @usableFromInline static var green: UInt32 { 38_470 }
  @usableFromInline static var blue: UInt32 { 7_471 }
}

extension PixelValue where Self: FixedWidthInteger & UnsignedInteger {
  /// The largest integer.
  @inlinable @inline(__always)
  public static var opaque: Self { .max }

  /// A share of full intensity, 0…1, rounded to the nearest integer.
  public init(share: Double) {
    let level = share * Double(Self.max)
    self = Self(clamping: Int(level.rounded(.toNearestOrEven)))
  }

  /// The mean of two values, weighted by alpha and what alpha lacks to `opaque`.
  @inlinable @inline(__always)
  public static func blend(
    _ foreground: Self, over background: Self, alpha: Self, opaque: Self
  ) -> Self {
    let whole = UInt32(opaque)
    // At most 65535²: with half a divisor it still fits 32 bits.
    let sum = UInt32(foreground) &* UInt32(alpha) &+ UInt32(background) &* (whole &- UInt32(alpha))
    return Self(truncatingIfNeeded: (sum &+ whole / 2) / whole)
  }

  /// The weighted sum of three blends, divided once.
  @inlinable @inline(__always)
  public static func blendLuminance(
    _ foreground: UnsafePointer<Self>, over background: UnsafePointer<Self>, alpha: Self
  ) -> Self {
    let (alpha, rest) = (UInt64(alpha), UInt64(Self.max &- alpha))
    func blended(_ channel: Int, _ weight: UInt32) -> UInt64 {
      let sum = UInt64(foreground[channel]) &* alpha &+ UInt64(background[channel]) &* rest
      return UInt64(weight) &* sum
    }
    // At most 2¹⁶ · 65535²: it fits 64 bits.
    let sum =
      blended(0, LuminanceWeight.red) &+ blended(1, LuminanceWeight.green)
      &+ blended(2, LuminanceWeight.blue)
    let whole = UInt64(Self.max)
    return Self(truncatingIfNeeded: (sum &+ 32_768 &* whole) / (65_536 &* whole))
  }

  /// (19595 R + 38470 G + 7471 B + 32768) >> 16.
  @inlinable @inline(__always)
  public static func luminance(_ red: Self, _ green: Self, _ blue: Self) -> Self {
    let sum =
      LuminanceWeight.red &* UInt32(red) &+ LuminanceWeight.green &* UInt32(green)
      &+ LuminanceWeight.blue &* UInt32(blue)
    return Self(truncatingIfNeeded: (sum &+ 32_768) >> 16)
  }
}

extension UInt8: PixelValue {}
extension UInt16: PixelValue {}

extension Float: PixelValue {
  /// 1.
  @inlinable @inline(__always)
  public static var opaque: Float { 1 }

  /// The share itself.
  public init(share: Double) { self = Float(share) }

  /// The mean of two values, weighted by alpha and what alpha lacks to `opaque`.
  @inlinable @inline(__always)
  public static func blend(
    _ foreground: Float, over background: Float, alpha: Float, opaque: Float
  ) -> Float {
    (foreground * alpha + background * (opaque - alpha)) / opaque
  }

  /// The luminance of the three blends.
  @inlinable @inline(__always)
  public static func blendLuminance(
    _ foreground: UnsafePointer<Float>, over background: UnsafePointer<Float>, alpha: Float
  ) -> Float {
    let (red, green, blue) = (
      blend(foreground[0], over: background[0], alpha: alpha, opaque: 1),
      blend(foreground[1], over: background[1], alpha: alpha, opaque: 1),
      blend(foreground[2], over: background[2], alpha: alpha, opaque: 1)
    )
    return luminance(red, green, blue)
  }

  /// (19595 R + 38470 G + 7471 B) / 65536.
  @inlinable @inline(__always)
  public static func luminance(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    let sum =
      Float(LuminanceWeight.red) * red + Float(LuminanceWeight.green) * green
      + Float(LuminanceWeight.blue) * blue
    return sum * (1 / 65_536)
  }
}
