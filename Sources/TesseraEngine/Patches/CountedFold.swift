import TesseraCore
import TesseraKernels

/// unfold → transforms → fold in one pass over tiles, by the sum or divided by how many blocks touch a
/// pixel: patches never exist all at once.
struct CountedFold: TiledFold {
  let tiles: FoldTiles
  private let scatter: BlockScatter
  private let weights: FoldWeights
  /// Blocks that touch one pixel, at most.
  private let mostBlocks: Int
  private let tools: RunTools
  private var kernels: KernelSet { tools.kernels }
  private var pass: TilePass { tiles.pass }
  private var fold: FoldPatches { tiles.fold }
  private var width: Int { fold.grid.columns.size }

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.tools = tools
    tiles = FoldTiles(pass, fold)
    scatter = BlockScatter(fold, pass)
    weights = FoldWeights(fold)
    mostBlocks = fold.mostBlocks
  }

  var tableBytes: Int { pass.tableBytes.saturating(plus: weights.byteCount) }

  func scratchBytes(for rows: Int) -> Int {
    tiles.scratchBytes(for: rows).saturating(plus: scatter.sumBytes(for: rows))
  }

  func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ image: ImageTiles
  ) throws(RunError) {
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
      try transform(band, image)
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
          fold.cutMargins(of: values, pitch: pass.tileWidth)
          scatter.add(values, tile, touching, band.rows, to: sums, add)
        }
      }
    }
  }

  /// Adds transformed tiles.
  private func transform(_ band: Band, _ image: ImageTiles) throws(RunError) {
    try withSums(of: band, kernels.divideF32) { (sums, touching) throws(RunError) in
      try image.forEachTile(for: band.rows, from: band.input, tools.scratch) { tile, made in
        scatter.add(made.values, tile, touching, band.rows, to: sums, kernels.scatterAddF32)
      }
    }
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

  /// Rows to make, and where.
  private struct Band {
    var rows: Range<Int>
    var input: RowWindow
    var output: RowWindow
  }
}
