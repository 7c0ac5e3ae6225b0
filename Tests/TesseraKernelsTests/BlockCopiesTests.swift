import TesseraCore
import TesseraKernels
import Testing

@Suite("Block copies")
struct BlockCopiesTests {
  static let geometries = Geometry.all.filter { $0.dilation.width == 1 }

  @Test("blocks are cut and put back as the definition says", arguments: Variants.all, geometries)
  func copies(variant: Variants, geometry: Geometry) throws {
    let kernels = variant.kernels
    var random = Seeded(19)
    let count = geometry.channels * geometry.size.height * geometry.size.width
    try check(
      random.integers(count) as [UInt8], geometry, zero: 0, cut: kernels.cutBlocksU8,
      add: kernels.addBlocksU8, value: { Double($0) })
    try check(
      random.integers(count) as [UInt16], geometry, zero: 0, cut: kernels.cutBlocksU16,
      add: kernels.addBlocksU16, value: { Double($0) })
    try check(
      random.floats(count), geometry, zero: 0, cut: kernels.cutBlocksF32,
      add: kernels.addBlocksF32, value: { Double($0) })
  }

  private func check<E: BitwiseCopyable & Equatable, Sum: Numeric & BitwiseCopyable & Equatable>(
    _ image: [E], _ geometry: Geometry, zero: E, cut: (BlockCut<E>) -> Void,
    add: (BlockAddition<E, Sum>) -> Void, value: (E) -> Double
  ) throws {
    let grid = try geometry.grid()
    let (rows, columns) = (grid.rows, grid.columns)
    let padded = Size(
      height: rows.paddingBefore + rows.size + rows.paddingAfter,
      width: columns.paddingBefore + columns.size + columns.paddingAfter)
    let planes = Planes(
      image, channels: geometry.channels, size: geometry.size, top: rows.paddingBefore,
      left: columns.paddingBefore, padded: padded, mode: geometry.mode, zero: zero, fill: zero)
    let rowCount = geometry.channels * rows.kernel
    let depth = rowCount * columns.kernel
    var blocks = [E](repeating: zero, count: columns.count * depth + 1)
    var sums = [Sum](repeating: 0, count: geometry.channels * rows.size * columns.size)
    var cutBlocks: [E] = []
    for start in rows.starts {
      let places = (0..<rowCount).map { index in
        (channel: index / rows.kernel, row: start + index % rows.kernel * rows.dilation)
      }
      let sources = places.map { place in
        UnsafePointer(
          planes.rows[place.channel * padded.height + place.row + rows.paddingBefore]
            + columns.paddingBefore)
      }
      sums.withUnsafeMutableBufferPointer { sums in
        let targets = places.map { place -> UnsafeMutablePointer<Sum>? in
          guard (0..<rows.size).contains(place.row) else { return nil }
          return sums.baseAddress.map {
            $0 + (place.channel * rows.size + place.row) * columns.size
          }
        }
        cut(
          BlockCut(
            rows: sources, rowCount: rowCount, starts: columns.starts, blockCount: columns.count,
            kernelWidth: columns.kernel, blocks: &blocks))
        add(
          BlockAddition(
            blocks: blocks, accumulators: targets, rowCount: rowCount, starts: columns.starts,
            blockCount: columns.count, kernelWidth: columns.kernel, width: columns.size))
      }
      #expect(blocks.last == zero)
      cutBlocks += blocks.dropLast()
    }
    let unfolded = ReferenceKernels.unfold(
      image, channels: geometry.channels, grid: grid, mode: geometry.mode, zero: zero)
    let expected = (0..<grid.blockCount).flatMap { block in
      (0..<depth).map { unfolded[$0 * grid.blockCount + block] }
    }
    #expect(cutBlocks == expected)
    let folded = ReferenceKernels.fold(
      unfolded.map(value), channels: geometry.channels, grid: grid)
    #expect(sums.map { "\($0)" }.compactMap(Double.init) == folded)
  }
}
