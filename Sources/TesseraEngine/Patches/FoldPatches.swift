import TesseraCore
import TesseraKernels

/// Patches → image: how blocks come back together.
package struct FoldPatches: Operator {
  /// The blocks on the image that is made.
  package var grid: BlockGrid
  /// Planes of that image.
  package var channels: Int
  /// Whether sums are divided by how many blocks touch a pixel, or by what they weigh.
  package var dividesByCount: Bool
  /// What the values of a block weigh by their place in it; `nil` for all the same.
  ///
  /// Only where sums are divided.
  package var window: FoldWindow?
  /// Rows and columns on each side of a patch that are left out.
  package var margin = Size(0)

  package init(_ grid: BlockGrid, channels: Int, dividesByCount: Bool) {
    self.grid = grid
    self.channels = channels
    self.dividesByCount = dividesByCount
  }

  package func join(_ builder: inout PlanBuilder) { builder.close(self) }

  package var commutesWithRounding: Bool {
    window == .crop || (window == nil && mostBlocks <= 1)
  }

  /// Whether patches must be floats: values are multiplied.
  package var takesFloats: Bool { window != nil && window != .crop }

  /// What flows out, where values of a type flow in: a mean of copies keeps the type.
  package func output(of type: ElementType, isCopy: Bool) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: isCopy && dividesByCount && !takesFloats ? type : .float32,
        channels: channels,
        width: grid.columns.size),
      height: grid.rows.size)
  }

  package func prepared(
    _ pass: TilePass, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    if pass.dropsBlocks { return ThinnedFold(self, pass, tools) }
    switch window {
    case .crop: return CroppedFold(self, pass, tools)
    case nil where !pass.weighsBlocks: return CountedFold(self, pass, tools)
    default: return WeightedFold(self, pass, tools)
    }
  }

  package func manner(_ bandRows: Int) -> String {
    "unfold … fold in one pass, \(bandRows) rows at a time"
  }

  /// Whether every block of a grid becomes one pixel, in place.
  package func isPlacement(of blocks: BlockGrid) -> Bool {
    grid.kernelSize == Size(1) && grid.imageSize == blocks.size
      && [grid.rows, grid.columns].allSatisfy { $0.starts.elementsEqual(0..<$0.size) }
  }

  /// The blocks of the grid that reach into some rows: whole rows of blocks.
  package func blocks(touching rows: Range<Int>) -> Range<Int> {
    let blockRows = grid.rows.blocks(reaching: rows)
    let columns = grid.columns.count
    return blockRows.lowerBound * columns..<blockRows.upperBound * columns
  }
}

/// What the sums of a fold are divided by: one count per row and one per column.
package struct FoldWeights: Sendable {
  package let rows: [Float]
  package let columns: [Float]

  /// How many blocks reach each pixel, or 1 everywhere: a sum is what is left then.
  package init(_ fold: FoldPatches) {
    let counts = { (axis: AxisGrid) in
      fold.dividesByCount ? axis.coverage() : [Int](repeating: 1, count: axis.size)
    }
    rows = counts(fold.grid.rows).map(Float.init)
    columns = counts(fold.grid.columns).map(Float.init)
  }

  /// Bytes of both lists.
  package var byteCount: Int { (rows.count + columns.count) * MemoryLayout<Float>.stride }
}

extension FoldPatches {
  /// Divides the sums of some rows, channel by channel, by how many blocks touch each pixel.
  package func divide<Sum, Result: Element>(
    _ sums: UnsafePointer<Sum>, of rows: Range<Int>, by weights: FoldWeights,
    into output: RowWindow, with divide: (CoverageDivision<Sum, Result>) -> Void
  ) {
    let width = output.format.width
    weights.columns.withUnsafeBufferPointer { columns in
      for channel in 0..<channels {
        for (index, row) in rows.enumerated() {
          divide(
            CoverageDivision(
              sums: sums + (channel * rows.count + index) * width, rowDivisor: weights.rows[row],
              columnDivisors: columns.first(),
              destination: output.row(row, channel: channel, as: Result.self), count: width))
        }
      }
    }
  }

  /// Blocks that touch one pixel, at most.
  package var mostBlocks: Int {
    let (rows, columns) = (grid.rows.coverage().max() ?? 0, grid.columns.coverage().max() ?? 0)
    return rows.saturating(times: columns)
  }
}

extension ElementType {
  /// Whether a sum of so many integers cannot leave 32 bits.
  package func sumFitsUInt32(of count: Int) -> Bool {
    guard let maximum else { return false }
    return count.saturating(times: maximum) <= Int(UInt32.max)
  }
}
