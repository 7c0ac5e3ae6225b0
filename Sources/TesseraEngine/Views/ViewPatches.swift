import TesseraCore
import TesseraKernels

/// Looks at the patches that flow by: some of them side by side, and which values all of them have.
package struct ViewPatches: PatchTap {
  /// How large the view becomes.
  package var size: ViewSize
  /// Planes of a patch.
  package var channels: Int
  /// Rows and columns of a patch.
  package var patchSize: Size
  /// Rows and columns of blocks.
  package var gridSize: Size
  /// What becomes of the values that are seen, by channel; empty where they are seen as they are.
  package var maps: [Affine]

  package init(
    _ size: ViewSize, channels: Int, patchSize: Size, gridSize: Size, maps: [Affine]
  ) {
    self.size = size
    self.channels = channels
    self.patchSize = patchSize
    self.gridSize = gridSize
    self.maps = maps
  }

  /// Values are looked at as floats.
  package func copies(_ type: ElementType) -> Bool { type == .float32 }

  package func manner(isCopy: Bool) -> String { "" }

  package func prepared(
    _ pass: TilePass, from input: RowFlow, _ tools: RunTools
  ) -> any PreparedSink {
    PreparedViewOfPatches(work: self, pass: pass, tools: tools)
  }
}

private struct PreparedViewOfPatches: PreparedSink {
  let work: ViewPatches
  let pass: TilePass
  let tools: RunTools

  var isTiled: Bool { true }
  var unitCount: Int { pass.tileCount }
  var tableBytes: Int { pass.tableBytes }

  /// The view and the counts.
  var stepBytes: Int {
    let cells = work.cells
    let size = cells.blocks.height * cells.blocks.width * cells.size.height * cells.size.width
    return size * work.channels * MemoryLayout<Float>.stride + ValueCensus.byteCount
  }

  func needs(_ tiles: Range<Int>) -> Range<Int> { pass.needs(tiles: tiles) }

  func scratchBytes(for units: Int) -> Int { pass.scratchBytes }

  func sink(in context: RunContext) throws(RunError) -> any Sink {
    PatchesView(work, pass, tools)
  }
}

extension ViewPatches {
  /// Which blocks are seen, and how large each of them.
  struct Cells {
    /// Rows and columns of blocks that are seen: those in the middle.
    var blocks: Size
    /// Row and column of the first.
    var first: (row: Int, column: Int)
    /// Pixels of each.
    var size: Size
  }

  /// Few large blocks, or many small ones.
  var cells: Cells {
    let most = Self.leastSeen
    let seenSide = max(min(most, max(gridSize.height, gridSize.width)), 1)
    // A pixel lies between two of them.
    let room = ViewSize(side: max(size.side / seenSide - 1, 1), values: size.values)
    let cell = room.size(of: patchSize, channels: channels)
    let values = size.values / max(channels * cell.height * cell.width, 1)
    let square = max(Int(Double(values).squareRoot()), 1)
    let blocks = Size(
      height: max(min(gridSize.height, size.side / (cell.height + 1), square), 1),
      width: max(min(gridSize.width, size.side / (cell.width + 1), square), 1))
    return Cells(
      blocks: blocks,
      first: ((gridSize.height - blocks.height) / 2, (gridSize.width - blocks.width) / 2),
      size: cell)
  }

  /// So many blocks are seen on a side, if there are as many.
  private static let leastSeen = 4
}

/// The view of the patches of one image.
private final class PatchesView: ViewSink {
  private let work: ViewPatches
  private let pass: TilePass
  private let tools: RunTools
  private let cells: ViewPatches.Cells
  private var values: [Float]
  private var isThere: [Bool]
  private var census = ValueCensus(of: .float32)

  init(_ work: ViewPatches, _ pass: TilePass, _ tools: RunTools) {
    self.work = work
    self.pass = pass
    self.tools = tools
    let cells = work.cells
    self.cells = cells
    let blocks = cells.blocks.height * cells.blocks.width
    values = Array(
      repeating: 0, count: work.channels * blocks * cells.size.height * cells.size.width)
    isThere = Array(repeating: false, count: blocks)
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    for tile in units {
      try pass.withTile(tile, from: input, tools.scratch) { made in
        for index in 0..<made.length {
          census.add(UnsafePointer(made.values + index * made.pitch), made.blocks.count)
        }
        for lane in 0..<made.blocks.count { see(made, lane) }
      }
    }
  }

  func finish() throws(RunError) {}

  var view: StageView {
    StageView(
      subject: .patches(blocks: cells.blocks), channels: work.channels,
      size: Size(
        height: cells.blocks.height * cells.size.height,
        width: cells.blocks.width * cells.size.width), values: values,
      isThere: isThere.allSatisfy(\.self) ? nil : isThere, firstBlock: cells.first,
      censuses: [census])
  }

  /// Draws a block, if it is one of those that are seen.
  private func see(_ tile: Tile, _ lane: Int) {
    let (row, column) = tile.blocks[lane].quotientAndRemainder(dividingBy: work.gridSize.width)
    let (y, x) = (row - cells.first.row, column - cells.first.column)
    guard (0..<cells.blocks.height).contains(y), (0..<cells.blocks.width).contains(x) else {
      return
    }
    isThere[y * cells.blocks.width + x] = true
    let (patch, cell) = (work.patchSize, cells.size)
    let width = cells.blocks.width * cell.width
    let plane = cells.blocks.height * cell.height * width
    for channel in 0..<work.channels {
      let map = work.maps.isEmpty ? .identity : work.maps[channel]
      for cellRow in 0..<cell.height {
        let rows = Self.sources(of: cellRow, cell.height, patch.height)
        for cellColumn in 0..<cell.width {
          var sum = 0.0
          let columns = Self.sources(of: cellColumn, cell.width, patch.width)
          for row in rows {
            for column in columns {
              let place = (channel * patch.height + row) * patch.width + column
              sum += Double(tile.values[place * tile.pitch + lane])
            }
          }
          let mean = sum / Double(rows.count * columns.count)
          values[
            channel * plane + (y * cell.height + cellRow) * width + x * cell.width + cellColumn] =
            Float(mean * map.scale + map.offset)
        }
      }
    }
  }

  /// The rows or columns of a patch that fall on one of its cell.
  private static func sources(of index: Int, _ count: Int, _ patch: Int) -> Range<Int> {
    (index * patch + count - 1) / count..<((index + 1) * patch + count - 1) / count
  }
}
