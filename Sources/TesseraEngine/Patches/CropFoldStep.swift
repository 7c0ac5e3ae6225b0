import TesseraCore

/// unfold → transforms → fold where every pixel is one block's alone: values are copied.
final class CropFoldStep: PreparedStep, RowStep {
  let unitCount: Int
  private let pass: TilePass
  private let fold: FoldPatches
  private let rows: [Range<Int>]
  private let columns: [Range<Int>]
  private let tools: RunTools

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.fold = fold
    self.pass = pass
    self.tools = tools
    rows = fold.grid.rows.croppedBlocks
    columns = fold.grid.columns.croppedBlocks
    unitCount = fold.grid.rows.size
  }

  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int {
    pass.tableBytes.saturating(
      plus: (rows.count + columns.count) * MemoryLayout<Range<Int>>.stride)
  }

  func scratchBytes(for rows: Int) -> Int { pass.scratchBytes }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    pass.needs(tiles: pass.tiles(of: fold.blocks(touching: rows)))
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError) {
    switch input.format.elementType {
    case .uint8 where pass.isCopy: copy(rows, from: input, into: output, as: UInt8.self)
    case .uint16 where pass.isCopy: copy(rows, from: input, into: output, as: UInt16.self)
    case .uint8, .uint16: preconditionFailure("patches are transformed as floats")
    case .float32:
      for tile in pass.tiles(of: fold.blocks(touching: rows)) {
        try pass.withTile(tile, from: input, tools.scratch) { made in
          place(UnsafePointer(made.values), tile, rows, into: output)
        }
      }
    }
  }

  private func copy<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type
  ) {
    for tile in pass.tiles(of: fold.blocks(touching: rows)) where !input.isCancelled {
      pass.withCopy(of: tile, from: input, as: type, tools.scratch) { values in
        place(UnsafePointer(values), tile, rows, into: output)
      }
    }
  }

  /// Copies what belongs to the blocks of a tile.
  private func place<E: Element>(
    _ values: UnsafePointer<E>, _ tile: Int, _ rows: Range<Int>, into output: RowWindow
  ) {
    let (patch, grid) = (fold.patchSize, fold.grid)
    for (lane, block) in pass.blocks(of: tile).enumerated() {
      let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      let own = columns[blockColumn]
      let left = own.lowerBound - grid.columns.starts[blockColumn] + fold.margin.width
      for y in self.rows[blockRow].clamped(to: rows) where !own.isEmpty {
        let i = y - grid.rows.starts[blockRow] + fold.margin.height
        for channel in 0..<fold.channels {
          var source =
            values + ((channel * patch.height + i) * patch.width + left) * pass.tileWidth + lane
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
