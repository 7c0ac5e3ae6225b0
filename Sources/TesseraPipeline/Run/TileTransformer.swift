import TesseraCore
import TesseraKernels

/// Transforms of a tile, made ready to be carried out tile after tile.
package struct TileTransformer: Sendable {
  private let steps: [Step]
  private let kernels: KernelSet
  private let tileWidth: Int

  /// One transform with what can be computed beforehand.
  private struct Step: Sendable {
    package var transform: TileTransform
    package var inputLength: Int
    /// Columns of a patch.
    package var patchWidth: Int
    /// For a filter: where each tap of each position of a patch reads, −1 for a zero.
    package var sources: [Int32] = []
  }

  package init(
    _ transforms: [TileTransform], inputLength: Int, patchWidth: Int, tileWidth: Int,
    kernels: KernelSet
  ) {
    self.kernels = kernels
    self.tileWidth = tileWidth
    var length = inputLength
    var width = patchWidth
    steps = transforms.map { transform in
      var step = Step(transform: transform, inputLength: length, patchWidth: width)
      if case .filter(let filter) = transform { step.sources = filter.tapSources() }
      // What a matrix makes, or pairs of rows, are values without a place in the window.
      switch transform {
      case .linear, .magnitude: width = 1
      case .subtractMean, .standardize, .filter, .absolute: break
      }
      length = transform.outputLength(from: length)
      return step
    }
  }

  /// Carries out every transform, in turns between two halves of the scratch memory.
  ///
  /// - Parameters:
  ///   - tile: the blocks.
  ///   - spare: the other half.
  ///   - blockCount: how many there are; what lanes beyond them come to hold is of no use.
  /// - Returns: the half that holds the result.
  package func transform(
    _ tile: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>, blockCount: Int
  ) -> UnsafeMutablePointer<Float> {
    var (current, other) = (tile, spare)
    for step in steps {
      switch step.transform {
      case .subtractMean(let groups):
        kernels.subtractMean(patches(current, step, groups: groups))
      case .standardize(let groups):
        kernels.standardize(patches(current, step, groups: groups))
      case .absolute:
        kernels.absolute(current, current, step.inputLength * tileWidth)
      case .magnitude:
        for row in 0..<step.inputLength / 2 {
          let first = current + 2 * row * tileWidth
          kernels.magnitude(first, first + tileWidth, current + row * tileWidth, tileWidth)
        }
      case .filter(let filter):
        apply(filter, sources: step.sources, to: current, into: other)
        swap(&current, &other)
      case .linear(let map):
        apply(map, to: current, into: other, blockCount: blockCount)
        swap(&current, &other)
      }
    }
    return current
  }

  private func patches(
    _ tile: UnsafeMutablePointer<Float>, _ step: Step, groups: Int
  ) -> TilePatches {
    TilePatches(
      tile: tile, pitch: tileWidth, rowCount: step.inputLength, groups: groups,
      width: step.patchWidth)
  }

  private func apply(
    _ filter: PatchFilter, sources: [Int32], to tile: UnsafeMutablePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    filter.weights.withUnsafeBufferPointer { weights in
      sources.withUnsafeBufferPointer { sources in
        guard let weights = weights.baseAddress, let sources = sources.baseAddress else { return }
        kernels.filterPatches(
          TileFilter(
            tile: tile, destination: destination, pitch: tileWidth, channels: filter.channels,
            positions: filter.patchSize.height * filter.patchSize.width, weights: weights,
            taps: filter.kernelSize.height * filter.kernelSize.width, sources: sources))
      }
    }
  }

  private func apply(
    _ map: LinearMap, to tile: UnsafeMutablePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, blockCount: Int
  ) {
    let columns = (blockCount + kernels.lanes - 1) / kernels.lanes * kernels.lanes
    let depth = map.inputs / map.groups
    let rows = map.outputs / map.groups
    map.weights.withUnsafeBufferPointer { weights in
      withOptionalPointer(to: map.bias) { bias in
        guard let weights = weights.baseAddress else { return }
        for group in 0..<map.groups {
          kernels.multiply(
            TileProduct(
              weights: weights + group * rows * depth, bias: bias.map { $0 + group * rows },
              tile: tile + group * depth * tileWidth, tilePitch: tileWidth,
              destination: destination + group * rows * tileWidth, destinationPitch: tileWidth,
              rows: rows, depth: depth, columns: columns))
        }
      }
    }
  }

  private func withOptionalPointer(
    to values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void
  ) {
    guard let values else { return body(nil) }
    values.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

extension PatchFilter {
  /// For each position of a patch and each tap: the position whose value the tap meets, −1 for a
  /// zero.
  package func tapSources() -> [Int32] {
    let anchor = Size(height: (kernelSize.height - 1) / 2, width: (kernelSize.width - 1) / 2)
    var sources: [Int32] = []
    sources.reserveCapacity(
      patchSize.height * patchSize.width * kernelSize.height * kernelSize.width)
    for row in 0..<patchSize.height {
      for column in 0..<patchSize.width {
        for i in 0..<kernelSize.height {
          for j in 0..<kernelSize.width {
            let y = paddingMode.source(of: row + i - anchor.height, size: patchSize.height)
            let x = paddingMode.source(of: column + j - anchor.width, size: patchSize.width)
            if let y, let x {
              sources.append(Int32(y * patchSize.width + x))
            } else {
              sources.append(-1)
            }
          }
        }
      }
    }
    return sources
  }
}
