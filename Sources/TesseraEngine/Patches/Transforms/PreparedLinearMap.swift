import TesseraKernels

/// `LinearMap`, prepared for tiles of one shape.
struct PreparedLinearMap: PreparedTransform {
  let map: LinearMap
  let runs: [[FilterRun]]
  let kernels: KernelSet
  let scratchCount: Int

  init(_ map: LinearMap, _ tile: TileShape, _ kernels: KernelSet) {
    self.map = map
    self.kernels = kernels
    runs = FilterRun.runs(of: map)
    let isSeparable = runs.joined().contains { $0.factor != nil }
    scratchCount = isSeparable ? (map.kernelSize?.width ?? 0) * tile.pitch : 0
  }

  var tableBytes: Int {
    (map.weights.count + (map.bias?.count ?? 0) + map.divisors.count) * MemoryLayout<Float>.stride
      + FilterRun.byteCount(runs)
  }

  func apply(to tile: inout Tile) {
    let lanes = kernels.lanes
    let columns = min((tile.blocks.count + lanes - 1) / lanes * lanes, tile.pitch)
    map.weights.withUnsafeBufferPointer { weights in
      (map.bias ?? []).withUnsafeBufferPointer { bias in
        for group in 0..<map.groups {
          for run in runs[group] {
            let output = group * map.filters + run.filters.lowerBound
            var product = TileProduct(
              weights: weights.first() + map.firstWeight(of: output),
              bias: bias.baseAddress.map { $0 + output },
              tile: tile.values + group * map.depth * tile.pitch, tilePitch: tile.pitch,
              destination: tile.spare + output * tile.pitch, destinationPitch: tile.pitch,
              rows: run.filters.count, depth: map.depth, columns: columns)
            if map.bias == nil { product.bias = nil }
            if map.sumsAreWide {
              kernels.multiplyWide(product) { map.rounding(of: output + $0) }
            } else if let factor = run.factor {
              multiply(product, factor, tile)
            } else {
              kernels.multiply(product)
            }
          }
        }
      }
    }
    for output in 0..<map.outputs where !map.sumsAreWide && map.divisor(of: output) != 1 {
      let row = tile.spare + output * tile.pitch
      kernels.divideRow(row, map.divisor(of: output), row, columns)
    }
    tile.length = map.outputs
    if let row = map.keptRow {
      (tile.spare + map.outputs * tile.pitch).update(
        from: tile.values + row * tile.pitch, count: tile.pitch)
      tile.length += 1
    }
    tile.exchange()
  }

  /// The sums of every column of the window first, then those along its row.
  private func multiply(_ product: TileProduct, _ factor: SeparableKernel, _ tile: Tile) {
    let width = factor.row.count
    factor.column.withUnsafeBufferPointer { column in
      factor.row.withUnsafeBufferPointer { row in
        for j in 0..<width {
          kernels.multiply(
            TileProduct(
              weights: column.first(), bias: nil, tile: product.tile + j * tile.pitch,
              tilePitch: width * tile.pitch, destination: tile.scratch + j * tile.pitch,
              destinationPitch: tile.pitch, rows: 1, depth: factor.column.count,
              columns: product.columns))
        }
        kernels.multiply(
          TileProduct(
            weights: row.first(), bias: product.bias, tile: tile.scratch, tilePitch: tile.pitch,
            destination: product.destination, destinationPitch: tile.pitch, rows: 1, depth: width,
            columns: product.columns))
      }
    }
  }
}
