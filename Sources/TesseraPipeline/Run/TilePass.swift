import TesseraCore
import TesseraKernels

/// Cuts an image into tiles of blocks and transforms them, one tile after the other.
///
/// Tile t holds the blocks t·T ..< (t + 1)·T of the whole image in raster order, laid out D × T,
/// whatever band is asked for: so a block is always computed in the same lane of the same product,
/// and results do not depend on bands or workers.
package struct TilePass: Sendable {
  package let geometry: UnfoldGeometry
  package let transforms: [TileTransform]
  package let inputLength: Int
  package let outputLength: Int
  /// Blocks per tile.
  package let tileWidth: Int
  private let channels: Int
  private let elementType: ElementType
  private let paddedRows: PaddedRows
  private let kernels: KernelSet
  private let transformer: TileTransformer
  private let longest: Int

  /// Prepares a pass over the blocks of an image.
  ///
  /// - Parameters:
  ///   - geometry: the blocks.
  ///   - input: format of the rows that blocks are cut from.
  ///   - paddedRows: where rows outside the image come from.
  ///   - transforms: what is done to each tile; none where values are only copied.
  ///   - kernels: the arithmetic.
  package init(
    geometry: UnfoldGeometry, input: RowWindow.Format, paddedRows: PaddedRows,
    transforms: [TileTransform], kernels: KernelSet
  ) {
    self.geometry = geometry
    self.transforms = transforms
    self.paddedRows = paddedRows
    self.kernels = kernels
    channels = input.channels
    elementType = input.elementType
    inputLength = input.channels * geometry.grid.rows.kernel * geometry.grid.columns.kernel
    var lengths = [inputLength]
    for transform in transforms {
      lengths.append(transform.outputLength(from: lengths[lengths.count - 1]))
    }
    outputLength = lengths[lengths.count - 1]
    longest = lengths.max() ?? inputLength
    tileWidth = kernels.tilePitch(depth: longest, blockCount: geometry.grid.blockCount)
    transformer = TileTransformer(
      transforms, inputLength: inputLength, patchWidth: geometry.grid.columns.kernel,
      tileWidth: tileWidth, kernels: kernels)
  }

  /// Number of tiles of the image.
  package var tileCount: Int { (geometry.grid.blockCount + tileWidth - 1) / tileWidth }

  /// Bytes of working memory that one worker needs.
  package var scratchBytes: Int { 2 * longest * tileWidth * 4 }

  /// The tiles that hold some blocks.
  package func tiles(of blocks: Range<Int>) -> Range<Int> {
    guard !blocks.isEmpty else { return 0..<0 }
    return blocks.lowerBound / tileWidth..<(blocks.upperBound - 1) / tileWidth + 1
  }

  /// The blocks of a tile.
  package func blocks(of tile: Int) -> Range<Int> {
    tile * tileWidth..<min((tile + 1) * tileWidth, geometry.grid.blockCount)
  }

  /// The image rows that some tiles are cut from.
  package func inputRows(forTiles tiles: Range<Int>) -> Range<Int> {
    guard !tiles.isEmpty else { return 0..<0 }
    let grid = geometry.grid
    let firstRow = tiles.lowerBound * tileWidth / grid.columns.count
    let lastBlock = min(tiles.upperBound * tileWidth, grid.blockCount) - 1
    let lastRow = lastBlock / grid.columns.count
    return paddedRows.sources(
      of: grid.rows.starts[firstRow]..<grid.rows.starts[lastRow] + grid.rows.extent)
  }

  /// Cuts a tile out of the image and transforms it, in `scratchBytes` of working memory.
  ///
  /// - Returns: the tile, `outputLength` rows of `tileWidth` values, in one of the two halves of
  ///   the scratch memory. What lanes beyond the last block hold is of no use.
  package func makeTile<E: Element>(
    _ tile: Int, from input: RowWindow, scratch: ScratchPool.Loan, as type: E.Type
  ) -> UnsafeMutablePointer<E> {
    let first = scratch.pointer(to: Float.self)
    let raw = UnsafeMutableRawPointer(first)
    switch E.elementType {
    case .uint8:
      gather(tile, from: input, into: raw.assumingMemoryBound(to: UInt8.self), kernels.gatherU8)
    case .uint16:
      gather(tile, from: input, into: raw.assumingMemoryBound(to: UInt16.self), kernels.gatherU16)
    case .float32:
      gather(tile, from: input, into: first, kernels.gatherF32)
    }
    // Integers are only copied; transforms are there for floats alone.
    guard !transforms.isEmpty else { return raw.assumingMemoryBound(to: E.self) }
    let result = transformer.transform(
      first, spare: first + longest * tileWidth, blockCount: blocks(of: tile).count)
    return UnsafeMutableRawPointer(result).assumingMemoryBound(to: E.self)
  }

  private func gather<E: Element>(
    _ tile: Int, from input: RowWindow, into destination: UnsafeMutablePointer<E>,
    _ kernel: (TileGather<E>) -> Void
  ) {
    let grid = geometry.grid
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
          guard let starts = starts.baseAddress, let rows = rows.baseAddress else { return }
          kernel(
            TileGather(
              rows: UnsafePointer(rows), rowCount: channels * kernelHeight,
              starts: starts + blockColumn, blockCount: count, kernelWidth: grid.columns.kernel,
              dilation: grid.columns.dilation,
              tile: destination + (block - blocks.lowerBound), pitch: tileWidth))
        }
        block += count
      }
    }
  }
}
