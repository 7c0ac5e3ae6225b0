import TesseraCore
import TesseraKernels

/// unfold → transforms → fold in one pass over tiles: patches never exist all at once.
///
/// For a band of output rows, every tile with a block that touches the band is cut, transformed and
/// added to the band's sums in block order; the rows of a block outside the band are left to the
/// neighbouring bands, which make the same tile again.
package final class PatchStep: RowStep {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let pass: TilePass
  private let fold: FoldGeometry
  private let rowCounts: [Float]
  private let columnCounts: [Float]
  private let kernels: KernelSet
  private let scratch: ScratchPool

  package init(
    pass: TilePass, fold: FoldGeometry, output: RowWindow.Format, kernels: KernelSet,
    scratch: ScratchPool
  ) {
    self.pass = pass
    self.fold = fold
    self.output = output
    self.kernels = kernels
    self.scratch = scratch
    outputHeight = fold.grid.rows.size
    // A sum is what is left when every pixel counts once.
    let counts = { (axis: AxisGrid) in
      fold.dividesByCount ? axis.coverage() : [Int](repeating: 1, count: axis.size)
    }
    rowCounts = counts(fold.grid.rows).map(Float.init)
    columnCounts = counts(fold.grid.columns).map(Float.init)
  }

  /// Bands overlap by the window, so a band several windows high repeats little.
  package var preferredBandHeight: Int { 4 * fold.grid.rows.extent }

  /// One tile, and a sum per value.
  package func scratchBytes(for rows: Int) -> Int {
    pass.scratchBytes + fold.channels * rows * output.width * MemoryLayout<Double>.size
  }

  package func inputRows(for rows: Range<Int>) -> Range<Int> {
    pass.inputRows(forTiles: pass.tiles(of: blocks(touching: rows)))
  }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let band = Band(rows: rows, input: input, output: output)
    let isExactInUInt32 = fold.sumsFitUInt32(of: input.format.elementType)
    switch (input.format.elementType, output.format.elementType) {
    case (.uint8, .uint8) where isExactInUInt32:
      make(band, add: kernels.scatterAddU8, divide: kernels.divideToU8)
    case (.uint16, .uint16) where isExactInUInt32:
      make(band, add: kernels.scatterAddU16, divide: kernels.divideToU16)
    case (.uint8, .uint8):
      make(
        band, add: addWide as (TileScatter<UInt8, Double>) -> Void,
        divide: divideWide as (CoverageDivision<Double, UInt8>) -> Void)
    case (.uint16, .uint16):
      make(
        band, add: addWide as (TileScatter<UInt16, Double>) -> Void,
        divide: divideWide as (CoverageDivision<Double, UInt16>) -> Void)
    case (.uint8, _):
      make(
        band, add: addWide as (TileScatter<UInt8, Double>) -> Void, divide: kernels.divideF64)
    case (.uint16, _):
      make(
        band, add: addWide as (TileScatter<UInt16, Double>) -> Void, divide: kernels.divideF64)
    case (.float32, _) where pass.transforms.isEmpty:
      // Copies of one float, added and divided in double precision, give that float again.
      make(band, add: kernels.scatterAddF64, divide: kernels.divideF64)
    case (.float32, _):
      make(band, add: kernels.scatterAddF32, divide: kernels.divideF32)
    }
  }

  /// Rows to make, and where.
  private struct Band {
    package var rows: Range<Int>
    package var input: RowWindow
    package var output: RowWindow
  }

  private func make<E: Element, Sum: BitwiseCopyable & Numeric, Result: Element>(
    _ band: Band, add: (TileScatter<E, Sum>) -> Void,
    divide: (CoverageDivision<Sum, Result>) -> Void
  ) {
    let rows = band.rows
    let width = output.width
    let touching = blocks(touching: rows)
    let tiles = scratch.loan(byteCount: pass.scratchBytes)
    let count = fold.channels * rows.count * width
    let memory = scratch.loan(byteCount: count * MemoryLayout<Sum>.stride)
    let sums = memory.pointer(to: Sum.self)
    sums.update(repeating: 0, count: count)
    for tile in pass.tiles(of: touching) {
      let values = pass.makeTile(tile, from: band.input, scratch: tiles, as: E.self)
      let blocks = pass.blocks(of: tile)
      forEachRun(of: blocks.clamped(to: touching), sums: sums, rows: rows) { run in
        add(
          TileScatter(
            tile: values + (run.first - blocks.lowerBound), pitch: pass.tileWidth,
            accumulators: run.accumulators, rowCount: run.rowCount, starts: run.starts,
            blockCount: run.count, kernelWidth: fold.grid.columns.kernel,
            dilation: fold.grid.columns.dilation, width: width))
      }
    }
    fold.divide(
      sums, of: rows, counts: (rowCounts, columnCounts), into: band.output, with: divide)
    // The memory is in use up to here.
    withExtendedLifetime((tiles, memory)) {}
  }

  /// Blocks of one row of blocks, and the sums of the image rows under them.
  private struct Run<Sum> {
    package var first: Int
    package var count: Int
    package var starts: UnsafePointer<Int>
    package var accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>
    package var rowCount: Int
  }

  /// Cuts blocks at the ends of the rows of blocks that they lie in.
  private func forEachRun<Sum>(
    of blocks: Range<Int>, sums: UnsafeMutablePointer<Sum>, rows: Range<Int>,
    _ body: (Run<Sum>) -> Void
  ) {
    let axes = (rows: fold.grid.rows, columns: fold.grid.columns)
    let rowCount = fold.channels * axes.rows.kernel
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Sum>?.self, capacity: rowCount) {
      accumulators in
      axes.columns.starts.withUnsafeBufferPointer { starts in
        guard let base = accumulators.baseAddress, let starts = starts.baseAddress else { return }
        var block = blocks.lowerBound
        while block < blocks.upperBound {
          let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: axes.columns.count)
          let count = min(axes.columns.count - blockColumn, blocks.upperBound - block)
          for channel in 0..<fold.channels {
            for element in 0..<axes.rows.kernel {
              let row = axes.rows.starts[blockRow] + element * axes.rows.dilation
              let index = channel * rows.count + row - rows.lowerBound
              base[channel * axes.rows.kernel + element] =
                rows.contains(row) ? sums + index * output.width : nil
            }
          }
          body(
            Run(
              first: block, count: count, starts: starts + blockColumn,
              accumulators: UnsafePointer(base), rowCount: rowCount))
          block += count
        }
      }
    }
  }

  /// The blocks of the fold's grid that reach into some rows: whole rows of blocks.
  private func blocks(touching rows: Range<Int>) -> Range<Int> {
    let blockRows = fold.grid.rows.blocks(reaching: rows)
    let columns = fold.grid.columns.count
    return blockRows.lowerBound * columns..<blockRows.upperBound * columns
  }
}

extension FoldGeometry {
  /// Divides the sums of some rows, channel by channel, by how many blocks touch each pixel.
  package func divide<Sum, Result: Element>(
    _ sums: UnsafePointer<Sum>, of rows: Range<Int>, counts: (rows: [Float], columns: [Float]),
    into output: RowWindow, with divide: (CoverageDivision<Sum, Result>) -> Void
  ) {
    let width = output.format.width
    counts.columns.withUnsafeBufferPointer { columns in
      guard let columns = columns.baseAddress else { return }
      for channel in 0..<channels {
        for (index, row) in rows.enumerated() {
          divide(
            CoverageDivision(
              sums: sums + (channel * rows.count + index) * width, rowDivisor: counts.rows[row],
              columnDivisors: columns,
              destination: output.row(row, channel: channel, as: Result.self), count: width))
        }
      }
    }
  }

  /// Whether no sum of integers of a type can leave 32 bits.
  package func sumsFitUInt32(of type: ElementType) -> Bool {
    let most = (grid.rows.coverage().max() ?? 0, grid.columns.coverage().max() ?? 0)
    guard let maximum = type.maximum, let sum = checkedProduct(most.0, most.1, maximum) else {
      return false
    }
    return sum <= Int(UInt32.max)
  }
}
