import TesseraKernels

/// The largest value of each run of neighbouring rows.
package struct TakeMaximum: TileTransform {
  /// Rows of each run, in their order.
  package var runs: [Int]
  /// Whether a row behind them, which is opacity, stays as it is.
  package var keepsLast: Bool

  package init(runs: [Int], keepsLast: Bool) {
    self.runs = runs
    self.keepsLast = keepsLast
  }

  package var commutesWithRounding: Bool { true }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: runs.count + (keepsLast ? 1 : 0), width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedMaximum(work: self, kernels: tools.kernels)
  }
}

private struct PreparedMaximum: PreparedTransform {
  let work: TakeMaximum
  let kernels: KernelSet

  var tableBytes: Int { work.runs.count * MemoryLayout<Int>.stride }

  func apply(to tile: inout Tile) {
    let pitch = tile.pitch
    var first = 0
    // A run's result lies before its rows, or in the first of them.
    let runs = work.runs + (work.keepsLast ? [1] : [])
    for (row, count) in runs.enumerated() {
      let target = tile.values + row * pitch
      if row != first { target.update(from: tile.values + first * pitch, count: pitch) }
      for next in first + 1..<first + count {
        kernels.maximum(target, tile.values + next * pitch, target, pitch)
      }
      first += count
    }
    tile.length = runs.count
  }
}
