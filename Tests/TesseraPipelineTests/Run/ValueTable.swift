import TesseraCore

@testable import TesseraPipeline

/// What becomes of the values of a picture between its file and another, in real numbers: slow, and
/// in the order in which the documentation tells it.
struct ValueTable {
  /// Planes of values in force; colours first.
  private(set) var planes: [[Double]]
  let hasAlpha: Bool
  private let isPremultiplied: Bool
  private let sourceMaximum: Double
  /// The value of full intensity.
  private var full: Double
  /// How each colour turns back into that of the file: value · scale + offset.
  private var back: [(scale: Double, offset: Double)]

  /// Loads a picture of one or three colours, and opacity where their number is even.
  ///
  /// - Parameters:
  ///   - picture: What the file holds.
  ///   - color: keep, rgb or gray.
  ///   - alpha: keep, drop, matte (over white) or premultiply.
  init(_ picture: TestArray, color: String, alpha: String) {
    let area = picture.shape[1] * picture.shape[2]
    var planes = (0..<picture.shape[0]).map {
      Array(picture.values[$0 * area..<($0 + 1) * area])
    }
    let maximum = Double(picture.type.maximum ?? 1)
    var hasAlpha = planes.count % 2 == 0
    var opacity = hasAlpha ? planes.removeLast() : []
    if hasAlpha, alpha == "matte" {
      planes = planes.map { plane in
        plane.indices.map { place in
          let share = opacity[place] / maximum
          let value = plane[place] * share + maximum * (1 - share)
          // Luminance of what lies over a matte is rounded once, in the end.
          return color == "gray" && planes.count == 3 ? value : value.rounded()
        }
      }
    }
    if hasAlpha, alpha == "matte" || alpha == "drop" {
      hasAlpha = false
      opacity = []
    }
    if color == "rgb", planes.count == 1 { planes = Array(repeating: planes[0], count: 3) }
    if color == "gray", planes.count == 3 {
      planes = [
        (0..<area).map { place in
          let sum = 19_595 * planes[0][place] + 38_470 * planes[1][place] + 7_471 * planes[2][place]
          return ((sum + 32_768) / 65_536).rounded(.down)
        }
      ]
    }
    isPremultiplied = hasAlpha && alpha == "premultiply"
    if isPremultiplied {
      planes = planes.map { plane in zip(plane, opacity).map { $0 * $1 / maximum } }
    }
    back = planes.map { _ in (1, 0) }
    self.planes = hasAlpha ? planes + [opacity] : planes
    self.hasAlpha = hasAlpha
    sourceMaximum = maximum
    full = maximum
  }

  private var colors: Range<Int> { 0..<(hasAlpha ? planes.count - 1 : planes.count) }

  /// (value · scale − mean) / std of colours; opacity takes the scale.
  mutating func normalize(scale: Double?, mean: Double, std: Double) {
    let factor = scale ?? 1 / full
    for channel in planes.indices {
      let (mean, std) = colors.contains(channel) ? (mean, std) : (0, 1)
      planes[channel] = planes[channel].map { ($0 * factor - mean) / std }
    }
    full *= factor
    back = back.map { ($0.scale * std / factor, $0.offset + $0.scale * mean / factor) }
  }

  /// The figures of the image itself.
  mutating func normalizePerImage(_ kind: String) {
    let all = colors.flatMap { planes[$0] }.map { $0 / full }
    if kind == "minmax" {
      let (low, high) = (all.min() ?? 0, all.max() ?? 1)
      normalize(scale: nil, mean: low, std: high > low ? high - low : 1)
    } else {
      let mean = all.reduce(0, +) / Double(all.count)
      let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
      normalize(
        scale: nil, mean: mean,
        std: max(variance.squareRoot(), 1 / Double(all.count).squareRoot()))
    }
  }

  /// What a file holds: floats as they are, or integers up to `maximum`, before they are rounded.
  func file(_ range: String?, maximum: Double?) -> [[Double]] {
    var planes = planes
    if isPremultiplied, let opacity = planes.last {
      for channel in colors {
        // Black is what opacity leaves alone.
        let black = -back[channel].offset / back[channel].scale
        planes[channel] = planes[channel].indices.map { place in
          opacity[place] > 0
            ? (planes[channel][place] - black) / (opacity[place] / full) + black : black
        }
      }
    }
    guard let maximum else { return planes }
    let all = colors.flatMap { planes[$0] }
    let bounds: (low: Double, high: Double)? =
      switch range {
      case nil, "restore": nil
      case "clip": (0, full)
      case "auto": (all.min() ?? 0, all.max() ?? 1)
      default: (-0.5, 1.5)
      }
    return planes.indices.map { channel in
      planes[channel].map { value in
        guard colors.contains(channel) else { return value / full * maximum }
        guard let bounds else {
          let map = back[channel]
          return (value * map.scale + map.offset) / sourceMaximum * maximum
        }
        guard bounds.high > bounds.low else { return 0 }
        return (value - bounds.low) / (bounds.high - bounds.low) * maximum
      }
    }
  }
}
