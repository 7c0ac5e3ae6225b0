import Glibc
import TesseraCore
import TesseraKernels

/// The orthonormal two-dimensional cosine transform (DCT-II) of every channel of a patch, or its inverse.
package struct TransformCosines: TileTransform {
  /// Planes of a patch.
  package var channels: Int
  /// Height and width of a patch.
  package var patchSize: Size
  /// Whether coefficients become values.
  package var isInverse: Bool

  package init(channels: Int, patchSize: Size, isInverse: Bool) {
    self.channels = channels
    self.patchSize = patchSize
    self.isInverse = isInverse
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedCosines(work: self, bases: CosineBases(patchSize), kernels: tools.kernels)
  }
}

private struct PreparedCosines: PreparedTransform {
  let work: TransformCosines
  let bases: CosineBases
  let kernels: KernelSet

  var tableBytes: Int { bases.byteCount }

  var scratchCount: Int { bases.scratchCount(channels: work.channels, kernels) }

  func apply(to tile: inout Tile) {
    bases.withPatches(of: tile, channels: work.channels) { patches in
      if work.isInverse {
        kernels.synthesizeCosines(patches)
      } else {
        kernels.analyseCosines(patches)
      }
    }
  }
}

/// The bases of the cosine transform along both axes of a patch.
struct CosineBases: Sendable {
  private let size: Size
  private let rows: [Float]
  private let columns: [Float]

  init(_ size: Size) {
    self.size = size
    rows = Self.basis(size.height)
    columns = size.width == size.height ? rows : Self.basis(size.width)
  }

  /// Row k: √(2/n)·cos(π(2i + 1)k/(2n)), but √(1/n) for k = 0.
  private static func basis(_ count: Int) -> [Float] {
    let scale = (2 / Double(count)).squareRoot()
    var basis: [Float] = []
    basis.reserveCapacity(count * count)
    for k in 0..<count {
      for i in 0..<count {
        let angle = Double.pi * Double((2 * i + 1) * k) / Double(2 * count)
        basis.append(Float(k == 0 ? scale * 0.5.squareRoot() : scale * cos(angle)))
      }
    }
    return basis
  }

  /// Bytes of both.
  var byteCount: Int { (rows.count + columns.count) * MemoryLayout<Float>.stride }

  /// Floats of working memory.
  func scratchCount(channels: Int, _ kernels: KernelSet) -> Int {
    CosinePatches.scratchCount(
      channels: channels, height: size.height, width: size.width, lanes: kernels.lanes)
  }

  /// Calls a function with the patches of a tile.
  func withPatches(of tile: Tile, channels: Int, _ body: (CosinePatches) -> Void) {
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        body(
          CosinePatches(
            tile: tile.values, pitch: tile.pitch, channels: channels, height: size.height,
            width: size.width, rowBasis: rows.first(), columnBasis: columns.first(),
            scratch: tile.scratch))
      }
    }
  }
}
