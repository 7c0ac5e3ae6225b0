import TesseraCore
import TesseraKernels

/// unfold → transforms → fold in one pass over tiles: patches never exist all at once.
///
/// For a band of output rows, every tile with a block that touches the band is cut, transformed and
/// added to the band's sums in block order; the rows of a block outside the band are left to the
/// neighbouring bands, which make the same tile again.
final class FoldStep: PreparedStep, RowStep {
  let unitCount: Int
  private let pass: TilePass
  private let fold: FoldPatches
  private let width: Int
  private let weights: FoldWeights
  /// Blocks that touch one pixel, at most.
  private let mostBlocks: Int
  private let tools: RunTools
  /// Tiles that are kept for the next band.
  private let tilesPerBand: Int
  /// Those of one image.
  private let made: MadeTiles?
  private var kernels: KernelSet { tools.kernels }

  init(_ fold: FoldPatches, _ pass: TilePass, to output: RowFlow, _ tools: RunTools) {
    self.pass = pass
    self.fold = fold
    self.tools = tools
    width = output.format.width
    unitCount = output.height
    weights = FoldWeights(fold)
    mostBlocks = fold.mostBlocks
    tilesPerBand = MadeTiles.tilesPerBand(pass, fold)
    made = nil
  }

  /// The same for one image, whose tiles are not made twice.
  private init(_ step: FoldStep, keeping made: MadeTiles) {
    unitCount = step.unitCount
    pass = step.pass
    fold = step.fold
    width = step.width
    weights = step.weights
    mostBlocks = step.mostBlocks
    tools = step.tools
    tilesPerBand = step.tilesPerBand
    self.made = made
  }

  /// Bands overlap by the window, so a band several windows high repeats little.
  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int { pass.tableBytes.saturating(plus: weights.byteCount) }

  /// One tile, a sum per value, and where the rows of a block go.
  func scratchBytes(for rows: Int) -> Int {
    let perChannel =
      rows * width * MemoryLayout<Double>.stride
      + fold.grid.rows.kernel * MemoryLayout<UnsafeRawPointer>.stride
    let kept = rows < unitCount ? MadeTiles.byteCount(tilesPerBand, pass) : 0
    return pass.scratchBytes.saturating(plus: fold.channels.saturating(times: perChannel))
      .saturating(plus: kept)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    pass.needs(tiles: pass.tiles(of: fold.blocks(touching: rows)))
  }

  func step() -> any RowStep {
    guard pass.isCostly else { return self }
    return FoldStep(self, keeping: MadeTiles(pass, fold, tilesPerBand: tilesPerBand))
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError) {
    let band = Band(rows: rows, input: input, output: output)
    let type = input.format.elementType
    let isExact = type.sumFitsUInt32(of: mostBlocks)
    switch (type, output.format.elementType) {
    case (.uint8, .uint8) where isExact:
      copy(band, add: kernels.scatterAddU8, divide: kernels.divideToU8)
    case (.uint16, .uint16) where isExact:
      copy(band, add: kernels.scatterAddU16, divide: kernels.divideToU16)
    case (.uint8, .uint8):
      copy(
        band, add: addWide as (TileScatter<UInt8, Double>) -> Void,
        divide: divideWide as (CoverageDivision<Double, UInt8>) -> Void)
    case (.uint16, .uint16):
      copy(
        band, add: addWide as (TileScatter<UInt16, Double>) -> Void,
        divide: divideWide as (CoverageDivision<Double, UInt16>) -> Void)
    case (.uint8, _):
      copy(
        band, add: addWide as (TileScatter<UInt8, Double>) -> Void, divide: kernels.divideF64)
    case (.uint16, _):
      copy(
        band, add: addWide as (TileScatter<UInt16, Double>) -> Void, divide: kernels.divideF64)
    case (.float32, _) where pass.isCopy:
      // Copies of one float, added and divided in double precision, give that float again.
      copy(band, add: kernels.scatterAddF64, divide: kernels.divideF64)
    case (.float32, _):
      guard let made else { return try transform(band) }
      try made.withBand { () throws(RunError) in try transform(band) }
    }
  }

  /// Adds tiles that are only copied.
  private func copy<E: Element, Sum: BitwiseCopyable & Numeric, Result: Element>(
    _ band: Band, add: (TileScatter<E, Sum>) -> Void,
    divide: (CoverageDivision<Sum, Result>) -> Void
  ) {
    withSums(of: band, divide) { sums, touching in
      for tile in pass.tiles(of: touching) where !band.input.isCancelled {
        pass.withCopy(of: tile, from: band.input, as: E.self, tools.scratch) { values in
          scatter(values, tile, touching, band.rows, into: sums, add)
        }
      }
    }
  }

  /// Adds transformed tiles.
  private func transform(_ band: Band) throws(RunError) {
    try withSums(of: band, kernels.divideF32) { (sums, touching) throws(RunError) in
      for tile in pass.tiles(of: touching) {
        try withTile(tile, of: band) { made in
          scatter(made.values, tile, touching, band.rows, into: sums, kernels.scatterAddF32)
        }
      }
    }
  }

  private func withTile(
    _ tile: Int, of band: Band, _ body: (Tile) throws(RunError) -> Void
  ) throws(RunError) {
    guard let made else {
      return try pass.withTile(tile, from: band.input, tools.scratch, body)
    }
    try made.withTile(tile, for: band.rows, from: band.input, tools.scratch, body)
  }

  private func withSums<Sum: BitwiseCopyable & Numeric, Result: Element, Failure: Error>(
    of band: Band, _ divide: (CoverageDivision<Sum, Result>) -> Void,
    _ add: (UnsafeMutablePointer<Sum>, Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    let count = fold.channels * band.rows.count * width
    try tools.scratch.with(count, of: Sum.self) { (sums) throws(Failure) in
      sums.update(repeating: 0, count: count)
      try add(sums, fold.blocks(touching: band.rows))
      fold.divide(sums, of: band.rows, by: weights, into: band.output, with: divide)
    }
  }

  private func scatter<E: Element, Sum>(
    _ values: UnsafeMutablePointer<E>, _ tile: Int, _ touching: Range<Int>, _ rows: Range<Int>,
    into sums: UnsafeMutablePointer<Sum>, _ add: (TileScatter<E, Sum>) -> Void
  ) {
    let blocks = pass.blocks(of: tile)
    forEachRun(of: blocks.clamped(to: touching), sums: sums, rows: rows) { run in
      add(
        TileScatter(
          tile: values + (run.first - blocks.lowerBound), pitch: pass.tileWidth,
          accumulators: run.accumulators, rowCount: run.rowCount, starts: run.starts,
          blockCount: run.count, kernelWidth: fold.grid.columns.kernel,
          dilation: fold.grid.columns.dilation, width: width))
    }
  }

  /// Rows to make, and where.
  private struct Band {
    var rows: Range<Int>
    var input: RowWindow
    var output: RowWindow
  }

  /// Blocks of one row of blocks, and the sums of the image rows under them.
  private struct Run<Sum> {
    var first: Int
    var count: Int
    var starts: UnsafePointer<Int>
    var accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>
    var rowCount: Int
  }

  /// Cuts blocks at the ends of the rows of blocks that they lie in.
  private func forEachRun<Sum>(
    of blocks: Range<Int>, sums: UnsafeMutablePointer<Sum>, rows: Range<Int>,
    _ body: (Run<Sum>) -> Void
  ) {
    let axes = (rows: fold.grid.rows, columns: fold.grid.columns)
    let rowCount = fold.channels * axes.rows.kernel
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Sum>?.self, capacity: rowCount) {
      accumulators in
      axes.columns.starts.withUnsafeBufferPointer { starts in
        let base = accumulators.first
        var block = blocks.lowerBound
        while block < blocks.upperBound {
          let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: axes.columns.count)
          let count = min(axes.columns.count - blockColumn, blocks.upperBound - block)
          for channel in 0..<fold.channels {
            for element in 0..<axes.rows.kernel {
              let row = axes.rows.starts[blockRow] + element * axes.rows.dilation
              let index = channel * rows.count + row - rows.lowerBound
              base[channel * axes.rows.kernel + element] =
                rows.contains(row) ? sums + index * width : nil
            }
          }
          body(
            Run(
              first: block, count: count, starts: starts.first() + blockColumn,
              accumulators: UnsafePointer(base), rowCount: rowCount))
          block += count
        }
      }
    }
  }
}
