import TesseraCore
import TesseraKernels

/// Adds tiles of patches to the sums of some image rows: the half of a fold before the division.
struct BlockScatter: Sendable {
  private let fold: FoldPatches
  private let pass: TilePass

  init(_ fold: FoldPatches, _ pass: TilePass) {
    self.fold = fold
    self.pass = pass
  }

  /// Bytes that one thread needs for some rows beside a tile: a sum per value, and where the rows of a
  /// block go.
  func sumBytes(for rows: Int) -> Int {
    let perChannel =
      rows * fold.grid.columns.size * MemoryLayout<Double>.stride
      + fold.grid.rows.kernel * MemoryLayout<UnsafeRawPointer>.stride
    return fold.channels.saturating(times: perChannel)
  }

  /// Adds the blocks of a tile that are asked for, in their order.
  ///
  /// - Parameters:
  ///   - values: the tile, its patches without margins.
  ///   - tile: its number.
  ///   - touching: the blocks that reach the rows.
  ///   - rows: the image rows that there are sums of.
  ///   - sums: a plane of those rows for each channel.
  ///   - add: the kernel.
  func add<E: Element, Sum>(
    _ values: UnsafeMutablePointer<E>, _ tile: Int, _ touching: Range<Int>, _ rows: Range<Int>,
    to sums: UnsafeMutablePointer<Sum>, _ add: (TileScatter<E, Sum>) -> Void
  ) {
    let blocks = pass.blocks(of: tile)
    forEachRun(of: blocks.clamped(to: touching), sums: sums, rows: rows) { run in
      add(
        TileScatter(
          tile: values + (run.first - blocks.lowerBound), pitch: pass.tileWidth,
          accumulators: run.accumulators, rowCount: run.rowCount, starts: run.starts,
          blockCount: run.count, kernelWidth: fold.grid.columns.kernel,
          dilation: fold.grid.columns.dilation, width: fold.grid.columns.size))
    }
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
    let width = axes.columns.size
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

extension FoldPatches {
  /// Height and width of the patches that come in: those of the window with its margins.
  var patchSize: Size {
    Size(
      height: grid.rows.kernel + 2 * margin.height, width: grid.columns.kernel + 2 * margin.width)
  }

  /// Moves the rows of a tile that hold what is folded to its beginning.
  func cutMargins<E: Element>(of tile: UnsafeMutablePointer<E>, pitch: Int) {
    guard margin != Size(0) else { return }
    let patch = patchSize
    let (height, width) = (grid.rows.kernel, grid.columns.kernel)
    for channel in 0..<channels {
      for row in 0..<height {
        let source = ((channel * patch.height + row + margin.height) * patch.width + margin.width)
        let target = (channel * height + row) * width
        // Every row moves towards the beginning, and those before it have been moved.
        (tile + target * pitch).update(from: tile + source * pitch, count: width * pitch)
      }
    }
  }
}
