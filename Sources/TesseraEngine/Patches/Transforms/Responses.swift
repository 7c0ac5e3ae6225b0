import TesseraKernels

/// |x| of every value.
package struct TakeAbsolute: TileTransform {
  /// Whether the last row, which is opacity, stays as it is.
  package var keepsLast: Bool

  package init(keepsLast: Bool) { self.keepsLast = keepsLast }

  package var commutesWithRounding: Bool { true }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedAbsolute(keptRows: keepsLast ? 1 : 0, kernels: tools.kernels)
  }
}

private struct PreparedAbsolute: PreparedTransform {
  let keptRows: Int
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    kernels.absolute(tile.values, tile.values, (tile.length - keptRows) * tile.pitch)
  }
}

/// x² of every value.
package struct TakeSquare: TileTransform {
  /// Whether the last row, which is opacity, stays as it is.
  package var keepsLast: Bool

  package init(keepsLast: Bool) { self.keepsLast = keepsLast }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedSquare(keptRows: keepsLast ? 1 : 0, kernels: tools.kernels)
  }
}

private struct PreparedSquare: PreparedTransform {
  let keptRows: Int
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    kernels.square(tile.values, tile.values, (tile.length - keptRows) * tile.pitch)
  }
}

/// √(a² + b²) of rows 2i and 2i + 1.
package struct TakeMagnitude: TileTransform {
  /// Whether the last row, which is opacity, stays as it is.
  package var keepsLast: Bool

  package init(keepsLast: Bool) { self.keepsLast = keepsLast }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: (input.length + (keepsLast ? 1 : 0)) / 2, width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedMagnitude(keepsLast: keepsLast, kernels: tools.kernels)
  }
}

private struct PreparedMagnitude: PreparedTransform {
  let keepsLast: Bool
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    let pitch = tile.pitch
    let pairs = tile.length / 2
    for row in 0..<pairs {
      let first = tile.values + 2 * row * pitch
      kernels.magnitude(first, first + pitch, tile.values + row * pitch, pitch)
    }
    tile.length = pairs
    if keepsLast {
      (tile.values + pairs * pitch).update(from: tile.values + 2 * pairs * pitch, count: pitch)
      tile.length += 1
    }
  }
}
