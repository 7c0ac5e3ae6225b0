import TesseraCore
import TesseraEngine

/// Differences from what was loaded, from black over red and yellow to white.
struct DifferenceMap {
  /// The picture; `nil` where nothing differs.
  let sheet: DrawnSheet?
  /// How it is to be read.
  let caption: String

  init(_ view: StageView) {
    let count = view.size.height * view.size.width
    var differences = [Float](repeating: 0, count: count)
    for (index, value) in view.values.enumerated() {
      differences[index % count] = max(differences[index % count], value)
    }
    let largest = differences.max() ?? 0
    guard largest > 0 else {
      sheet = nil
      caption = "No value differs from what was loaded."
      return
    }
    // What is infinitely far apart is white, whatever the others are.
    let finite = differences.lazy.filter(\.isFinite).max() ?? 0
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * count)
    for difference in differences {
      let share = difference.isFinite ? (finite > 0 ? difference / finite : 0) : 1
      pixels += (0..<3).map { Self.level(share, $0) }
    }
    sheet = DrawnSheet(size: view.size, pixels: pixels)
    caption = "Largest differences: black is 0, white \(PageText.number(Double(largest)))."
  }

  /// The part of a colour at a share of the whole scale: square roots make small differences visible.
  private static func level(_ share: Float, _ color: Int) -> UInt8 {
    let place = share.squareRoot() * 3 - Float(color)
    return UInt8((min(max(place, 0), 1) * 255).rounded())
  }
}
