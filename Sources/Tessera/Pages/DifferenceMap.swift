import TesseraCore
import TesseraEngine

/// Differences from what was loaded, from black over red and yellow to white.
struct DifferenceMap {
  /// The largest difference that is seen.
  let largest: Double
  /// The picture; `nil` where nothing differs.
  let sheet: DrawnSheet?

  init(_ view: StageView) {
    let count = view.size.height * view.size.width
    var differences = [Float](repeating: 0, count: count)
    for (index, value) in view.values.enumerated() {
      differences[index % count] = max(differences[index % count], value)
    }
    let finite = differences.filter(\.isFinite)
    let largest = finite.max() ?? 0
    self.largest = Double(largest)
    guard differences.contains(where: { $0 != 0 }) else {
      sheet = nil
      return
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * count)
    for difference in differences {
      let share = largest > 0 && difference.isFinite ? difference / largest : 1
      pixels += (0..<3).map { Self.level(share, $0) }
    }
    sheet = DrawnSheet(size: view.size, pixels: pixels)
  }

  /// The part of a colour at a share of the whole scale: square roots make small differences visible.
  private static func level(_ share: Float, _ color: Int) -> UInt8 {
    let place = share.squareRoot() * 3 - Float(color)
    return UInt8((min(max(place, 0), 1) * 255).rounded())
  }
}
