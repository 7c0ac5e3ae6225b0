import TesseraKernels

/// Adds values of its own to every block, by the block's number.
package struct AddPositions: TileTransform {
  /// The values of each block, block after block.
  package var values: [Float]
  /// Values of a block.
  package var length: Int

  package init(_ values: [Float], length: Int) {
    precondition(
      length > 0 && values.count % length == 0, "every block has as many values as a patch")
    self.values = values
    self.length = length
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedPositions(self)
  }
}

private struct PreparedPositions: PreparedTransform {
  /// Row by row as in tiles: value `d` of every block, then value `d` + 1.
  let rows: [Float]
  let blockCount: Int

  init(_ transform: AddPositions) {
    let (length, count) = (transform.length, transform.values.count / transform.length)
    blockCount = count
    rows = [Float](unsafeUninitializedCapacity: length * count) { rows, initialized in
      for block in 0..<count {
        for row in 0..<length {
          rows[row * count + block] = transform.values[block * length + row]
        }
      }
      initialized = length * count
    }
  }

  var tableBytes: Int { rows.count * MemoryLayout<Float>.stride }

  func apply(to tile: inout Tile) {
    let blocks = tile.blocks
    let isWhole = blocks.count == blocks.range.count
    rows.withUnsafeBufferPointer { rows in
      for row in 0..<tile.length {
        let values = tile.row(row)
        let added = row * blockCount
        if isWhole {
          let first = added + blocks.range.lowerBound
          for lane in values.indices { values[lane] += rows[first + lane] }
        } else {
          for lane in values.indices { values[lane] += rows[added + blocks[lane]] }
        }
      }
    }
  }
}
