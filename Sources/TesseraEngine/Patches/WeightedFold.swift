import TesseraCore
import TesseraKernels

/// unfold → transforms → fold divided by what values weigh: by their place in a window, or because
/// their block does.
///
/// Sums are of double precision, so that what is divided at the end is exact to the rounding of the
/// products, however many blocks overlap.
struct WeightedFold: TiledFold {
  let tiles: FoldTiles
  private let scatter: BlockScatter
  /// What the values of a window weigh; empty for all the same.
  private let weights: [Float]
  /// The sums of those weights; `nil` where blocks weigh differently.
  private let divisors: WindowDivisors?
  /// The scatter of weights alone, where blocks weigh differently.
  private let weightScatter: BlockScatter
  private let tools: RunTools
  private var pass: TilePass { tiles.pass }
  private var fold: FoldPatches { tiles.fold }

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.tools = tools
    let weights = fold.window?.weights(fold.grid.kernelSize).map { Float($0) } ?? []
    let kernels = tools.kernels
    tiles = FoldTiles(pass, fold) { Self.weigh($0, by: weights, fold, kernels) }
    scatter = BlockScatter(fold, pass)
    weightScatter = BlockScatter(
      FoldPatches(fold.grid, channels: 1, dividesByCount: true), pass)
    self.weights = weights
    divisors =
      pass.weighsBlocks ? nil : fold.window.map { WindowDivisors($0, fold.grid, weights) }
  }

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
    return tiles.scratchBytes(for: rows).saturating(plus: scatter.sumBytes(for: rows))
      .saturating(plus: divisorRows * width * MemoryLayout<Double>.stride)
      .saturating(plus: tile * MemoryLayout<Float>.stride)
  }

  func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ image: ImageTiles
  ) throws(RunError) {
    let count = fold.channels * rows.count * width
    let divisorCount = (pass.weighsBlocks ? rows.count : 1) * width
    let touching = fold.blocks(touching: rows)
    try tools.scratch.with(count + divisorCount, of: Double.self) { (sums) throws(RunError) in
      sums.update(repeating: 0, count: count + divisorCount)
      let divisors = sums + count
      try image.forEachTile(for: rows, from: input, tools.scratch) { tile, made in
        scatter.add(made.values, tile, touching, rows, to: sums, tools.kernels.scatterAddF64)
        if pass.weighsBlocks { addWeights(of: made, tile, touching, rows, to: divisors) }
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

  /// Multiplies the values of a tile by what they weigh.
  private static func weigh(
    _ tile: Tile, by weights: [Float], _ fold: FoldPatches, _ kernels: KernelSet
  ) {
    let windowLength = fold.grid.rows.kernel * fold.grid.columns.kernel
    for channel in 0..<fold.channels {
      for place in 0..<windowLength {
        let row = tile.values + (channel * windowLength + place) * tile.pitch
        if !weights.isEmpty { kernels.scaleRow(row, weights[place], row, tile.pitch) }
        tile.weights?.withUnsafeBufferPointer {
          kernels.multiplyRows(row, $0.first(), row, $0.count)
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
