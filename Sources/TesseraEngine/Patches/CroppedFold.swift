import TesseraCore

/// unfold → transforms → fold where every pixel is one block's alone: values are copied.
struct CroppedFold: TiledFold {
  let tiles: FoldTiles
  private let rows: [Range<Int>]
  private let columns: [Range<Int>]
  /// Whether some pixels are no block's: they become 0.
  private let hasGaps: Bool
  private let tools: RunTools
  private var pass: TilePass { tiles.pass }
  private var fold: FoldPatches { tiles.fold }

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    tiles = FoldTiles(pass, fold)
    self.tools = tools
    rows = fold.grid.rows.croppedBlocks
    columns = fold.grid.columns.croppedBlocks
    let isReached = { (ranges: [Range<Int>], size: Int) in
      ranges.reduce(0) { $0 + $1.count } == size
    }
    hasGaps =
      !isReached(rows, fold.grid.rows.size) || !isReached(columns, fold.grid.columns.size)
  }

  var tableBytes: Int {
    pass.tableBytes.saturating(
      plus: (rows.count + columns.count) * MemoryLayout<Range<Int>>.stride)
  }

  func scratchBytes(for rows: Int) -> Int { tiles.scratchBytes(for: rows) }

  func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ image: ImageTiles
  ) throws(RunError) {
    if hasGaps { clear(rows, of: output) }
    switch input.format.elementType {
    case .uint8 where pass.isCopy: copy(rows, from: input, into: output, as: UInt8.self)
    case .uint16 where pass.isCopy: copy(rows, from: input, into: output, as: UInt16.self)
    case .uint8, .uint16: preconditionFailure("patches are transformed as floats")
    case .float32:
      try image.forEachTile(for: rows, from: input, tools.scratch) { tile, made in
        place(UnsafePointer(made.values), tile, rows, into: output)
      }
    }
  }

  private func clear(_ rows: Range<Int>, of output: RowWindow) {
    let byteCount = output.format.width * output.format.elementType.byteCount
    for row in rows {
      for channel in 0..<fold.channels {
        output.row(row, channel: channel).initializeMemory(
          as: UInt8.self, repeating: 0, count: byteCount)
      }
    }
  }

  private func copy<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type
  ) {
    for tile in pass.tiles(of: fold.blocks(touching: rows)) where !input.isCancelled {
      pass.withCopy(of: tile, from: input, as: type, tools.scratch) { values in
        fold.cutMargins(of: values, pitch: pass.tileWidth)
        place(UnsafePointer(values), tile, rows, into: output)
      }
    }
  }

  /// Copies what belongs to the blocks of a tile.
  private func place<E: Element>(
    _ values: UnsafePointer<E>, _ tile: Int, _ rows: Range<Int>, into output: RowWindow
  ) {
    let grid = fold.grid
    for (lane, block) in pass.blocks(of: tile).enumerated() {
      let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      let own = columns[blockColumn]
      let left = own.lowerBound - grid.columns.starts[blockColumn]
      for y in self.rows[blockRow].clamped(to: rows) where !own.isEmpty {
        let i = y - grid.rows.starts[blockRow]
        for channel in 0..<fold.channels {
          var source =
            values + ((channel * grid.rows.kernel + i) * grid.columns.kernel + left)
            * pass.tileWidth + lane
          let target = output.row(y, channel: channel, as: E.self)
          for x in own {
            target[x] = source.pointee
            source += pass.tileWidth
          }
        }
      }
    }
  }
}
