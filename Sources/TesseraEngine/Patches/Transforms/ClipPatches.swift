import TesseraKernels

/// Brings the values of patches into an interval; NaN stays, and so does opacity.
package struct ClipPatches: TileTransform {
  /// The least value.
  package var lower: Float
  /// The greatest value, not below the least.
  package var upper: Float
  /// Rows behind the colours that are passed on as they are: those of opacity.
  package var keptRows: Int

  package init(_ lower: Float, _ upper: Float, keptRows: Int) {
    self.lower = lower
    self.upper = upper
    self.keptRows = keptRows
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedClip(work: self, kernels: tools.kernels)
  }
}

private struct PreparedClip: PreparedTransform {
  let work: ClipPatches
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    kernels.clamp(
      tile.values, work.lower, work.upper, tile.values,
      (tile.length - work.keptRows) * tile.pitch)
  }
}
