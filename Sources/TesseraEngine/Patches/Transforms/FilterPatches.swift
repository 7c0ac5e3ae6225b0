import TesseraCore
import TesseraKernels

/// A convolution inside each patch that keeps its size.
///
/// A row of a patch is a row of a tile's lanes side by side, so the kernels of image rows filter it,
/// columns `pitch` apart: the sums are those of `ConvolveRows`, bit for bit.
package struct FilterPatches: TileTransform {
  /// Planes of a patch.
  package var channels: Int
  /// Height and width of a patch.
  package var patchSize: Size
  /// One kernel, or one per channel: the window, and one output for each channel that is filtered;
  /// those behind stay as they are.
  package var map: LinearMap
  /// What stands around a patch.
  package var paddingMode: PaddingMode

  package init(channels: Int, patchSize: Size, map: LinearMap, paddingMode: PaddingMode) {
    self.channels = channels
    self.patchSize = patchSize
    self.map = map
    self.paddingMode = paddingMode
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedFilter(self, pitch: tile.pitch, tools.kernels)
  }
}

private struct PreparedFilter: PreparedTransform {
  private let work: FilterPatches
  private let kernelSize: Size
  private let kernels: KernelSet
  private let pitch: Int
  private let runs: [[FilterRun]]
  /// For each row above, of and below a patch the row that stands there; `nil` for zeros.
  private let rowSources: [Int?]
  /// The same for columns.
  private let columnSources: [Int?]

  init(_ work: FilterPatches, pitch: Int, _ kernels: KernelSet) {
    self.work = work
    self.kernels = kernels
    self.pitch = pitch
    let size = work.map.kernelSize ?? Size(1)
    kernelSize = size
    runs = FilterRun.runs(of: work.map)
    func sources(_ length: Int, _ kernel: Int) -> [Int?] {
      let anchor = (kernel - 1) / 2
      return (-anchor..<length + kernel - 1 - anchor).map {
        work.paddingMode.source(of: $0, size: length)
      }
    }
    rowSources = sources(work.patchSize.height, size.height)
    columnSources = sources(work.patchSize.width, size.width)
  }

  var tableBytes: Int {
    (work.map.weights.count + work.map.divisors.count) * MemoryLayout<Float>.stride
      + FilterRun.byteCount(runs)
      + (rowSources.count + columnSources.count) * MemoryLayout<Int?>.stride
  }

  /// A padded row of lanes.
  private var rowLength: Int { columnSources.count * pitch }

  /// One channel with its padding, a row of zeros, and the sums between two passes.
  var scratchCount: Int {
    let separable = SeparableConvolution.scratchCount(
      width: work.patchSize.width * pitch, kernelWidth: kernelSize.width, dilation: pitch)
    return (work.patchSize.height + 1) * rowLength + separable
  }

  func apply(to tile: inout Tile) {
    let plane = work.patchSize.height * work.patchSize.width * pitch
    let filtered = work.map.outputs
    (tile.spare + filtered * plane).update(
      from: tile.values + filtered * plane, count: (work.channels - filtered) * plane)
    for channel in 0..<filtered {
      pad(tile.values + channel * plane, into: tile.scratch)
      filter(channel, tile.scratch, into: tile.spare + channel * plane)
    }
    tile.exchange()
  }

  /// Copies a channel, every row with what stands beside it.
  private func pad(_ plane: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
    let height = work.patchSize.height
    let anchor = (kernelSize.width - 1) / 2
    let inside = work.patchSize.width * pitch
    (padded + height * rowLength).update(repeating: 0, count: rowLength)
    for row in 0..<height {
      let source = plane + row * inside
      let target = padded + row * rowLength
      (target + anchor * pitch).update(from: source, count: inside)
      for (column, from) in columnSources.enumerated()
      where column < anchor || column >= anchor + work.patchSize.width {
        if let from {
          (target + column * pitch).update(from: source + from * pitch, count: pitch)
        } else {
          (target + column * pitch).update(repeating: 0, count: pitch)
        }
      }
    }
  }

  private func filter(
    _ channel: Int, _ padded: UnsafeMutablePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    let height = work.patchSize.height
    let width = work.patchSize.width * pitch
    let rows = rowSources.map { UnsafePointer(padded + ($0 ?? height) * rowLength) }
    let outputs = (0..<height).map { destination + $0 * width }
    rows.withUnsafeBufferPointer { rows in
      outputs.withUnsafeBufferPointer { outputs in
        work.map.weights.withUnsafeBufferPointer { weights in
          let job = Convolution(
            rows: rows.first(), rowsPerChannel: 0, outputs: outputs.first(), outputRows: height,
            width: width, weights: weights.first() + work.map.firstWeight(of: channel),
            kernelHeight: kernelSize.height, kernelWidth: kernelSize.width, dilationWidth: pitch)
          if work.map.sumsAreWide {
            // Columns are too far apart for two passes over pieces of a row.
            kernels.convolveWide(job, nil, work.map.rounding(of: channel))
            return
          }
          if let factor = runs[channel].first?.factor {
            factor.convolve(
              job, scratch: padded + (height + 1) * rowLength, with: kernels)
          } else {
            kernels.depthwise(job)
          }
          let divisor = work.map.divisor(of: channel)
          if divisor != 1 { kernels.divideRow(destination, divisor, destination, height * width) }
        }
      }
    }
  }
}
