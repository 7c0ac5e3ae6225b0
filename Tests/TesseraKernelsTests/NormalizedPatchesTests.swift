import TesseraCore
import TesseraKernels
import Testing

@Suite("Normalized patches without tiles")
struct NormalizedPatchesTests {
  /// Windows wider than a vector, sparse, shifted, larger than the image, and many blocks a column.
  static let geometries =
    Geometry.all + [
      Geometry(size: Size(1), kernel: Size(3), padding: Size(1)),
      Geometry(size: Size(height: 1, width: 300), kernel: Size(height: 1, width: 8)),
      Geometry(channels: 3, size: Size(height: 20, width: 211), kernel: Size(8)),
      Geometry(
        channels: 2, size: Size(height: 11, width: 173), kernel: Size(5), stride: Size(3),
        padding: Size(2), mode: .reflect, edge: .shift),
      Geometry(
        size: Size(height: 6, width: 5), kernel: Size(1), padding: Size(3), mode: .symmetric),
      Geometry(size: Size(height: 21, width: 18), kernel: Size(17)),
      Geometry(
        size: Size(height: 30, width: 50), kernel: Size(6), stride: Size(2), padding: Size(9),
        dilation: Size(height: 3, width: 2), mode: .circular, edge: .shift),
      Geometry(
        channels: 2, size: Size(height: 9, width: 64), kernel: Size(4), padding: Size(2),
        dilation: Size(height: 1, width: 5), mode: .replicate),
    ]

  @Test("mean removal and standardization equal the reference", arguments: Variants.all, geometries)
  func reference(variant: Variants, geometry: Geometry) throws {
    var random = Seeded(41)
    let image = random.floats(geometry.channels * geometry.size.height * geometry.size.width)
    let grid = try geometry.grid()
    for groups in Set([1, geometry.channels]) {
      for standardizes in [false, true] {
        for divides in [false, true] {
          let expected = ReferenceKernels.normalizePatches(
            image, channels: geometry.channels, groups: groups, grid: grid, mode: geometry.mode,
            standardizes: standardizes, dividesByCount: divides)
          let patches = try #require(
            NormalizedPatches(
              grid: grid, channels: geometry.channels, groups: groups, standardizes: standardizes,
              dividesByCount: divides))
          let found = run(patches, image, geometry, grid, band: 1 << 20, variant.kernels)
          let overlap = (grid.rows.coverage() + [1]).max().map { $0 * $0 } ?? 1
          let bound = 1e-5 * Double(divides ? 1 : overlap)
          #expect(found.count == expected.count)
          #expect(zip(found, expected).allSatisfy { (Double($0) - $1).magnitude <= bound })
          for band in [1, 3, 7] {
            #expect(run(patches, image, geometry, grid, band: band, variant.kernels) == found)
          }
        }
      }
    }
  }

  @Test("statistics that no cache would hold are refused, whatever the memory")
  func limit() throws {
    let wide = try Window(kernelSize: Size(512), stride: Size(2)).grid(
      on: Size(height: 2000, width: 2000))
    #expect(
      NormalizedPatches(
        grid: wide, channels: 1, groups: 1, standardizes: false, dividesByCount: true) == nil)
  }

  @Test("an infinite value stays inside the blocks that hold it", arguments: Variants.all)
  func infinity(variant: Variants) throws {
    for step in [1, 3] {
      let geometry = Geometry(
        size: Size(height: 15, width: 90), kernel: Size(4), stride: Size(step), edge: .shift)
      let grid = try geometry.grid()
      var random = Seeded(42)
      var image = random.floats(15 * 90)
      let patches = try #require(
        NormalizedPatches(
          grid: grid, channels: 1, groups: 1, standardizes: true, dividesByCount: true))
      let clean = run(patches, image, geometry, grid, band: 5, variant.kernels)
      image[7 * 90 + 40] = .infinity
      let spoilt = run(patches, image, geometry, grid, band: 5, variant.kernels)
      for y in 0..<15 {
        for x in 0..<90 where !(4...10).contains(y) || !(37...43).contains(x) {
          #expect(spoilt[y * 90 + x] == clean[y * 90 + x])
        }
      }
      #expect(spoilt[7 * 90 + 40].isNaN)
    }
  }

  /// Makes a whole image in bands of `band` rows.
  private func run(
    _ patches: NormalizedPatches, _ image: [Float], _ geometry: Geometry, _ grid: BlockGrid,
    band: Int, _ kernels: KernelSet
  ) -> [Float] {
    let (rows, columns) = (grid.rows, grid.columns)
    let padded = Size(
      height: rows.paddingBefore + rows.size + rows.paddingAfter,
      width: columns.paddingBefore + columns.size + columns.paddingAfter)
    let input = Planes(
      image, channels: geometry.channels, size: geometry.size, top: rows.paddingBefore,
      left: columns.paddingBefore, padded: padded, mode: geometry.mode, zero: 0, fill: .nan)
    let output = Planes(
      rows: geometry.channels * rows.size, width: columns.size, fill: Float.infinity)
    // What lies in the memory must not matter.
    var scratch = [Float](repeating: .nan, count: patches.scratchCount)
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let scratch = scratch.baseAddress else { return }
      for first in stride(from: 0, to: rows.size, by: band) {
        patches.make(
          first..<min(first + band, rows.size), kernels: kernels, scratch: scratch,
          source: { row, channel in
            let line = channel * padded.height + row + rows.paddingBefore
            return UnsafePointer(input.rows[line] + columns.paddingBefore)
          },
          destination: { row, channel in output.rows[channel * rows.size + row] })
      }
    }
    return output.values
  }
}
