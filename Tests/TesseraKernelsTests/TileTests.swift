import TesseraCore
import TesseraKernels
import Testing

@Suite("Tiles")
struct TileTests {
  /// Values of a patch, groups, and a row of the tile: vectors, and lanes beyond them.
  static let shapes = [
    (1, 1, 1, 0), (6, 3, 2, 0), (27, 3, 5, 0), (64, 1, 4, 0), (75, 1, 7, 0), (12, 12, 8, 0),
    (50, 2, 0, 1), (27, 3, 5, 3),
  ]

  @Test("means are subtracted and patches standardized", arguments: Variants.all, shapes)
  func transforms(variant: Variants, shape: (Int, Int, Int, Int)) {
    let (depth, groups, vectors, beyond) = shape
    let pitch = vectors * variant.kernels.lanes + beyond
    var random = Seeded(31)
    let tile = random.floats(depth * pitch)
    let size = depth / groups
    var centred = tile
    var standard = tile
    centred.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      variant.kernels.subtractMean(
        TilePatches(tile: base, pitch: pitch, rowCount: depth, groups: groups))
    }
    standard.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      variant.kernels.standardize(
        TilePatches(tile: base, pitch: pitch, rowCount: depth, groups: groups))
    }
    for lane in 0..<pitch {
      for group in 0..<groups {
        let rows = (group * size)..<((group + 1) * size)
        let patch = rows.map { tile[$0 * pitch + lane] }
        #expect(
          agree(
            rows.map { centred[$0 * pitch + lane] }, ReferenceKernels.subtractMean(patch),
            terms: size))
        #expect(
          agree(
            rows.map { standard[$0 * pitch + lane] }, ReferenceKernels.standardize(patch),
            terms: size))
      }
    }
  }

  @Test("patches are laid one after the other, values in any order", arguments: Variants.all)
  func transposition(variant: Variants) {
    for (depth, blocks) in [(1, 1), (3, 5), (4, 16), (27, 33), (75, 64), (48, 100), (768, 19)] {
      var random = Seeded(UInt64(depth))
      let pitch = blocks + 3
      let order = (0..<Int32(depth)).shuffled(using: &random)
      check(random.floats(depth * pitch), pitch, blocks, order, variant.kernels.transposeF32)
      check(
        random.integers(depth * pitch) as [UInt8], pitch, blocks, order,
        variant.kernels.transposeU8)
      check(
        random.integers(depth * pitch) as [UInt16], pitch, blocks, order,
        variant.kernels.transposeU16)
    }
  }

  private func check<E: BitwiseCopyable & Equatable>(
    _ tile: [E], _ pitch: Int, _ blocks: Int, _ order: [Int32],
    _ transpose: (TileTransposition<E>) -> Void
  ) {
    // One more value, which must stay what it is.
    var patches = [E](repeating: tile[0], count: blocks * order.count + 1)
    tile.withUnsafeBufferPointer { tile in
      patches.withUnsafeMutableBufferPointer { patches in
        order.withUnsafeBufferPointer { order in
          guard let tile = tile.baseAddress, let patches = patches.baseAddress,
            let rows = order.baseAddress
          else { return }
          transpose(
            TileTransposition(
              tile: tile, pitch: pitch, blockCount: blocks, rows: rows, depth: order.count,
              destination: patches))
        }
      }
    }
    let expected = (0..<blocks).flatMap { block in order.map { tile[Int($0) * pitch + block] } }
    #expect(patches == expected + [tile[0]], "\(order.count) × \(blocks)")
  }

  @Test(
    "products of a matrix and a tile equal the reference, however columns are split",
    arguments: Variants.all, [(1, 1, 1), (4, 7, 33), (5, 12, 64), (11, 30, 100), (16, 48, 130)])
  func product(variant: Variants, shape: (Int, Int, Int)) {
    let (rows, depth, columns) = shape
    var random = Seeded(33)
    let weights = random.floats(rows * depth)
    let tile = random.floats(depth * columns)
    let bias = random.floats(rows)
    for bias in [bias, []] {
      let whole = multiply(weights, bias, tile, shape, columns, variant.kernels)
      let expected = ReferenceKernels.multiply(
        weights, tile, bias: bias, rows: rows, depth: depth, count: columns)
      #expect(agree(whole, expected, terms: depth))
      for width in [1, 16, columns / 2 + 1] {
        #expect(multiply(weights, bias, tile, shape, width, variant.kernels) == whole)
      }
    }
  }

  private func multiply(
    _ weights: [Float], _ bias: [Float], _ tile: [Float], _ shape: (Int, Int, Int), _ width: Int,
    _ kernels: KernelSet
  ) -> [Float] {
    let (rows, depth, columns) = shape
    var result = [Float](repeating: .nan, count: rows * columns)
    for first in stride(from: 0, to: columns, by: width) {
      weights.withUnsafeBufferPointer { weights in
        bias.withUnsafeBufferPointer { bias in
          tile.withUnsafeBufferPointer { tile in
            result.withUnsafeMutableBufferPointer { result in
              guard let weights = weights.baseAddress, let tile = tile.baseAddress,
                let result = result.baseAddress
              else { return }
              kernels.multiply(
                TileProduct(
                  weights: weights, bias: bias.isEmpty ? nil : bias.baseAddress,
                  tile: tile + first, tilePitch: columns, destination: result + first,
                  destinationPitch: columns, rows: rows, depth: depth,
                  columns: min(width, columns - first)))
            }
          }
        }
      }
    }
    return result
  }
}

extension TileTests {
  @Test(
    "tiles hold whole vectors and stay small", arguments: Variants.all,
    [1, 27, 768, 5_000, 100_000])
  func pitch(variant: Variants, depth: Int) {
    let lanes = variant.kernels.lanes
    let pitch = variant.kernels.tilePitch(depth: depth, blockCount: 1_000_000)
    #expect(pitch % lanes == 0)
    #expect((lanes...1024).contains(pitch))
    #expect(pitch == lanes || depth * pitch <= 98_304)
    let few = variant.kernels.tilePitch(depth: depth, blockCount: 3)
    #expect(few == min(pitch, lanes))
  }
}
