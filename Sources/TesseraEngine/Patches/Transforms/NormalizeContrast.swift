import TesseraKernels

/// (x − mean) / √(variance + ε) of each group of rows; opacity stays as it is.
package struct NormalizeContrast: TileTransform {
  /// Parts of the colours of a patch that have figures of their own: 1, or its channels.
  package var groups: Int
  /// What is added to variances, which divide by n − 1.
  package var epsilon: Float
  /// Rows behind the colours that are passed on as they are: those of opacity.
  package var keptRows: Int

  package init(groups: Int, epsilon: Float, keptRows: Int) {
    self.groups = groups
    self.epsilon = epsilon
    self.keptRows = keptRows
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedContrast(work: self, patch: tile.patch, kernels: tools.kernels)
  }
}

private struct PreparedContrast: PreparedTransform {
  let work: NormalizeContrast
  let patch: PatchShape
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    kernels.standardize(
      TilePatches(
        tile: tile.values, pitch: tile.pitch, rowCount: tile.length - work.keptRows,
        groups: work.groups, width: patch.width, epsilon: work.epsilon))
  }
}
