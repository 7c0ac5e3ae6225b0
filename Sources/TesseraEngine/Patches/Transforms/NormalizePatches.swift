import TesseraKernels

/// Subtracts the mean of each group of rows, and divides by √(variance + 1e-6) where that is wanted;
/// opacity stays as it is.
package struct NormalizePatches: TileTransform {
  /// Parts of the colours of a patch that have figures of their own: 1, or its channels.
  package var groups: Int
  /// Whether deviations are divided by, the variance with n − 1.
  package var standardizes: Bool
  /// Rows behind the colours that are passed on as they are: those of opacity.
  package var keptRows: Int

  package init(groups: Int, standardizes: Bool, keptRows: Int = 0) {
    self.groups = groups
    self.standardizes = standardizes
    self.keptRows = keptRows
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedNormalization(work: self, patch: tile.patch, kernels: tools.kernels)
  }
}

private struct PreparedNormalization: PreparedTransform {
  let work: NormalizePatches
  let patch: PatchShape
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    let patches = TilePatches(
      tile: tile.values, pitch: tile.pitch, rowCount: tile.length - work.keptRows,
      groups: work.groups, width: patch.width)
    if work.standardizes {
      kernels.standardize(patches)
    } else {
      kernels.subtractMean(patches)
    }
  }
}
