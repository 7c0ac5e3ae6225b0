import TesseraKernels

/// |x| of every value.
package struct TakeAbsolute: TileTransform {
  package init() {}

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedAbsolute(kernels: tools.kernels)
  }
}

private struct PreparedAbsolute: PreparedTransform {
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    kernels.absolute(tile.values, tile.values, tile.length * tile.pitch)
  }
}

/// √(a² + b²) of rows 2i and 2i + 1.
package struct TakeMagnitude: TileTransform {
  package init() {}

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: input.length / 2, width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedMagnitude(kernels: tools.kernels)
  }
}

private struct PreparedMagnitude: PreparedTransform {
  let kernels: KernelSet

  func apply(to tile: inout Tile) {
    let pitch = tile.pitch
    tile.length /= 2
    for row in 0..<tile.length {
      let first = tile.values + 2 * row * pitch
      kernels.magnitude(first, first + pitch, tile.values + row * pitch, pitch)
    }
  }
}
