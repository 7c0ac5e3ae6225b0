import TesseraCore
import TesseraKernels

/// One value of each channel of a patch.
package struct ReducePatches: TileTransform {
  /// What is made of the values of a channel.
  package enum Kind: Hashable, Sendable {
    case mean
    case deviation
    case greatest
    case least
    /// The value in the middle; of an even number, the mean of the two in the middle.
    case median
  }

  /// What becomes of each channel.
  package var kinds: [Kind]

  package init(_ kinds: [Kind]) { self.kinds = kinds }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: kinds.count, width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedReduction(self, tile, tools.kernels)
  }
}

private struct PreparedReduction: PreparedTransform {
  private let kinds: [ReducePatches.Kind]
  /// Values of a channel.
  private let count: Int
  private let kernels: KernelSet
  private let median: PatchMedian?

  init(_ work: ReducePatches, _ tile: TileShape, _ kernels: KernelSet) {
    kinds = work.kinds
    count = tile.patch.length / work.kinds.count
    self.kernels = kernels
    median =
      work.kinds.contains(.median) ? PatchMedian(of: count, pitch: tile.pitch, kernels) : nil
  }

  var tableBytes: Int { median?.tableBytes ?? 0 }
  var scratchCount: Int { median?.scratchCount ?? 0 }

  func apply(to tile: inout Tile) {
    for (channel, kind) in kinds.enumerated() {
      let values = tile.values + channel * count * tile.pitch
      let target = tile.spare + channel * tile.pitch
      let patches = TilePatches(tile: values, pitch: tile.pitch, rowCount: count)
      switch kind {
      case .mean: kernels.reduce(patches, .mean, target)
      case .deviation: kernels.reduce(patches, .deviation, target)
      case .greatest: kernels.reduce(patches, .greatest, target)
      case .least: kernels.reduce(patches, .least, target)
      case .median: median?.apply(to: patches, lanes: tile.blocks.count, target, tile.scratch)
      }
    }
    tile.length = kinds.count
    tile.exchange()
  }
}
