import TesseraCore
import TesseraKernels

/// unfold → fold of values that nothing has changed, for windows whose rows are copied whole.
///
/// Every block is cut out and put back; sums are of integers, or of floats in double precision, so
/// that a mean of equal values is that value.
package struct CopyBlocks: RowOperator {
  /// The blocks that are cut.
  package var unfold: UnfoldRows
  /// How they are put back.
  package var fold: FoldPatches

  package init(_ unfold: UnfoldRows, _ fold: FoldPatches) {
    self.unfold = unfold
    self.fold = fold
  }

  /// Whether the operator can stand for a pass without transforms, and is worth it: tiles are faster
  /// for windows that move one column at a time or are narrow.
  package var isWorthwhile: Bool {
    let columns = unfold.grid.columns
    guard fold.grid == unfold.grid, fold.dividesByCount, fold.window == nil, columns.dilation == 1,
      columns.kernel >= 8, columns.stride >= 2
    else { return false }
    return ElementType.uint16.sumFitsUInt32(of: fold.mostBlocks)
  }

  package var borders: Borders { unfold.borders }

  package func output(of input: RowFlow) -> RowFlow {
    fold.output(of: input.format.elementType, isCopy: true)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    CopyStep(self, from: input, to: output, tools)
  }

  package func manner(_ bandRows: Int) -> String { fold.manner(bandRows) }
}

/// `CopyBlocks`, prepared; it keeps nothing of an image.
private final class CopyStep: PreparedStep, RowStep {
  let unitCount: Int
  private let fold: FoldPatches
  private let rows: AxisGrid
  private let paddedRows: PaddedRows
  private let channels: Int
  private let width: Int
  private let weights: FoldWeights
  private let tools: RunTools
  /// Blocks that are cut before they are put back.
  private let runLength: Int
  private var kernels: KernelSet { tools.kernels }

  /// Bytes of blocks that stay in the first-level cache until they are put back.
  private static let runBytes = 16 << 10

  init(_ work: CopyBlocks, from input: RowFlow, to output: RowFlow, _ tools: RunTools) {
    fold = work.fold
    rows = work.unfold.grid.rows
    paddedRows = work.unfold.paddedRows(of: input)
    self.tools = tools
    channels = input.format.channels
    width = output.format.width
    unitCount = output.height
    weights = FoldWeights(fold)
    let blockBytes =
      channels * fold.grid.rows.kernel * fold.grid.columns.kernel
      * input.format.elementType.byteCount
    runLength = min(max(Self.runBytes / blockBytes, 1), fold.grid.columns.count)
  }

  /// Bands overlap by the window, so a band several windows high repeats little.
  var preferredUnits: Int { 4 * fold.grid.rows.extent }

  var tableBytes: Int { weights.byteCount + fold.grid.byteCount }

  /// One run of blocks, a sum per value, and where the rows of a block lie and go.
  func scratchBytes(for rows: Int) -> Int {
    let blockRows = channels * fold.grid.rows.kernel
    return max(Self.runBytes, blockRows * fold.grid.columns.kernel * 4)
      + blockRows * 2 * MemoryLayout<UnsafeRawPointer>.stride
      + channels * rows * width * MemoryLayout<Double>.stride
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    let blockRows = self.rows.blocks(reaching: rows)
    guard !blockRows.isEmpty else { return 0..<0 }
    return paddedRows.sources(of: self.rows.paddedRange(blockRows))
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
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
    let rowCount = channels * axis.kernel
    let blockCount = runLength * rowCount * fold.grid.columns.kernel
    let sumCount = channels * rows.count * width
    tools.scratch.with(blockCount, of: E.self) { blocks in
      tools.scratch.with(sumCount, of: Sum.self) { sums in
        sums.update(repeating: 0, count: sumCount)
        withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: rowCount) { sources in
          withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Sum>?.self, capacity: rowCount) {
            targets in
            for blockRow in axis.blocks(reaching: rows) where !input.isCancelled {
              for index in 0..<rowCount {
                let (channel, element) = index.quotientAndRemainder(dividingBy: axis.kernel)
                let row = axis.starts[blockRow] + element * axis.dilation
                sources[index] = input.row(row, of: paddedRows, channel: channel, as: E.self)
                let place = channel * rows.count + row - rows.lowerBound
                targets[index] = rows.contains(row) ? sums + place * width : nil
              }
              copyRow(
                UnsafeBufferPointer(sources), UnsafeBufferPointer(targets), blocks, cut, add)
            }
          }
        }
        fold.divide(sums, of: rows, by: weights, into: output, with: divide)
      }
    }
  }

  /// Cuts one row of blocks and puts it back, run after run.
  private func copyRow<E: Element, Sum>(
    _ sources: UnsafeBufferPointer<UnsafePointer<E>>,
    _ targets: UnsafeBufferPointer<UnsafeMutablePointer<Sum>?>, _ blocks: UnsafeMutablePointer<E>,
    _ cut: (BlockCut<E>) -> Void, _ add: (BlockAddition<E, Sum>) -> Void
  ) {
    let columns = fold.grid.columns
    columns.starts.withUnsafeBufferPointer { starts in
      let (starts, rows, accumulators) = (starts.first(), sources.first(), targets.first())
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
