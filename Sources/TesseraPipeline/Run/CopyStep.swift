import TesseraCore
import TesseraKernels

/// unfold → fold of values that nothing has changed, for windows whose rows are copied whole.
///
/// Every block is cut out and put back; sums are of integers, or of floats in double precision, so
/// that a mean of equal values is that value. `PatchStep` does the same for windows that move one
/// column at a time or are narrow, where tiles are faster.
package final class CopyStep: RowStep {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let geometry: UnfoldGeometry
  private let fold: FoldGeometry
  private let paddedRows: PaddedRows
  private let channels: Int
  private let rowCounts: [Float]
  private let columnCounts: [Float]
  private let kernels: KernelSet
  private let scratch: ScratchPool
  /// Blocks that are cut before they are put back.
  private let runLength: Int

  /// Bytes of blocks that stay in the first-level cache until they are put back.
  private static let runBytes = 16 << 10

  /// Whether the step can stand for a pass without transforms, and is worth it.
  package static func canDo(_ geometry: UnfoldGeometry, _ fold: FoldGeometry, of type: ElementType)
    -> Bool
  {
    let columns = geometry.grid.columns
    return fold.grid == geometry.grid && fold.dividesByCount && columns.dilation == 1
      && columns.kernel >= 8 && columns.stride >= 2
      && (type == .float32 || fold.sumsFitUInt32(of: type))
  }

  package init(
    _ geometry: UnfoldGeometry, fold: FoldGeometry, paddedRows: PaddedRows, input: RowWindow.Format,
    output: RowWindow.Format, kernels: KernelSet, scratch: ScratchPool
  ) {
    self.geometry = geometry
    self.fold = fold
    self.paddedRows = paddedRows
    self.output = output
    self.kernels = kernels
    self.scratch = scratch
    channels = input.channels
    outputHeight = fold.grid.rows.size
    rowCounts = fold.grid.rows.coverage().map(Float.init)
    columnCounts = fold.grid.columns.coverage().map(Float.init)
    let blockBytes =
      channels * fold.grid.rows.kernel * fold.grid.columns.kernel * input.elementType.byteCount
    runLength = min(max(Self.runBytes / blockBytes, 1), fold.grid.columns.count)
  }

  /// Bands overlap by the window, so a band several windows high repeats little.
  package var preferredBandHeight: Int { 4 * fold.grid.rows.extent }

  /// One run of blocks, and a sum per value.
  package func scratchBytes(for rows: Int) -> Int {
    max(Self.runBytes, channels * fold.grid.rows.kernel * fold.grid.columns.kernel * 4)
      + channels * rows * output.width * MemoryLayout<Double>.size
  }

  package func inputRows(for rows: Range<Int>) -> Range<Int> {
    let axis = geometry.grid.rows
    let blockRows = axis.blocks(reaching: rows)
    guard let first = blockRows.first, let last = blockRows.last else { return 0..<0 }
    return paddedRows.sources(of: axis.starts[first]..<axis.starts[last] + axis.extent)
  }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    switch output.format.elementType {
    case .uint8:
      make(
        rows, from: input, into: output, cut: kernels.cutBlocksU8, add: kernels.addBlocksU8,
        divide: kernels.divideToU8)
    case .uint16:
      make(
        rows, from: input, into: output, cut: kernels.cutBlocksU16, add: kernels.addBlocksU16,
        divide: kernels.divideToU16)
    case .float32:
      make(
        rows, from: input, into: output, cut: kernels.cutBlocksF32, add: kernels.addBlocksF32,
        divide: kernels.divideF64)
    }
  }

  private func make<E: Element, Sum: BitwiseCopyable & Numeric>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, cut: (BlockCut<E>) -> Void,
    add: (BlockAddition<E, Sum>) -> Void, divide: (CoverageDivision<Sum, E>) -> Void
  ) {
    let axis = fold.grid.rows
    let (rowCount, width) = (channels * axis.kernel, output.format.width)
    let blocks = scratch.loan(
      byteCount: runLength * rowCount * fold.grid.columns.kernel * MemoryLayout<E>.stride)
    let sumCount = channels * rows.count * width
    let memory = scratch.loan(byteCount: sumCount * MemoryLayout<Sum>.stride)
    let sums = memory.pointer(to: Sum.self)
    sums.update(repeating: 0, count: sumCount)
    withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: rowCount) { sources in
      withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Sum>?.self, capacity: rowCount) {
        targets in
        for blockRow in axis.blocks(reaching: rows) {
          for index in 0..<rowCount {
            let (channel, element) = index.quotientAndRemainder(dividingBy: axis.kernel)
            let row = axis.starts[blockRow] + element * axis.dilation
            sources[index] = input.row(row, of: paddedRows, channel: channel, as: E.self)
            let place = channel * rows.count + row - rows.lowerBound
            targets[index] = rows.contains(row) ? sums + place * width : nil
          }
          copyRow(
            UnsafeBufferPointer(sources), UnsafeBufferPointer(targets),
            blocks.pointer(to: E.self), cut, add)
        }
      }
    }
    fold.divide(sums, of: rows, counts: (rowCounts, columnCounts), into: output, with: divide)
    // The memory is in use up to here.
    withExtendedLifetime((blocks, memory)) {}
  }

  /// Cuts one row of blocks and puts it back, run after run.
  private func copyRow<E: Element, Sum>(
    _ sources: UnsafeBufferPointer<UnsafePointer<E>>,
    _ targets: UnsafeBufferPointer<UnsafeMutablePointer<Sum>?>, _ blocks: UnsafeMutablePointer<E>,
    _ cut: (BlockCut<E>) -> Void, _ add: (BlockAddition<E, Sum>) -> Void
  ) {
    let columns = fold.grid.columns
    columns.starts.withUnsafeBufferPointer { starts in
      guard let starts = starts.baseAddress, let rows = sources.baseAddress,
        let accumulators = targets.baseAddress
      else { return }
      for first in stride(from: 0, to: columns.count, by: runLength) {
        let count = min(runLength, columns.count - first)
        cut(
          BlockCut(
            rows: rows, rowCount: sources.count, starts: starts + first, blockCount: count,
            kernelWidth: columns.kernel, blocks: blocks))
        add(
          BlockAddition(
            blocks: blocks, accumulators: accumulators, rowCount: targets.count,
            starts: starts + first, blockCount: count, kernelWidth: columns.kernel,
            width: columns.size))
      }
    }
  }
}
