import TesseraCore
import TesseraKernels

/// unfold → transforms → fold divided by what values weigh: by their place in a window, or because
/// their block does.
///
/// Sums are of double precision, so that what is divided at the end is exact to the rounding of the
/// products, however many blocks overlap.
final class WeightedFoldStep: PreparedStep, RowStep {
  let unitCount: Int
  private let pass: TilePass
  private let fold: FoldPatches
  private let scatter: BlockScatter
  /// What the values of a window weigh; empty for all the same.
  private let weights: [Float]
  /// The sums of those weights; `nil` where blocks weigh differently.
  private let divisors: WindowDivisors?
  /// The scatter of weights alone, where blocks weigh differently.
  private let weightScatter: BlockScatter
  private let tools: RunTools

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.fold = fold
    self.pass = pass
    self.tools = tools
    scatter = BlockScatter(fold, pass)
    weightScatter = BlockScatter(
      FoldPatches(fold.grid, channels: 1, dividesByCount: true), pass)
    let values = fold.window?.weights(fold.grid.kernelSize)
    let weights = values?.map { Float($0) } ?? []
    self.weights = weights
    divisors =
      pass.weighsBlocks ? nil : fold.window.map { WindowDivisors($0, fold.grid, weights) }
    unitCount = fold.grid.rows.size
  }

  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int {
    pass.tableBytes.saturating(
      plus: weights.count * MemoryLayout<Float>.stride + (divisors?.byteCount ?? 0))
  }

  private var width: Int { fold.grid.columns.size }

  /// Values of a patch without its margins that share a weight with those of other channels.
  private var windowLength: Int { fold.grid.rows.kernel * fold.grid.columns.kernel }

  /// What the sums need, a divisor per pixel, and the weights of a tile.
  func scratchBytes(for rows: Int) -> Int {
    let divisorRows = pass.weighsBlocks ? rows : 1
    let tile = pass.weighsBlocks ? (windowLength + 1) * pass.tileWidth : 0
    return scatter.scratchBytes(for: rows)
      .saturating(plus: divisorRows * width * MemoryLayout<Double>.stride)
      .saturating(plus: tile * MemoryLayout<Float>.stride)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    pass.needs(tiles: pass.tiles(of: fold.blocks(touching: rows)))
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError) {
    let count = fold.channels * rows.count * width
    let divisorCount = (pass.weighsBlocks ? rows.count : 1) * width
    let touching = fold.blocks(touching: rows)
    try tools.scratch.with(count + divisorCount, of: Double.self) { (sums) throws(RunError) in
      sums.update(repeating: 0, count: count + divisorCount)
      let divisors = sums + count
      for tile in pass.tiles(of: touching) {
        try pass.withTile(tile, from: input, tools.scratch) { made in
          fold.cutMargins(of: made.values, pitch: pass.tileWidth)
          weigh(made)
          scatter.add(
            made.values, tile, touching, rows, to: sums, tools.kernels.scatterAddF64)
          if pass.weighsBlocks { addWeights(of: made, tile, touching, rows, to: divisors) }
        }
      }
      for (index, y) in rows.enumerated() {
        let row = divisors + (pass.weighsBlocks ? index * width : 0)
        self.divisors?.fill(row, y)
        for channel in 0..<fold.channels {
          divide(
            sums + (channel * rows.count + index) * width, row,
            into: output.row(y, channel: channel, as: Float.self))
        }
      }
    }
  }

  /// Multiplies values by what they weigh.
  private func weigh(_ tile: Tile) {
    for channel in 0..<fold.channels {
      for place in 0..<windowLength {
        let row = tile.values + (channel * windowLength + place) * tile.pitch
        if !weights.isEmpty { tools.kernels.scaleRow(row, weights[place], row, tile.pitch) }
        tile.weights?.withUnsafeBufferPointer {
          tools.kernels.multiplyRows(row, $0.first(), row, $0.count)
        }
      }
    }
  }

  /// Adds what the values of some blocks weigh, as a plane of its own.
  private func addWeights(
    of tile: Tile, _ number: Int, _ touching: Range<Int>, _ rows: Range<Int>,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let pitch = tile.pitch
    tools.scratch.with((windowLength + 1) * pitch, of: Float.self) { memory in
      let blocks = memory + windowLength * pitch
      for lane in 0..<pitch {
        blocks[lane] = lane < tile.blocks.count ? tile.weights?[lane] ?? 1 : 0
      }
      for place in 0..<windowLength {
        tools.kernels.scaleRow(
          blocks, weights.isEmpty ? 1 : weights[place], memory + place * pitch, pitch)
      }
      weightScatter.add(memory, number, touching, rows, to: sums, tools.kernels.scatterAddF64)
    }
  }

  private func divide(
    _ sums: UnsafePointer<Double>, _ divisors: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Float>
  ) {
    for x in 0..<width {
      let divisor = fold.dividesByCount ? divisors[x] : 1
      row[x] = divisor > 0 ? Float(sums[x] / divisor) : 0
    }
  }
}
