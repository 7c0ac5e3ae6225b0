import TesseraCore

/// Image rows → patches: where blocks lie, and what stands around the image.
package struct UnfoldRows: Operator {
  /// The blocks.
  package var grid: BlockGrid
  /// What stands in the padding.
  package var paddingMode: PaddingMode
  /// Rows by which the image has been extended at the top already: circular padding.
  package var rowsExtended = 0

  package init(_ grid: BlockGrid, paddingMode: PaddingMode) {
    self.grid = grid
    self.paddingMode = paddingMode
  }

  /// The operators that cut these blocks; rows of the other side are dealt out before.
  package static func operators(
    _ grid: BlockGrid, paddingMode: PaddingMode
  ) -> [any Operator] {
    var unfold = UnfoldRows(grid, paddingMode: paddingMode)
    let (before, after) = (grid.rows.reachBefore, grid.rows.reachAfter)
    guard paddingMode == .circular, before + after > 0 else { return [unfold] }
    unfold.rowsExtended = before
    return [WrapRows(before: before, after: after), unfold]
  }

  /// What must stand beside the rows that are cut.
  package var borders: Borders {
    Borders(
      left: grid.columns.reachBefore, right: grid.columns.reachAfter, mode: paddingMode,
      needsZeros: paddingMode == .zeros && grid.rows.reachBefore + grid.rows.reachAfter > 0)
  }

  /// Where rows outside the image come from, given the rows that flow in.
  package func paddedRows(of input: RowFlow) -> PaddedRows {
    PaddedRows(mode: paddingMode, height: input.height, offset: rowsExtended)
  }

  package func join(_ builder: inout PlanBuilder) { builder.open(self) }

  package var commutesWithRounding: Bool { true }
}

extension AxisGrid {
  /// Rows or columns before the image that blocks reach.
  package var reachBefore: Int { max(0, -(starts.first ?? 0)) }
  /// Rows or columns after the image that blocks reach.
  package var reachAfter: Int { max(0, (starts.last ?? 0) + extent - size) }

  /// The rows of the padded image under some rows of results, one for each row of blocks.
  package func paddedRange(_ blocks: Range<Int>) -> Range<Int> {
    starts[blocks.lowerBound]..<starts[blocks.upperBound - 1] + extent
  }
}
