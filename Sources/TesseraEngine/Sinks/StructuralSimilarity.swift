import Glibc
import TesseraCore

/// Mean structural similarity of two images whose rows arrive one after the other.
///
/// Weights are Gaussian, σ 1.5 over 11 × 11 pixels; covariances are those of the population; the
/// mean runs over the pixels whose whole window lies inside, then over channels. A window with a value
/// that is not finite does not count; one where the images differ in that has no similarity. Source:
/// Wang et
/// al. 2004 with the conventions of scikit-image's `structural_similarity(gaussian_weights=True,
/// sigma=1.5, use_sample_covariance=False)`.
struct StructuralSimilarity {
  /// Rows and columns of the window.
  static let windowSize = 11

  /// x, y, x², y² and xy.
  private static let meanCount = 5
  /// What a value that is not finite adds to its windows, and one that only one image has: far more
  /// than all weights of a window together.
  private static let (odd, apart) = (1.0, 1e9)

  private let type: ElementType
  private let width: Int
  private let channels: Int
  private let weights: [Double]
  private let stabilizers: (luminance: Double, contrast: Double)
  private var row = 0
  private var sums: [Double]
  /// Windows that count, for each channel.
  private var windowCounts: [Double]
  /// For each channel, the last 11 rows of the maps, filtered along the row:
  /// slot · maps · inner + map · inner + column.
  private var history: [[Double]]

  init(channels: Int, width: Int, type: ElementType, dataRange: Double) {
    self.type = type
    self.channels = channels
    self.width = width
    let radius = Double(Self.windowSize / 2)
    let gaussian = (0..<Self.windowSize).map { exp(-pow(Double($0) - radius, 2) / (2 * 1.5 * 1.5)) }
    let total = gaussian.reduce(0, +)
    weights = gaussian.map { $0 / total }
    stabilizers = (pow(0.01 * dataRange, 2), pow(0.03 * dataRange, 2))
    sums = Array(repeating: 0, count: channels)
    windowCounts = sums
    let inner = max(width - Self.windowSize + 1, 0)
    history = Array(
      repeating: Array(repeating: 0, count: Self.windowSize * Self.mapCount(of: type) * inner),
      count: channels)
  }

  /// Means that are kept: of floats also whether all are finite.
  private static func mapCount(of type: ElementType) -> Int {
    type == .float32 ? meanCount + 1 : meanCount
  }

  /// Bytes of one value's share of what is kept.
  static func historyBytes(of type: ElementType) -> Int {
    mapCount(of: type) * windowSize * MemoryLayout<Double>.stride
  }

  /// Columns whose window lies inside.
  private var inner: Int { max(width - Self.windowSize + 1, 0) }

  /// The mean over everything that was added; 1 where nothing counts.
  var mean: Double {
    let means = zip(sums, windowCounts).filter { $1 > 0 }.map { $0 / $1 }
    return means.isEmpty ? 1 : means.reduce(0, +) / Double(means.count)
  }

  /// Adds one row of one channel of both images; `isLast` ends the row.
  mutating func add(
    _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, as type: ElementType, channel: Int,
    isLast: Bool
  ) {
    switch type {
    case .uint8: add(first, second, as: UInt8.self, channel) { Double($0) }
    case .uint16: add(first, second, as: UInt16.self, channel) { Double($0) }
    case .float32: add(first, second, as: Float.self, channel) { Double($0) }
    }
    if row >= Self.windowSize - 1 { addWindows(of: channel) }
    if isLast { row += 1 }
  }

  private mutating func add<E>(
    _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, as type: E.Type, _ channel: Int,
    _ value: (E) -> Double
  ) {
    let x = first.assumingMemoryBound(to: type)
    let y = second.assumingMemoryBound(to: type)
    let inner = inner
    let maps = Self.mapCount(of: self.type)
    let slot = row % Self.windowSize * maps * inner
    let weights = weights
    history[channel].withUnsafeMutableBufferPointer { history in
      for column in 0..<inner {
        var sum = SIMD8<Double>()
        for tap in 0..<Self.windowSize {
          var (a, b) = (value(x[column + tap]), value(y[column + tap]))
          var oddness = 0.0
          if !a.isFinite || !b.isFinite {
            oddness = a == b || (a.isNaN && b.isNaN) ? Self.odd : Self.apart
            (a, b) = (0, 0)
          }
          sum += weights[tap] * SIMD8(a, b, a * a, b * b, a * b, oddness, 0, 0)
        }
        for map in 0..<maps { history[slot + map * inner + column] = sum[map] }
      }
    }
  }

  /// Adds the similarities of one row of windows: the one that ends with the current row.
  private mutating func addWindows(of channel: Int) {
    let inner = inner
    let weights = weights
    let maps = Self.mapCount(of: type)
    let (total, count) = history[channel].withUnsafeBufferPointer { history in
      var (total, count) = (0.0, 0.0)
      for column in 0..<inner {
        var mean = SIMD8<Double>()
        for tap in 0..<Self.windowSize {
          let slot = (row + 1 + tap) % Self.windowSize * maps * inner
          for map in 0..<maps { mean[map] += weights[tap] * history[slot + map * inner + column] }
        }
        if mean[Self.meanCount] > 0 {
          if mean[Self.meanCount] > 2 * Self.odd { count += 1 }
          continue
        }
        count += 1
        let (x, y) = (mean[0], mean[1])
        let (varianceX, varianceY) = (mean[2] - x * x, mean[3] - y * y)
        let covariance = mean[4] - x * y
        let (c1, c2) = stabilizers
        total +=
          (2 * x * y + c1) * (2 * covariance + c2)
          / ((x * x + y * y + c1) * (varianceX + varianceY + c2))
      }
      return (total, count)
    }
    sums[channel] += total
    windowCounts[channel] += count
  }
}
