import TesseraCore
import TesseraKernels

/// A matrix for each block: the products of a locally connected layer.
package struct LocalProducts: TileTransform {
  /// Values of a patch that are multiplied.
  package var inputs: Int
  /// Sums of a block.
  package var outputs: Int
  /// blocks × outputs × inputs.
  package var weights: [Float]
  /// One per output, or blocks × outputs, or none.
  package var bias: [Float]?
  /// The row that is passed on as it is, behind the sums: the middle of a window of opacity.
  package var keptRow: Int?

  package init(inputs: Int, outputs: Int, weights: [Float], bias: [Float]? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights
    self.bias = bias
    precondition(
      weights.count.isMultiple(of: inputs * outputs), "every block has a matrix of its own")
  }

  package var suitsSingleBlocks: Bool { true }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: outputs + (keptRow == nil ? 0 : 1), width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedLocalProducts(work: self, kernels: tools.kernels)
  }

  /// Where the biases of a block begin.
  package func firstBias(of block: Int) -> Int {
    (bias?.count ?? 0) == outputs ? 0 : block * outputs
  }
}

private struct PreparedLocalProducts: PreparedTransform {
  let work: LocalProducts
  let kernels: KernelSet

  var tableBytes: Int {
    (work.weights.count + (work.bias?.count ?? 0)) * MemoryLayout<Float>.stride
  }

  /// One patch, and its sums.
  var scratchCount: Int { work.inputs + work.outputs }

  func apply(to tile: inout Tile) {
    let (patch, sums) = (tile.scratch, tile.scratch + work.inputs)
    work.weights.withUnsafeBufferPointer { weights in
      (work.bias ?? []).withUnsafeBufferPointer { bias in
        for lane in 0..<tile.blocks.count {
          let block = tile.blocks[lane]
          for value in 0..<work.inputs { patch[value] = tile.values[value * tile.pitch + lane] }
          kernels.multiply(
            TileProduct(
              weights: weights.first() + block * work.outputs * work.inputs,
              bias: work.bias == nil ? nil : bias.first() + work.firstBias(of: block), tile: patch,
              tilePitch: 1, destination: sums, destinationPitch: 1, rows: work.outputs,
              depth: work.inputs, columns: 1))
          for output in 0..<work.outputs { tile.spare[output * tile.pitch + lane] = sums[output] }
        }
      }
    }
    tile.length = work.outputs
    if let row = work.keptRow {
      (tile.spare + work.outputs * tile.pitch).update(
        from: tile.values + row * tile.pitch, count: tile.pitch)
      tile.length += 1
    }
    tile.exchange()
  }
}
