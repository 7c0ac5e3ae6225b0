import TesseraCore

/// unfold → transforms → fold where blocks are left out.
///
/// What touches a pixel does not factor into rows and columns then, so a band of weights travels beside
/// that of sums. Pixels that nothing reaches become 0.
struct ThinnedFold: TiledFold {
  let tiles: FoldTiles
  private let weights: BlockWeights
  private let tools: RunTools
  private var fold: FoldPatches { tiles.fold }

  init(_ fold: FoldPatches, _ pass: TilePass, _ tools: RunTools) {
    self.tools = tools
    tiles = FoldTiles(pass, fold)
    weights = BlockWeights(fold)
  }

  var tableBytes: Int { tiles.pass.tableBytes.saturating(plus: weights.byteCount) }

  /// One tile, a sum per value, and a weight per pixel.
  func scratchBytes(for rows: Int) -> Int {
    tiles.scratchBytes(for: rows).saturating(
      plus: (fold.channels + 1).saturating(
        times: rows * fold.grid.columns.size * MemoryLayout<Float>.stride))
  }

  func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ image: ImageTiles
  ) throws(RunError) {
    let plane = rows.count * fold.grid.columns.size
    try tools.scratch.with((fold.channels + 1) * plane, of: Float.self) {
      (sums) throws(RunError) in
      sums.update(repeating: 0, count: (fold.channels + 1) * plane)
      let weights = sums + fold.channels * plane
      try image.forEachTile(for: rows, from: input, tools.scratch) { _, made in
        for lane in 0..<made.blocks.count where !input.isCancelled {
          add(lane, of: made, rows, to: sums, weights)
        }
      }
      divide(sums, weights, rows, into: output)
    }
  }

  /// Adds one block to the pixels of some rows that it reaches.
  private func add(
    _ lane: Int, of tile: Tile, _ rows: Range<Int>, to sums: UnsafeMutablePointer<Float>,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    let (axis, columns) = (fold.grid.rows, fold.grid.columns)
    let (blockRow, blockColumn) =
      tile.blocks[lane].quotientAndRemainder(dividingBy: columns.count)
    let blockWeight = tile.weights?[lane] ?? 1
    for i in 0..<axis.kernel {
      let row = axis.starts[blockRow] + i * axis.dilation
      guard rows.contains(row) else { continue }
      for j in 0..<columns.kernel {
        let x = columns.starts[blockColumn] + j * columns.dilation
        guard (0..<columns.size).contains(x) else { continue }
        let weight = blockWeight * self.weights.weight(i, j, row: blockRow, column: blockColumn)
        let pixel = (row - rows.lowerBound) * columns.size + x
        weights[pixel] += weight
        for channel in 0..<fold.channels {
          let place = (channel * axis.kernel + i) * columns.kernel + j
          let value = tile.values[place * tile.pitch + lane]
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

/// What the values of a block weigh by their place in it.
private struct BlockWeights {
  /// Those of a window, row after row; `nil` for 1.
  private let window: [Float]?
  /// The rows and columns that belong to each block alone, where patches are cropped.
  private let cropped: (rows: [Range<Int>], columns: [Range<Int>])?
  private let grid: BlockGrid

  init(_ fold: FoldPatches) {
    grid = fold.grid
    switch fold.window {
    case nil: (window, cropped) = (nil, nil)
    case .crop:
      (window, cropped) = (nil, (grid.rows.croppedBlocks, grid.columns.croppedBlocks))
    case .some(let other):
      (window, cropped) = (other.weights(grid.kernelSize).map { Float($0) }, nil)
    }
  }

  var byteCount: Int {
    (window?.count ?? 0) * MemoryLayout<Float>.stride
      + ((cropped?.rows.count ?? 0) + (cropped?.columns.count ?? 0))
      * MemoryLayout<Range<Int>>.stride
  }

  /// The weight of one element of a block.
  func weight(_ i: Int, _ j: Int, row: Int, column: Int) -> Float {
    if let window { return window[i * grid.columns.kernel + j] }
    guard let cropped else { return 1 }
    let isOwn =
      cropped.rows[row].contains(grid.rows.starts[row] + i)
      && cropped.columns[column].contains(grid.columns.starts[column] + j)
    return isOwn ? 1 : 0
  }
}
