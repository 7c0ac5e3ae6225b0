import TesseraCore
import TesseraKernels

/// unfold → transforms → fold divided by the sum of window weights.
///
/// Each value is multiplied by its weight; sums are of double precision, so that what is divided at the
/// end is exact to the rounding of those products, however many blocks overlap.
final class WindowFoldStep: PreparedStep, RowStep {
  let unitCount: Int
  private let pass: TilePass
  private let fold: FoldPatches
  private let scatter: BlockScatter
  /// What the values of a window weigh.
  private let weights: [Float]
  private let divisors: WindowDivisors
  private let tools: RunTools

  init(_ fold: FoldPatches, _ window: FoldWindow, _ pass: TilePass, _ tools: RunTools) {
    self.fold = fold
    self.pass = pass
    self.tools = tools
    scatter = BlockScatter(fold, pass)
    weights = window.weights(fold.grid.kernelSize).map { Float($0) }
    divisors = WindowDivisors(window, fold.grid, weights)
    unitCount = fold.grid.rows.size
  }

  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int {
    pass.tableBytes.saturating(
      plus: weights.count * MemoryLayout<Float>.stride + divisors.byteCount)
  }

  /// What the sums need, and a divisor per pixel of a row.
  func scratchBytes(for rows: Int) -> Int {
    scatter.scratchBytes(for: rows).saturating(
      plus: fold.grid.columns.size * MemoryLayout<Double>.stride)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    pass.needs(tiles: pass.tiles(of: fold.blocks(touching: rows)))
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError) {
    let width = fold.grid.columns.size
    let count = fold.channels * rows.count * width
    let touching = fold.blocks(touching: rows)
    try tools.scratch.with(count, of: Double.self) { (sums) throws(RunError) in
      sums.update(repeating: 0, count: count)
      for tile in pass.tiles(of: touching) {
        try pass.withTile(tile, from: input, tools.scratch) { made in
          scatter.add(made.values, tile, touching, rows, to: sums) { run in
            weigh(run)
            tools.kernels.scatterAddF64(run)
          }
        }
      }
      tools.scratch.with(width, of: Double.self) { row in
        for (index, y) in rows.enumerated() {
          divisors.fill(row, y)
          for channel in 0..<fold.channels {
            divide(
              sums + (channel * rows.count + index) * width, row,
              into: output.row(y, channel: channel, as: Float.self))
          }
        }
      }
    }
  }

  /// Multiplies the values of some blocks by what they weigh: each block is in one run of a band.
  private func weigh(_ run: TileScatter<Float, Double>) {
    let tile = UnsafeMutablePointer(mutating: run.tile)
    for channel in 0..<fold.channels {
      for (place, weight) in weights.enumerated() {
        let row = tile + (channel * weights.count + place) * run.pitch
        tools.kernels.scaleRow(row, weight, row, run.blockCount)
      }
    }
  }

  private func divide(
    _ sums: UnsafePointer<Double>, _ divisors: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Float>
  ) {
    for x in 0..<fold.grid.columns.size {
      row[x] = divisors[x] > 0 ? Float(sums[x] / divisors[x]) : 0
    }
  }
}

/// What blocks weigh together at each pixel.
struct WindowDivisors: Sendable {
  private let grid: BlockGrid
  /// The weights of a window, where they are no products.
  private let weights: [Float]
  /// The sums along both axes, where weights are products.
  private let sums: (rows: [Double], columns: [Double])?

  init(_ window: FoldWindow, _ grid: BlockGrid, _ weights: [Float]) {
    self.grid = grid
    self.weights = weights
    sums = window.axes(grid.kernelSize).map {
      (rows: grid.rows.sums(of: $0.rows), columns: grid.columns.sums(of: $0.columns))
    }
  }

  var byteCount: Int {
    grid.byteCount + ((sums?.rows.count ?? 0) + (sums?.columns.count ?? 0))
      * MemoryLayout<Double>.stride
  }

  /// Writes the divisors of an image row.
  func fill(_ divisors: UnsafeMutablePointer<Double>, _ row: Int) {
    let width = grid.columns.size
    if let sums {
      for x in 0..<width { divisors[x] = sums.rows[row] * sums.columns[x] }
      return
    }
    divisors.update(repeating: 0, count: width)
    let (rows, columns) = (grid.rows, grid.columns)
    weights.withUnsafeBufferPointer { weights in
      for blockRow in rows.blocks(reaching: row..<row + 1) {
        let (element, rest) =
          (row - rows.starts[blockRow]).quotientAndRemainder(dividingBy: rows.dilation)
        guard rest == 0 else { continue }
        let line = weights.first() + element * columns.kernel
        for start in columns.starts {
          for column in 0..<columns.kernel {
            let x = start + column * columns.dilation
            if x >= 0, x < width { divisors[x] += Double(line[column]) }
          }
        }
      }
    }
  }
}

extension AxisGrid {
  /// What the blocks over each row or column weigh together.
  fileprivate func sums(of weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    for start in starts {
      for (element, weight) in weights.enumerated() {
        let position = start + element * dilation
        if (0..<size).contains(position) { sums[position] += weight }
      }
    }
    return sums
  }
}
