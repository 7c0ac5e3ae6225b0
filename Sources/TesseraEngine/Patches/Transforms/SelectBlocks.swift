import Glibc
import TesseraCore
import TesseraKernels

/// A figure of one patch.
public enum PatchFigure: String, Hashable, Sendable, CaseIterable {
  /// The mean of its values.
  case mean
  /// Their deviation from it, that of a population.
  case std
  /// The bits of its histogram: gray levels in 256 bins.
  case entropy
  /// The mean of its opacity, 0…1.
  case alpha
}

/// Lets blocks go of which a figure lies outside of bounds.
package struct SelectBlocks: TileTransform {
  package var figure: PatchFigure
  /// Both are included.
  package var bounds: ClosedRange<Double>
  /// Planes of a patch, the last of them opacity where there is some.
  package var channels: Int
  package var hasAlpha: Bool
  /// What turns values into levels 0…255, for the histogram.
  package var levels: Affine
  /// The value of full opacity.
  package var opaque: Double

  package init(
    _ figure: PatchFigure, in bounds: ClosedRange<Double>, channels: Int, hasAlpha: Bool,
    levels: Affine, opaque: Double
  ) {
    self.figure = figure
    self.bounds = bounds
    self.channels = channels
    self.hasAlpha = hasAlpha
    self.levels = levels
    self.opaque = opaque
  }

  package func blockCount(of input: BlockCount) -> BlockCount { .atMost(input.maximum) }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedSelection(rule: self)
  }
}

private struct PreparedSelection: PreparedTransform {
  let rule: SelectBlocks

  func apply(to tile: inout Tile) {
    let positions = tile.length / rule.channels
    let colors = rule.hasAlpha ? rule.channels - 1 : rule.channels
    let lanes = (0..<tile.blocks.count).filter { lane in
      let figure: Double
      switch rule.figure {
      case .mean: figure = moments(tile, lane, 0..<colors * positions).mean
      case .std: figure = moments(tile, lane, 0..<colors * positions).deviation
      case .alpha:
        let opacity = colors * positions..<tile.length
        figure = opacity.isEmpty ? 1 : moments(tile, lane, opacity).mean / rule.opaque
      case .entropy: figure = entropy(tile, lane, colors: colors, positions: positions)
      }
      return rule.bounds.contains(figure)
    }
    if lanes.count < tile.blocks.count { tile.keep(lanes) }
  }

  private func moments(
    _ tile: Tile, _ lane: Int, _ rows: Range<Int>
  ) -> (mean: Double, deviation: Double) {
    let count = Double(rows.count)
    let value = { (row: Int) in Double(tile.values[row * tile.pitch + lane]) }
    let mean = rows.reduce(0) { $0 + value($1) } / count
    let squares = rows.reduce(0) { $0 + (value($1) - mean) * (value($1) - mean) }
    return (mean, (squares / count).squareRoot())
  }

  private func entropy(_ tile: Tile, _ lane: Int, colors: Int, positions: Int) -> Double {
    var bins = [Int](repeating: 0, count: 256)
    for position in 0..<positions {
      let level = { (channel: Int) -> Double in
        let value = tile.values[(channel * positions + position) * tile.pitch + lane]
        let level = Double(value) * rule.levels.scale + rule.levels.offset
        return level.isNaN ? 0 : max(0, min(255, level.rounded(.toNearestOrEven)))
      }
      let gray: Int
      if colors == 3 {
        let sum = 19_595 * Int(level(0)) + 38_470 * Int(level(1)) + 7_471 * Int(level(2))
        gray = (sum + 32_768) >> 16
      } else {
        let sum = (0..<colors).reduce(0) { $0 + level($1) }
        gray = Int((sum / Double(colors)).rounded(.toNearestOrEven))
      }
      bins[gray] += 1
    }
    return bins.reduce(0) { sum, count in
      guard count > 0 else { return sum }
      let share = Double(count) / Double(positions)
      return sum - share * log2(share)
    }
  }
}
