import Glibc
import TesseraCore
import TesseraKernels

/// Unfolding, folding and fused patch passes of one window on the benchmark's image.
final class PatchWork {
  let kernels: KernelSet
  let kernel: Int
  let grid: BlockGrid
  let image: Image
  let depth: Int
  /// Rows of blocks in one call, as far as a whole columns matrix is read.
  private let blockRows = 2
  /// Rows of blocks in one call, as far as one is made.
  private let streamedRows: Int
  private let stage: UnsafeMutablePointer<Float>
  private let starts: UnsafeMutablePointer<Int>
  private let sources: UnsafeMutablePointer<UnsafePointer<Float>>
  private let targets: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  init(_ kernels: KernelSet, kernel: Int, stride: Int, padding: Int) throws {
    self.kernels = kernels
    self.kernel = kernel
    grid = try Window(
      kernelSize: Size(kernel), stride: Size(stride), padding: .symmetric(Size(padding))
    ).grid(on: Size(height: Image.height, width: Image.width))
    image = Image(margin: padding, random: true)
    depth = Image.channels * kernel * kernel
    starts = .allocate(capacity: grid.columns.count)
    for (index, start) in grid.columns.starts.enumerated() { starts[index] = start }
    streamedRows = TileGather<Float>.streamedRows(blockCount: grid.columns.count)
    stage = .allocate(
      capacity: TileGather<Float>.stageCount(
        blockCount: grid.columns.count, blockRows: streamedRows))
    sources = .allocate(capacity: Image.channels * kernel * max(blockRows, streamedRows))
    targets = .allocate(capacity: Image.channels * kernel * blockRows)
  }

  /// Torch's unfold into a buffer of depth × blocks, which no cache holds.
  func unfold(_ columns: UnsafeMutablePointer<Float>) {
    for first in stride(from: 0, to: grid.rows.count, by: streamedRows) {
      let rows = grid.rows.starts[first..<min(first + streamedRows, grid.rows.count)]
      gather(
        rows, 0..<grid.columns.count, columns + first * grid.columns.count, grid.blockCount,
        stage: stage)
    }
  }

  /// Torch's fold of such a buffer into an image without margins.
  func fold(_ columns: UnsafePointer<Float>, _ sums: Image) {
    var cleared = 0
    for first in stride(from: 0, to: grid.rows.count, by: blockRows) {
      let rows = grid.rows.starts[first..<min(first + blockRows, grid.rows.count)]
      clear(sums, &cleared, before: rows[rows.endIndex - 1] + kernel)
      scatter(
        rows, 0..<grid.columns.count, columns + first * grid.columns.count, grid.blockCount, sums)
    }
  }

  /// What subtracts the mean of every patch, or standardizes it, and folds.
  func normalizedPatches(standardizes: Bool = false) throws -> NormalizedPatches {
    guard
      let patches = NormalizedPatches(
        grid: grid, channels: Image.channels, groups: 1, standardizes: standardizes,
        dividesByCount: true)
    else { throw CaseError.usage }
    return patches
  }

  /// Unfold, subtract every patch's mean or standardize it, fold by count, in bands as the executor
  /// makes them.
  func normalize(_ patches: NormalizedPatches, _ scratch: UnsafeMutablePointer<Float>, _ to: Image)
  {
    let band = max(32, 4 * kernel)
    for first in stride(from: 0, to: Image.height, by: band) {
      patches.make(
        first..<min(first + band, Image.height), kernels: kernels, scratch: scratch,
        source: { [image] row, channel in
          UnsafePointer(
            image.rows[channel * image.rowsPerChannel + row + image.margin] + image.margin)
        },
        destination: { row, channel in to.rows[channel * Image.height + row] })
    }
  }

  /// Unfold and subtract every patch's mean, tile by tile, as the executor does ahead of what needs
  /// patches.
  func subtractMeans(_ tile: UnsafeMutablePointer<Float>, _ pitch: Int) {
    for start in grid.rows.starts {
      for first in stride(from: 0, to: grid.columns.count, by: pitch) {
        let run = first..<min(first + pitch, grid.columns.count)
        gather([start], run, tile, pitch)
        kernels.subtractMean(
          TilePatches(tile: tile, pitch: pitch, rowCount: depth, width: kernel))
      }
    }
  }

  /// Sets the rows before `end` to zero that were not yet.
  private func clear(_ sums: Image, _ cleared: inout Int, before end: Int) {
    while cleared < min(end, Image.height) {
      for channel in 0..<Image.channels {
        sums.rows[channel * Image.height + cleared].update(repeating: 0, count: Image.width)
      }
      cleared += 1
    }
  }

  private func gather(
    _ rows: ArraySlice<Int>, _ run: Range<Int>, _ tile: UnsafeMutablePointer<Float>, _ pitch: Int,
    stage: UnsafeMutablePointer<Float>? = nil
  ) {
    var index = 0
    for start in rows {
      for channel in 0..<Image.channels {
        for i in 0..<kernel {
          let row = channel * image.rowsPerChannel + start + image.margin + i
          sources[index] = UnsafePointer(image.rows[row] + image.margin)
          index += 1
        }
      }
    }
    kernels.gatherF32(
      TileGather(
        rows: sources, rowCount: Image.channels * kernel, starts: starts + run.lowerBound,
        blockCount: run.count, blockRows: rows.count, kernelWidth: kernel, dilation: 1, tile: tile,
        pitch: pitch, stage: stage))
  }

  private func scatter(
    _ rows: ArraySlice<Int>, _ run: Range<Int>, _ tile: UnsafePointer<Float>, _ pitch: Int,
    _ sums: Image
  ) {
    var index = 0
    for start in rows {
      for channel in 0..<Image.channels {
        for row in start..<(start + kernel) {
          let isInside = row >= 0 && row < Image.height
          targets[index] = isInside ? sums.rows[channel * Image.height + row] : nil
          index += 1
        }
      }
    }
    kernels.scatterAddF32(
      TileScatter(
        tile: tile, pitch: pitch, accumulators: targets, rowCount: Image.channels * kernel,
        starts: starts + run.lowerBound, blockCount: run.count, blockRows: rows.count,
        kernelWidth: kernel, dilation: 1,
        width: Image.width))
  }
}
