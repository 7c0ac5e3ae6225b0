import TesseraCore
import TesseraThreads

/// A fold, prepared: image rows from the tiles under them.
///
/// For a band of output rows, every tile with a block that touches the band is cut, transformed and put
/// in its place in block order; the rows of a block outside the band are left to the neighbouring bands,
/// which make the same tile again, unless that takes so long that it is kept.
protocol TiledFold: PreparedStep {
  /// The tiles that are folded.
  var tiles: FoldTiles { get }
  /// Makes image rows from the tiles of one image.
  func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ image: ImageTiles
  ) throws(RunError)
}

extension TiledFold {
  var unitCount: Int { tiles.fold.grid.rows.size }

  /// Bands overlap by the window, so a band several windows high repeats little.
  var preferredUnits: Int { 4 * tiles.fold.grid.rows.extent }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    tiles.pass.needs(tiles: tiles.pass.tiles(of: tiles.fold.blocks(touching: rows)))
  }

  func step() -> any RowStep { FoldStep(self) }
}

/// The tiles of a pass, as a fold wants them.
struct FoldTiles: Sendable {
  let pass: TilePass
  let fold: FoldPatches
  /// Done to every tile once it is made, its margins cut off.
  private let prepare: @Sendable (Tile) -> Void
  /// Tiles that are kept for the next band.
  private let tilesPerBand: Int

  init(
    _ pass: TilePass, _ fold: FoldPatches, prepare: @escaping @Sendable (Tile) -> Void = { _ in }
  ) {
    self.pass = pass
    self.fold = fold
    self.prepare = prepare
    tilesPerBand = MadeTiles.tilesPerBand(pass, fold)
  }

  /// Bytes of one tile, and of those that are kept, where a band makes some rows.
  func scratchBytes(for rows: Int) -> Int {
    let kept = rows < fold.grid.rows.size ? MadeTiles.byteCount(tilesPerBand, pass) : 0
    return pass.scratchBytes.saturating(plus: kept)
  }

  fileprivate func finish(_ tile: Tile) {
    fold.cutMargins(of: tile.values, pitch: tile.pitch)
    prepare(tile)
  }

  /// What is kept of the tiles of one image; `nil` where making them again is cheap.
  fileprivate func kept() -> MadeTiles? {
    guard pass.isCostly else { return nil }
    return MadeTiles(pass, fold, tilesPerBand: tilesPerBand) { finish($0) }
  }
}

/// The tiles of one image, made as bands ask for them.
final class ImageTiles: Sendable {
  private let tiles: FoldTiles
  private let made: MadeTiles?
  /// Blocks that are gone, by tile: bands that touch make the same ones.
  private let gone = Locked<[Int: Int]>([:])

  init(_ tiles: FoldTiles) {
    self.tiles = tiles
    made = tiles.kept()
  }

  /// Counts a band as worked on while `body` runs.
  func withBand(_ body: () throws(RunError) -> Void) throws(RunError) {
    guard let made else { return try body() }
    try made.withBand(body)
  }

  /// Calls `body` with every tile whose blocks touch some rows, in order.
  func forEachTile(
    for rows: Range<Int>, from input: RowWindow, _ scratch: ScratchPool,
    _ body: (Int, Tile) throws(RunError) -> Void
  ) throws(RunError) {
    let pass = tiles.pass
    for tile in pass.tiles(of: tiles.fold.blocks(touching: rows)) {
      func take(_ made: Tile) throws(RunError) {
        if pass.dropsBlocks {
          self.gone.withLock { $0[tile] = pass.blocks(of: tile).count - made.blocks.count }
        }
        try body(tile, made)
      }
      if let made {
        try made.withTile(tile, for: rows, from: input, scratch, take)
      } else {
        try pass.withTile(tile, from: input, scratch) { fresh throws(RunError) in
          tiles.finish(fresh)
          try take(fresh)
        }
      }
    }
  }

  /// How many blocks were let go; `nil` where none can be.
  var dropped: DroppedBlocks? {
    let pass = tiles.pass
    guard pass.dropsBlocks else { return nil }
    let count: Int
    // Tiles that reach no pixel are never made.
    if case .exactly(let left) = pass.blockCount {
      count = pass.grid.blockCount - left
    } else {
      count = gone.withLock { $0.values.reduce(0, +) }
    }
    return DroppedBlocks(unfoldStage: pass.unfoldStage, count: count)
  }
}

/// A fold of one image.
private final class FoldStep: RowStep {
  private let work: any TiledFold
  private let image: ImageTiles

  init(_ work: any TiledFold) {
    self.work = work
    image = ImageTiles(work.tiles)
  }

  var dropped: DroppedBlocks? { image.dropped }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError) {
    try image.withBand { () throws(RunError) in
      try work.make(rows, from: input, into: output, image)
    }
  }
}
