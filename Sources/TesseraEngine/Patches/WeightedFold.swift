import TesseraCore
import TesseraThreads

/// unfold → transforms → fold where only the values tell which blocks there are, or what they weigh.
///
/// Weights do not factor into rows and columns then, so a band of them travels beside the band of
/// sums. Pixels that nothing reaches become 0.
final class WeightedFoldStep: PreparedStep {
  let unitCount: Int
  private let pass: TilePass
  private let fold: FoldPatches
  private let tools: RunTools
  /// Tiles that are kept for the next band.
  private let tilesPerBand: Int

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.fold = fold
    self.pass = pass
    self.tools = tools
    unitCount = fold.grid.rows.size
    tilesPerBand = MadeTiles.tilesPerBand(pass, fold)
  }

  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int { pass.tableBytes }

  /// One tile, a sum per value, and a weight per pixel.
  func scratchBytes(for rows: Int) -> Int {
    let kept = rows < unitCount ? MadeTiles.byteCount(tilesPerBand, pass) : 0
    return pass.scratchBytes.saturating(plus: kept).saturating(
      plus: (fold.channels + 1).saturating(
        times: rows * fold.grid.columns.size * MemoryLayout<Float>.stride))
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    pass.needs(tiles: pass.tiles(of: fold.blocks(touching: rows)))
  }

  func step() -> any RowStep { Run(self) }

  /// The step on one image, with what it has let go.
  private final class Run: RowStep {
    private let step: WeightedFoldStep
    /// Blocks that are gone, by tile: bands that touch make the same ones.
    private let gone = Locked<[Int: Int]>([:])
    private let made: MadeTiles?

    init(_ step: WeightedFoldStep) {
      self.step = step
      made =
        step.pass.isCostly
        ? MadeTiles(step.pass, step.fold, tilesPerBand: step.tilesPerBand) : nil
    }

    var dropped: DroppedBlocks? {
      guard step.pass.dropsBlocks else { return nil }
      let count: Int
      // Tiles that reach no pixel are never made.
      if case .exactly(let left) = step.pass.blockCount {
        count = step.pass.grid.blockCount - left
      } else {
        count = gone.withLock { $0.values.reduce(0, +) }
      }
      return DroppedBlocks(unfoldStage: step.pass.unfoldStage, count: count)
    }

    func make(
      _ rows: Range<Int>, from input: RowWindow, into output: RowWindow
    ) throws(RunError) {
      let note = { (tile: Int, left: Int) in
        self.gone.withLock { $0[tile] = self.step.pass.blocks(of: tile).count - left }
      }
      guard let made else { return try step.make(rows, from: input, into: output, nil, note) }
      try made.withBand { () throws(RunError) in
        try step.make(rows, from: input, into: output, made, note)
      }
    }
  }

  private func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ made: MadeTiles?,
    _ note: (_ tile: Int, _ left: Int) -> Void
  ) throws(RunError) {
    let plane = rows.count * fold.grid.columns.size
    try tools.scratch.with((fold.channels + 1) * plane, of: Float.self) {
      (sums) throws(RunError) in
      sums.update(repeating: 0, count: (fold.channels + 1) * plane)
      let weights = sums + fold.channels * plane
      for tile in pass.tiles(of: fold.blocks(touching: rows)) {
        try withTile(tile, for: rows, from: input, made) { made in
          note(tile, made.blocks.count)
          for lane in 0..<made.blocks.count where !input.isCancelled {
            add(lane, of: made, rows, to: sums, weights)
          }
        }
      }
      divide(sums, weights, rows, into: output)
    }
  }

  private func withTile(
    _ tile: Int, for rows: Range<Int>, from input: RowWindow, _ made: MadeTiles?,
    _ body: (Tile) throws(RunError) -> Void
  ) throws(RunError) {
    guard let made else { return try pass.withTile(tile, from: input, tools.scratch, body) }
    try made.withTile(tile, for: rows, from: input, tools.scratch, body)
  }

  /// Adds one block to the pixels of some rows that it reaches.
  private func add(
    _ lane: Int, of tile: Tile, _ rows: Range<Int>, to sums: UnsafeMutablePointer<Float>,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    let (axis, columns) = (fold.grid.rows, fold.grid.columns)
    let (blockRow, blockColumn) =
      tile.blocks[lane].quotientAndRemainder(dividingBy: columns.count)
    let weight = tile.weights?[lane] ?? 1
    for i in 0..<axis.kernel {
      let row = axis.starts[blockRow] + i * axis.dilation
      guard rows.contains(row) else { continue }
      for j in 0..<columns.kernel {
        let x = columns.starts[blockColumn] + j * columns.dilation
        guard (0..<columns.size).contains(x) else { continue }
        let pixel = (row - rows.lowerBound) * columns.size + x
        weights[pixel] += weight
        for channel in 0..<fold.channels {
          let value = tile.values[
            ((channel * axis.kernel + i) * columns.kernel + j) * tile.pitch + lane]
          sums[channel * rows.count * columns.size + pixel] += weight * value
        }
      }
    }
  }

  private func divide(
    _ sums: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ rows: Range<Int>,
    into output: RowWindow
  ) {
    let width = fold.grid.columns.size
    for channel in 0..<fold.channels {
      for (index, row) in rows.enumerated() {
        let target = output.row(row, channel: channel, as: Float.self)
        for x in 0..<width {
          let sum = sums[(channel * rows.count + index) * width + x]
          let weight = weights[index * width + x]
          target[x] = !fold.dividesByCount ? sum : weight == 0 ? 0 : sum / weight
        }
      }
    }
  }
}
