import TesseraCore
import TesseraKernels

/// Cuts an image into tiles of blocks and transforms them, one tile after the other.
///
/// Tile t holds the blocks t·T ..< (t + 1)·T of the whole image in raster order, laid out D × T,
/// whatever band is asked for: so a block is always computed in the same lane of the same product,
/// and results do not depend on bands or workers.
package struct TilePass: Sendable {
  package let grid: BlockGrid
  /// The stage that has cut the blocks.
  package let unfoldStage: Int
  /// The values of a patch after all transforms.
  package let output: PatchShape
  /// How many blocks the transforms leave.
  package let blockCount: BlockCount
  /// Whether values are only copied.
  package let isCopy: Bool
  /// Whether blocks weigh differently where they overlap.
  package let weighsBlocks: Bool
  /// Whether tiles take so long that none is to be made twice.
  package let isCostly: Bool
  /// Blocks per tile.
  package let tileWidth: Int
  private let inputLength: Int
  private let channels: Int
  private let paddedRows: PaddedRows
  private let kernels: KernelSet
  private let transforms: [any PreparedTransform]
  private let longest: Int

  /// Values of a patch above which one block is a tile: more would leave every cache.
  private static let longPatch = 1 << 17

  /// Prepares a pass over the blocks of an image.
  ///
  /// - Parameters:
  ///   - unfold: the blocks.
  ///   - unfoldStage: the stage that they belong to.
  ///   - input: the rows that blocks are cut from.
  ///   - transforms: what is done to each tile; none where values are only copied.
  ///   - tools: kernels and memory.
  package init(
    _ unfold: UnfoldRows, of unfoldStage: Int, from input: RowFlow,
    transforms: [any TileTransform], _ tools: RunTools
  ) {
    grid = unfold.grid
    self.unfoldStage = unfoldStage
    isCopy = transforms.isEmpty
    paddedRows = unfold.paddedRows(of: input)
    kernels = tools.kernels
    channels = input.format.channels
    inputLength = channels * grid.rows.kernel * grid.columns.kernel
    var shapes = [PatchShape(length: inputLength, width: grid.columns.kernel)]
    var count = BlockCount.exactly(grid.blockCount)
    for transform in transforms {
      shapes.append(transform.output(of: shapes[shapes.count - 1]))
      count = transform.blockCount(of: count)
    }
    output = shapes[shapes.count - 1]
    blockCount = count
    weighsBlocks = transforms.contains { $0.weighsBlocks }
    longest = shapes.reduce(0) { max($0, $1.length) }
    let isSingle = longest > Self.longPatch && transforms.allSatisfy { $0.suitsSingleBlocks }
    isCostly = transforms.contains { $0.isCostly }
    let least = transforms.reduce(1) { max($0, $1.blocksAtOnce) }
    let pitch =
      isSingle
      ? 1 : kernels.tilePitch(depth: longest, blockCount: grid.blockCount, atLeast: least)
    tileWidth = pitch
    self.transforms = zip(transforms, shapes).map { transform, shape in
      transform.prepared(for: TileShape(patch: shape, pitch: pitch), tools)
    }
  }

  /// Whether transforms may let blocks go.
  package var dropsBlocks: Bool { blockCount != .exactly(grid.blockCount) }

  /// Number of tiles of the image.
  package var tileCount: Int { (grid.blockCount + tileWidth - 1) / tileWidth }

  /// Bytes of the transforms' tables, and of the list of blocks.
  package var tableBytes: Int {
    transforms.reduce(grid.byteCount) { $0.saturating(plus: $1.tableBytes) }
  }

  /// Floats that one worker needs: a tile, as much again where it is transformed, and what the
  /// transforms work in.
  private var scratchCount: Int {
    let halves = (isCopy ? 1 : 2).saturating(times: longest.saturating(times: tileWidth))
    return transforms.map(\.scratchCount).max().map { halves.saturating(plus: $0) } ?? halves
  }

  /// Bytes of working memory that one worker needs: those floats, and where the rows of a block lie.
  package var scratchBytes: Int {
    scratchCount.saturating(times: MemoryLayout<Float>.stride).saturating(
      plus: channels.saturating(
        times: grid.rows.kernel * MemoryLayout<UnsafeRawPointer>.stride))
  }

  /// The tiles that hold some blocks.
  package func tiles(of blocks: Range<Int>) -> Range<Int> {
    guard !blocks.isEmpty else { return 0..<0 }
    return blocks.lowerBound / tileWidth..<(blocks.upperBound - 1) / tileWidth + 1
  }

  /// The blocks of a tile.
  package func blocks(of tile: Int) -> Range<Int> {
    tile * tileWidth..<min((tile + 1) * tileWidth, grid.blockCount)
  }

  /// The image rows that some tiles are cut from.
  package func needs(tiles: Range<Int>) -> Range<Int> {
    guard !tiles.isEmpty else { return 0..<0 }
    let firstRow = tiles.lowerBound * tileWidth / grid.columns.count
    let lastBlock = min(tiles.upperBound * tileWidth, grid.blockCount) - 1
    let lastRow = lastBlock / grid.columns.count
    return paddedRows.sources(of: grid.rows.paddedRange(firstRow..<lastRow + 1))
  }

  /// Cuts a tile out of an image and calls `body` with it: row after row, `tileWidth` values apart.
  ///
  /// What lanes beyond the last block hold is of no use.
  package func withCopy<E: Element, Failure: Error>(
    of tile: Int, from input: RowWindow, as type: E.Type, _ scratch: ScratchPool,
    _ body: (UnsafeMutablePointer<E>) throws(Failure) -> Void
  ) throws(Failure) {
    try scratch.with(scratchCount, of: Float.self) { (memory) throws(Failure) in
      let values = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: E.self)
      gather(tile, from: input, into: values)
      try body(values)
    }
  }

  /// Cuts the blocks of a tile out of an image and calls `body` with them: block after block, each of
  /// them channel by channel and row by row.
  ///
  /// Only where values are copied, and columns of a window stand side by side.
  package func withBlocks<E: Element, Failure: Error>(
    of tile: Int, from input: RowWindow, as type: E.Type, _ scratch: ScratchPool,
    _ body: (UnsafeMutablePointer<E>) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(isCopy && grid.columns.dilation == 1, "windows are copied row by row")
    try scratch.with(scratchCount, of: Float.self) { (memory) throws(Failure) in
      let values = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: E.self)
      var target = values
      for block in blocks(of: tile) {
        let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
        let first = grid.columns.starts[blockColumn]
        for channel in 0..<channels {
          for element in 0..<grid.rows.kernel {
            let row = grid.rows.starts[blockRow] + element * grid.rows.dilation
            let source = input.row(row, of: paddedRows, channel: channel, as: E.self)
            target.update(from: source + first, count: grid.columns.kernel)
            target += grid.columns.kernel
          }
        }
      }
      try body(values)
    }
  }

  /// Cuts a tile out of an image of floats, transforms it, and calls `body` with what it became.
  package func withTile(
    _ tile: Int, from input: RowWindow, _ scratch: ScratchPool,
    _ body: (Tile) throws(RunError) -> Void
  ) throws(RunError) {
    if input.isCancelled { throw .cancelled }
    try scratch.with(scratchCount, of: Float.self) { (memory) throws(RunError) in
      gather(tile, from: input, into: memory)
      let size = longest * tileWidth
      var made = Tile(
        values: memory, spare: isCopy ? memory : memory + size,
        scratch: memory + (isCopy ? 1 : 2) * size, pitch: tileWidth, length: inputLength,
        blocks: BlockNumbers(blocks(of: tile)), cancellation: input.cancellation)
      for transform in transforms {
        try transform.apply(to: &made)
        if input.isCancelled { throw .cancelled }
      }
      try body(made)
    }
  }

  private func gather<E: Element>(
    _ tile: Int, from input: RowWindow, into destination: UnsafeMutablePointer<E>
  ) {
    switch E.elementType {
    case .uint8: gather(tile, from: input, into: destination, kernels.gatherU8)
    case .uint16: gather(tile, from: input, into: destination, kernels.gatherU16)
    case .float32: gather(tile, from: input, into: destination, kernels.gatherF32)
    }
  }

  private func gather<E: Element, Value>(
    _ tile: Int, from input: RowWindow, into destination: UnsafeMutablePointer<Value>,
    _ kernel: (TileGather<E>) -> Void
  ) {
    let destination = UnsafeMutableRawPointer(destination).assumingMemoryBound(to: E.self)
    let blocks = blocks(of: tile)
    if blocks.count < tileWidth {
      UnsafeMutableRawPointer(destination).initializeMemory(
        as: UInt8.self, repeating: 0, count: inputLength * tileWidth * MemoryLayout<E>.stride)
    }
    let kernelHeight = grid.rows.kernel
    withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: channels * kernelHeight) {
      rows in
      var block = blocks.lowerBound
      while block < blocks.upperBound {
        let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
        let count = min(grid.columns.count - blockColumn, blocks.upperBound - block)
        for channel in 0..<channels {
          for element in 0..<kernelHeight {
            let row = grid.rows.starts[blockRow] + element * grid.rows.dilation
            rows[channel * kernelHeight + element] = input.row(
              row, of: paddedRows, channel: channel, as: E.self)
          }
        }
        grid.columns.starts.withUnsafeBufferPointer { starts in
          kernel(
            TileGather(
              rows: UnsafePointer(rows.first), rowCount: channels * kernelHeight,
              starts: starts.first() + blockColumn, blockCount: count,
              kernelWidth: grid.columns.kernel,
              dilation: grid.columns.dilation,
              tile: destination + (block - blocks.lowerBound), pitch: tileWidth))
        }
        block += count
      }
    }
  }
}
