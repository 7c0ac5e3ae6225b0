import Glibc

/// How the pixels of an image of another size are made of those around them.
///
/// Source: the filters of Pillow, to the bit.
public enum ResizeFilter: String, Hashable, Sendable, CaseIterable {
  /// The pixel in whose place it stands.
  case nearest
  /// The mean of what it covers.
  case box
  /// A triangle.
  case bilinear
  /// As sharp as bicubic, and without values beyond those of the image.
  case hamming
  /// Keys' cubic, a = −½.
  case bicubic
  /// Three lobes of a windowed sinc.
  case lanczos

  /// How far a pixel looks to both sides, where the image does not become smaller [px].
  var support: Double {
    switch self {
    case .nearest, .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// Whether no weight is below 0, so that values stay within those of the image.
  package var staysInside: Bool {
    switch self {
    case .nearest, .box, .bilinear, .hamming: true
    case .bicubic, .lanczos: false
    }
  }

  /// The weight of a pixel at a distance, before all of them are made to sum to 1.
  func weight(at x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .nearest, .box:
      return -0.5 < x && x <= 0.5 ? 1 : 0
    case .bilinear:
      return max(1 - distance, 0)
    case .hamming:
      if distance == 0 { return 1 }
      if distance >= 1 { return 0 }
      let angle = distance * Double.pi
      // Single precision is Pillow's.
      return sin(angle) / angle * (Double(0.54 as Float) + Double(0.46 as Float) * cos(angle))
    case .bicubic:
      if distance < 1 { return (1.5 * distance - 2.5) * distance * distance + 1 }
      if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * -0.5 }
      return 0
    case .lanczos:
      return -3 <= x && x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double {
    if x == 0 { return 1 }
    let angle = x * Double.pi
    return sin(angle) / angle
  }
}
