import TesseraCore
import TesseraThreads

/// The tiles of one image that one band has made and others want, too, where making a tile takes long.
///
/// Each is made once, as long as bands are made in about their order: one that is wanted while another
/// band makes it is waited for. What is kept is bounded; a tile for which there is no room is made
/// again.
final class MadeTiles: Sendable {
  /// A tile that was made.
  struct Kept: @unchecked Sendable {
    // Nobody writes to it any more.
    var values: ScratchPool.Loan
    var tile: Tile
  }

  /// What a band does to come by a tile.
  enum Turn {
    case take(Kept)
    case make(keeps: Bool)
  }

  private struct State {
    var kept: [Int: Kept] = [:]
    var isMade: Set<Int> = []
    /// Rows under tiles that several bands want, as far as they are not made yet.
    var rowsLeft: [Int: Int] = [:]
    var bands = 0
    var mostBands = 0
  }

  private let state = Monitor(State())
  private let fold: FoldPatches
  private let pass: TilePass
  /// Tiles that are kept for every band that is worked on.
  private let tilesPerBand: Int
  /// What a fold does to a tile once it is made.
  private let finish: @Sendable (Tile) -> Void

  init(
    _ pass: TilePass, _ fold: FoldPatches, tilesPerBand: Int,
    finish: @escaping @Sendable (Tile) -> Void
  ) {
    self.pass = pass
    self.fold = fold
    self.tilesPerBand = tilesPerBand
    self.finish = finish
  }

  /// The most tiles that are kept for a band, wherever it begins and ends: those that lie on both sides
  /// of either.
  static func tilesPerBand(_ pass: TilePass, _ fold: FoldPatches) -> Int {
    guard pass.isCostly else { return 0 }
    let height = fold.grid.rows.size
    let most = (0..<height).dropFirst().reduce(0) { most, row in
      let above = pass.tiles(of: fold.blocks(touching: row - 1..<row))
      let below = pass.tiles(of: fold.blocks(touching: row..<row + 1))
      // Nothing is wanted of rows that lie under no block.
      if above.isEmpty || below.isEmpty { return most }
      return max(most, above.upperBound - below.lowerBound)
    }
    return 2 * most
  }

  /// Bytes of those tiles.
  static func byteCount(_ tilesPerBand: Int, _ pass: TilePass) -> Int {
    pass.output.length.saturating(times: pass.tileWidth)
      .saturating(times: tilesPerBand * MemoryLayout<Float>.stride)
  }

  /// Counts a band as worked on while `body` runs.
  func withBand<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    state.withLock {
      $0.bands += 1
      $0.mostBands = max($0.mostBands, $0.bands)
    }
    defer { state.withLock { $0.bands -= 1 } }
    try body()
  }

  /// Makes a tile, or takes what another band has made, and calls `body` with it.
  func withTile(
    _ tile: Int, for rows: Range<Int>, from input: RowWindow, _ scratch: ScratchPool,
    _ body: (Tile) throws(RunError) -> Void
  ) throws(RunError) {
    let span = rowsUnder(tile)
    let own = span.clamped(to: rows).count
    if own == span.count { return try make(tile, from: input, scratch, body) }
    defer { letGo(of: tile, after: own, of: span.count) }
    switch try turn(tile, input) {
    case .take(let kept): try body(kept.tile)
    case .make(let keeps):
      defer { state.withLock { _ = $0.isMade.remove(tile) } }
      try make(tile, from: input, scratch) { made throws(RunError) in
        if keeps {
          let kept = Kept(made, scratch)
          state.withLock { $0.kept[tile] = kept }
        }
        try body(made)
      }
    }
  }

  private func make(
    _ tile: Int, from input: RowWindow, _ scratch: ScratchPool,
    _ body: (Tile) throws(RunError) -> Void
  ) throws(RunError) {
    try pass.withTile(tile, from: input, scratch) { made throws(RunError) in
      finish(made)
      try body(made)
    }
  }

  private func turn(_ tile: Int, _ input: RowWindow) throws(RunError) -> Turn {
    while true {
      if input.isCancelled { throw .cancelled }
      let turn = state.wait(milliseconds: 100) { state -> Turn? in
        if let kept = state.kept[tile] { return .take(kept) }
        if state.isMade.contains(tile) { return nil }
        let keeps = state.kept.count + state.isMade.count < self.tilesPerBand * state.mostBands
        if keeps { state.isMade.insert(tile) }
        return .make(keeps: keeps)
      }
      if let turn { return turn }
    }
  }

  /// Forgets a tile once all rows under it are made.
  private func letGo(of tile: Int, after rows: Int, of all: Int) {
    state.withLock { state in
      let left = (state.rowsLeft[tile] ?? all) - rows
      state.rowsLeft[tile] = left > 0 ? left : nil
      if left <= 0 { state.kept[tile] = nil }
    }
  }

  /// The rows of the image under the blocks of a tile.
  private func rowsUnder(_ tile: Int) -> Range<Int> {
    let (axis, columns) = (fold.grid.rows, fold.grid.columns.count)
    let blocks = pass.blocks(of: tile)
    let first = max(axis.starts[blocks.lowerBound / columns], 0)
    let last = axis.starts[(blocks.upperBound - 1) / columns] + axis.extent
    return min(first, axis.size)..<max(min(last, axis.size), min(first, axis.size))
  }
}

extension MadeTiles.Kept {
  /// Copies a tile, whose memory its maker needs for the next one.
  fileprivate init(_ tile: Tile, _ pool: ScratchPool) {
    let count = tile.length * tile.pitch
    values = pool.loan(byteCount: count * MemoryLayout<Float>.stride)
    let copy = values.pointer(to: Float.self)
    copy.update(from: tile.values, count: count)
    self.tile = Tile(copyOf: tile, values: copy)
  }
}
