import TesseraCore
import TesseraKernels
import Testing

/// A window on an image, as an argument of a test.
struct Geometry: Sendable, CustomTestStringConvertible {
  var channels = 1
  var size: Size
  var kernel: Size
  var stride = Size(1)
  var padding = Size(0)
  var dilation = Size(1)
  var mode = PaddingMode.zeros
  var edge = EdgePolicy.drop

  var testDescription: String {
    """
    \(channels) × \(size), kernel \(kernel), stride \(stride), padding \(padding), \
    dilation \(dilation), \(mode.rawValue), \(edge.rawValue)
    """
  }

  func grid() throws -> BlockGrid {
    try Window(
      kernelSize: kernel, stride: stride, padding: .symmetric(padding), dilation: dilation,
      edge: edge
    ).grid(on: size)
  }

  static let all: [Geometry] = [
    Geometry(size: Size(1), kernel: Size(1)),
    Geometry(channels: 3, size: Size(height: 5, width: 40), kernel: Size(3), padding: Size(1)),
    Geometry(
      channels: 2, size: Size(height: 6, width: 37), kernel: Size(height: 2, width: 7),
      padding: Size(height: 1, width: 6), mode: .reflect),
    Geometry(size: Size(height: 4, width: 90), kernel: Size(4), stride: Size(4), edge: .shift),
    Geometry(size: Size(height: 9, width: 83), kernel: Size(8), stride: Size(4), edge: .shift),
    Geometry(
      channels: 2, size: Size(height: 8, width: 150), kernel: Size(height: 3, width: 7),
      stride: Size(height: 2, width: 3), padding: Size(3), mode: .symmetric, edge: .pad),
    Geometry(
      size: Size(height: 7, width: 131), kernel: Size(5), stride: Size(2), padding: Size(4),
      mode: .replicate, edge: .shift),
    Geometry(size: Size(height: 3, width: 70), kernel: Size(3), stride: Size(2), padding: Size(2)),
    Geometry(
      size: Size(height: 12, width: 60), kernel: Size(3), stride: Size(2), padding: Size(3),
      dilation: Size(height: 2, width: 3), mode: .circular),
    Geometry(
      size: Size(height: 7, width: 50), kernel: Size(3), padding: Size(2), dilation: Size(2)),
    Geometry(size: Size(height: 16, width: 270), kernel: Size(16), stride: Size(8), edge: .shift),
    Geometry(size: Size(height: 9, width: 200), kernel: Size(9), stride: Size(20), edge: .shift),
    Geometry(size: Size(height: 2, width: 3), kernel: Size(5), padding: Size(4), edge: .pad),
    Geometry(
      size: Size(height: 3, width: 420), kernel: Size(height: 2, width: 13),
      stride: Size(height: 1, width: 9), padding: Size(height: 0, width: 7), edge: .pad),
    Geometry(
      size: Size(height: 2, width: 200), kernel: Size(height: 1, width: 20),
      stride: Size(height: 1, width: 5), padding: Size(height: 0, width: 11), edge: .shift),
    Geometry(
      size: Size(height: 2, width: 301), kernel: Size(height: 1, width: 24),
      stride: Size(height: 1, width: 8), edge: .shift),
  ]
}

@Suite("Unfold and fold")
struct UnfoldFoldTests {
  @Test("unfold copies what the definition says", arguments: Variants.all, Geometry.all)
  func unfold(variant: Variants, geometry: Geometry) throws {
    var random = Seeded(11)
    let grid = try geometry.grid()
    let count = geometry.channels * geometry.size.height * geometry.size.width
    let kernels = variant.kernels
    let floats = random.floats(count)
    let bytes: [UInt8] = random.integers(count)
    let words: [UInt16] = random.integers(count)
    for pieces in [1, 2, 5] {
      #expect(
        columns(of: floats, geometry, grid, pieces, zero: 0, fill: .nan, kernels.gatherF32)
          == ReferenceKernels.unfold(
            floats, channels: geometry.channels, grid: grid, mode: geometry.mode, zero: 0))
      #expect(
        columns(of: bytes, geometry, grid, pieces, zero: 0, fill: 99, kernels.gatherU8)
          == ReferenceKernels.unfold(
            bytes, channels: geometry.channels, grid: grid, mode: geometry.mode, zero: 0))
      #expect(
        columns(of: words, geometry, grid, pieces, zero: 0, fill: 99, kernels.gatherU16)
          == ReferenceKernels.unfold(
            words, channels: geometry.channels, grid: grid, mode: geometry.mode, zero: 0))
    }
  }

  @Test(
    "unfold past the caches copies the same", arguments: Variants.all,
    Geometry.all)
  func streamed(variant: Variants, geometry: Geometry) throws {
    var random = Seeded(14)
    let grid = try geometry.grid()
    let count = geometry.channels * geometry.size.height * geometry.size.width
    let kernels = variant.kernels
    let floats = random.floats(count)
    let bytes: [UInt8] = random.integers(count)
    let words: [UInt16] = random.integers(count)
    for pieces in [1, 2, 5] {
      #expect(
        columns(
          of: floats, geometry, grid, pieces, zero: 0, fill: .nan, streams: true,
          kernels.gatherF32)
          == columns(of: floats, geometry, grid, 1, zero: 0, fill: .nan, kernels.gatherF32))
      #expect(
        columns(
          of: bytes, geometry, grid, pieces, zero: 0, fill: 99, streams: true, kernels.gatherU8)
          == columns(of: bytes, geometry, grid, 1, zero: 0, fill: 99, kernels.gatherU8))
      #expect(
        columns(
          of: words, geometry, grid, pieces, zero: 0, fill: 99, streams: true, kernels.gatherU16)
          == columns(of: words, geometry, grid, 1, zero: 0, fill: 99, kernels.gatherU16))
    }
  }

  @Test("fold adds what the definition says", arguments: Variants.all, Geometry.all)
  func fold(variant: Variants, geometry: Geometry) throws {
    var random = Seeded(12)
    let grid = try geometry.grid()
    let depth = geometry.channels * geometry.kernel.height * geometry.kernel.width
    let kernels = variant.kernels
    let floats = random.floats(depth * grid.blockCount)
    let bytes: [UInt8] = random.integers(depth * grid.blockCount)
    let words: [UInt16] = random.integers(depth * grid.blockCount)
    let expected = ReferenceKernels.fold(
      floats.map(Double.init), channels: geometry.channels, grid: grid)
    let whole: [Float] = sums(of: floats, geometry, grid, 1, kernels.scatterAddF32)
    #expect(agree(whole, expected, terms: geometry.kernel.height * geometry.kernel.width))
    for pieces in [1, 2, 5] {
      #expect(sums(of: floats, geometry, grid, pieces, kernels.scatterAddF32) == whole)
      #expect(sums(of: floats, geometry, grid, pieces, kernels.scatterAddF64) == expected)
      #expect(
        sums(of: bytes, geometry, grid, pieces, kernels.scatterAddU8).map(Double.init)
          == ReferenceKernels.fold(
            bytes.map(Double.init), channels: geometry.channels, grid: grid))
      #expect(
        sums(of: words, geometry, grid, pieces, kernels.scatterAddU16).map(Double.init)
          == ReferenceKernels.fold(
            words.map(Double.init), channels: geometry.channels, grid: grid))
    }
  }

  @Test("sums are divided by coverage", arguments: Variants.all, ConversionTests.counts)
  func coverage(variant: Variants, count: Int) {
    var random = Seeded(13)
    let counts = (0..<count).map { Float($0 % 5) }
    let sums = (0..<count).map { UInt32($0 % 5 == 0 ? 0 : random.next() % 500) }
    var bytes = [UInt8](repeating: 1, count: count + 1)
    var words = [UInt16](repeating: 1, count: count + 1)
    var floats = [Float](repeating: .nan, count: count + 1)
    for rows in [1, 2, 7] {
      let expected = (0..<count).map {
        ReferenceKernels.divide(Int(sums[$0]), by: rows * Int(counts[$0]))
      }
      variant.kernels.divideToU16(
        CoverageDivision(
          sums: sums, rowDivisor: Float(rows), columnDivisors: counts, destination: &words,
          count: count))
      #expect(words.prefix(count).map(Int.init) == expected)
      variant.kernels.divideToU8(
        CoverageDivision(
          sums: sums, rowDivisor: Float(rows), columnDivisors: counts, destination: &bytes,
          count: count))
      #expect(bytes.prefix(count).map(Int.init) == expected.map { $0 & 255 })
      let doubles = sums.map { Double($0) / 3 }
      variant.kernels.divideF64(
        CoverageDivision(
          sums: doubles, rowDivisor: Float(rows), columnDivisors: counts, destination: &floats,
          count: count))
      #expect(
        Array(floats.prefix(count))
          == (0..<count).map {
            counts[$0] == 0 ? 0 : Float(doubles[$0] / Double(rows * Int(counts[$0])))
          })
      let singles = doubles.map { Float($0) }
      variant.kernels.divideF32(
        CoverageDivision(
          sums: singles, rowDivisor: Float(rows), columnDivisors: counts, destination: &floats,
          count: count))
      #expect(
        Array(floats.prefix(count))
          == (0..<count).map { counts[$0] == 0 ? 0 : singles[$0] / Float(rows * Int(counts[$0])) })
      #expect(floats[count].isNaN && bytes[count] == 1 && words[count] == 1)
    }
  }

  @Test("halves round to even in integer means", arguments: Variants.all)
  func halves(variant: Variants) {
    let sums: [UInt32] = [1, 3, 5, 7, 509, 510, 131_069, 131_070, 0]
    var words = [UInt16](repeating: 1, count: sums.count)
    variant.kernels.divideToU16(
      CoverageDivision(
        sums: sums, rowDivisor: 2, columnDivisors: [Float](repeating: 1, count: sums.count),
        destination: &words, count: sums.count))
    #expect(words == [0, 2, 2, 4, 254, 255, 65_534, 65_535, 0])
  }

  /// Unfolds a whole image, each row of blocks in several runs.
  private func columns<E: BitwiseCopyable>(
    of image: [E], _ geometry: Geometry, _ grid: BlockGrid, _ pieces: Int, zero: E, fill: E,
    streams: Bool = false, _ gather: (TileGather<E>) -> Void
  ) -> [E] {
    let (rows, columns) = (grid.rows, grid.columns)
    let padded = Size(
      height: rows.paddingBefore + rows.size + rows.paddingAfter,
      width: columns.paddingBefore + columns.size + columns.paddingAfter)
    let planes = Planes(
      image, channels: geometry.channels, size: geometry.size, top: rows.paddingBefore,
      left: columns.paddingBefore, padded: padded, mode: geometry.mode, zero: zero, fill: fill)
    let depth = geometry.channels * geometry.kernel.height * geometry.kernel.width
    var tile = [E](repeating: fill, count: depth * grid.blockCount)
    let stage = UnsafeMutablePointer<E>.allocate(
      capacity: TileGather<E>.stageCount(blockCount: columns.count, blockRows: rows.count))
    defer { stage.deallocate() }
    for blockRows in bands(rows.count, pieces) {
      var sources: [UnsafePointer<E>] = []
      for start in rows.starts[blockRows] {
        for channel in 0..<geometry.channels {
          for i in 0..<rows.kernel {
            let row = start + rows.paddingBefore + i * rows.dilation
            sources.append(
              UnsafePointer(planes.rows[channel * padded.height + row] + columns.paddingBefore))
          }
        }
      }
      for run in runs(columns.count, pieces) {
        tile.withUnsafeMutableBufferPointer { tile in
          guard let base = tile.baseAddress else { return }
          Array(columns.starts[run]).withUnsafeBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            sources.withUnsafeBufferPointer { sources in
              guard let sources = sources.baseAddress else { return }
              gather(
                TileGather(
                  rows: sources, rowCount: geometry.channels * rows.kernel, starts: starts,
                  blockCount: run.count, blockRows: blockRows.count, kernelWidth: columns.kernel,
                  dilation: columns.dilation,
                  tile: base + blockRows.lowerBound * columns.count + run.lowerBound,
                  pitch: grid.blockCount, stage: streams ? stage : nil))
            }
          }
        }
      }
    }
    return tile
  }

  /// Folds a whole columns matrix, each row of blocks in several runs.
  private func sums<E, Sum: AdditiveArithmetic>(
    of tile: [E], _ geometry: Geometry, _ grid: BlockGrid, _ pieces: Int,
    _ scatter: (TileScatter<E, Sum>) -> Void
  ) -> [Sum] {
    let (rows, columns) = (grid.rows, grid.columns)
    let planes = Planes<Sum>(
      rows: geometry.channels * rows.size, width: columns.size, fill: .zero)
    for blockRows in bands(rows.count, pieces) {
      var targets: [UnsafeMutablePointer<Sum>?] = []
      for start in rows.starts[blockRows] {
        for channel in 0..<geometry.channels {
          for i in 0..<rows.kernel {
            let row = start + i * rows.dilation
            let isInside = (0..<rows.size).contains(row)
            targets.append(isInside ? planes.rows[channel * rows.size + row] : nil)
          }
        }
      }
      for run in runs(columns.count, pieces) {
        tile.withUnsafeBufferPointer { tile in
          guard let base = tile.baseAddress else { return }
          Array(columns.starts[run]).withUnsafeBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            targets.withUnsafeBufferPointer { targets in
              guard let targets = targets.baseAddress else { return }
              scatter(
                TileScatter(
                  tile: base + blockRows.lowerBound * columns.count + run.lowerBound,
                  pitch: grid.blockCount, accumulators: targets,
                  rowCount: geometry.channels * rows.kernel, starts: starts, blockCount: run.count,
                  blockRows: blockRows.count, kernelWidth: columns.kernel,
                  dilation: columns.dilation, width: columns.size))
            }
          }
        }
      }
    }
    return planes.values
  }

  /// Rows of blocks that share a call: two where each is a single run, else one.
  private func bands(_ count: Int, _ pieces: Int) -> [Range<Int>] {
    runs(count, pieces == 1 ? (count + 1) / 2 : count)
  }

  /// Cuts `0..<count` into at most `pieces` runs.
  private func runs(_ count: Int, _ pieces: Int) -> [Range<Int>] {
    let length = (count + pieces - 1) / pieces
    return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
  }
}
