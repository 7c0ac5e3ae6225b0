import TesseraCore
import TesseraKernels

/// Lets go of small cosine coefficients of patches, but for those of means: denoising.
///
/// Of mixes only the first keeps its mean.
package struct ShrinkCosines: TileTransform {
  /// Three mixes of three channels that are looked at in place of these.
  package struct Mixes: Hashable, Sendable {
    /// 3 × 3, row after row.
    package var matrix: [Float]
    /// 3 × 3: the way back.
    package var inverse: [Float]

    package init(matrix: [Float], inverse: [Float]) {
      self.matrix = matrix
      self.inverse = inverse
    }
  }

  /// Height and width of a patch.
  package var patchSize: Size
  /// For each channel, or mix, the magnitude below which coefficients become 0; other channels, behind
  /// these, stay as they are.
  package var bounds: [Float]
  /// Whether what stays is made smaller by the bound: soft thresholding.
  package var isSoft: Bool
  /// Mixes in place of three channels.
  package var mixes: Mixes?
  /// Whether a block weighs 1 / (coefficients that stay) where blocks overlap.
  package var weighsBlocks: Bool

  package init(
    patchSize: Size, bounds: [Float], isSoft: Bool, mixes: Mixes?, weighsBlocks: Bool
  ) {
    self.patchSize = patchSize
    self.bounds = bounds
    self.isSoft = isSoft
    self.mixes = mixes
    self.weighsBlocks = weighsBlocks
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedShrinkage(self, pitch: tile.pitch, tools.kernels)
  }
}

private struct PreparedShrinkage: PreparedTransform {
  private let work: ShrinkCosines
  private let bases: CosineBases
  /// Magnitudes of up to these become 0.
  private let bounds: [Float]
  private let pitch: Int
  private let kernels: KernelSet

  init(_ work: ShrinkCosines, pitch: Int, _ kernels: KernelSet) {
    self.work = work
    self.kernels = kernels
    self.pitch = pitch
    bases = CosineBases(work.patchSize)
    // A coefficient of just the bound stays under hard thresholding, and is 0 anyway under soft.
    bounds = work.isSoft ? work.bounds : work.bounds.map(\.nextDown)
  }

  var tableBytes: Int {
    bases.byteCount + (bounds.count + (work.mixes == nil ? 0 : 18)) * MemoryLayout<Float>.stride
  }

  /// That of the transform, and a weight per lane.
  var scratchCount: Int { bases.scratchCount(channels: bounds.count, kernels) + pitch }

  func apply(to tile: inout Tile) {
    let weights =
      work.weighsBlocks
      ? tile.scratch + bases.scratchCount(channels: bounds.count, kernels) : nil
    bases.withPatches(of: tile, channels: bounds.count) { patches in
      withPointers { bounds, mixes, unmixes in
        kernels.shrinkCosines(
          patches,
          CosineShrinkage(
            isSoft: work.isSoft, bounds: bounds, mixes: mixes, unmixes: unmixes,
            weights: weights))
      }
    }
    if let weights {
      let earlier = tile.weights
      tile.weigh((0..<tile.blocks.count).map { weights[$0] * (earlier?[$0] ?? 1) })
    }
  }

  private func withPointers(
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void
  ) {
    bounds.withUnsafeBufferPointer { bounds in
      guard let mixes = work.mixes else { return body(bounds.first(), nil, nil) }
      mixes.matrix.withUnsafeBufferPointer { matrix in
        mixes.inverse.withUnsafeBufferPointer { inverse in
          body(bounds.first(), matrix.first(), inverse.first())
        }
      }
    }
  }
}
