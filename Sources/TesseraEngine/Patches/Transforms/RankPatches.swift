import TesseraCore
import TesseraKernels

/// One value of the window around every value of a patch, inside the patch.
///
/// Some lanes at a time are laid side by side with what stands around them: a row of a patch is then a
/// row of an image whose columns are as many values apart.
package struct RankPatches: TileTransform {
  /// Planes of a patch that are filtered; those behind stay as they are.
  package var channels: Int
  /// Height and width of a patch.
  package var patchSize: Size
  /// Rows and columns of the window, odd, and two values or more.
  package var window: Size
  /// Which value, counted from the smallest as 0.
  package var rank: Int
  /// What stands around a patch.
  package var paddingMode: PaddingMode

  package init(
    channels: Int, patchSize: Size, window: Size, rank: Int, paddingMode: PaddingMode
  ) {
    self.channels = channels
    self.patchSize = patchSize
    self.window = window
    self.rank = rank
    self.paddingMode = paddingMode
  }

  /// Values are chosen, and rounding keeps their order.
  package var commutesWithRounding: Bool { true }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedRanks(self, pitch: tile.pitch, tools.kernels)
  }
}

private struct PreparedRanks: PreparedTransform {
  private let work: RankPatches
  private let kernels: KernelSet
  private let method: RankMethod<Int32>
  /// Patches side by side.
  private let lanes: Int
  /// For each row above, of and below a patch the row that stands there; `nil` for zeros.
  private let rowSources: [Int?]
  /// The same for columns.
  private let columnSources: [Int?]

  init(_ work: RankPatches, pitch: Int, _ kernels: KernelSet) {
    self.work = work
    self.kernels = kernels
    let size = work.patchSize
    func method(_ lanes: Int) -> RankMethod<Int32> {
      RankMethod(
        work.window, rank: work.rank, of: Size(height: size.height, width: size.width * lanes),
        step: lanes, kernels)
    }
    let together = method(kernels.lanes)
    let isTogether = pitch % kernels.lanes == 0 && together.comparesVectors
    lanes = isTogether ? kernels.lanes : 1
    self.method = isTogether ? together : method(1)
    func sources(_ length: Int, _ window: Int) -> [Int?] {
      (-(window / 2)..<length + window / 2).map {
        work.paddingMode.source(of: $0, size: length)
      }
    }
    rowSources = sources(size.height, work.window.height)
    columnSources = sources(size.width, work.window.width)
  }

  var tableBytes: Int {
    method.tableBytes + (rowSources.count + columnSources.count) * MemoryLayout<Int?>.stride
  }

  private var planeCount: Int { work.patchSize.height * work.patchSize.width * lanes }
  private var paddedCount: Int { rowSources.count * columnSources.count * lanes }

  /// A channel of the lanes, the same with its padding, and what the method works in.
  var scratchCount: Int { planeCount + paddedCount + method.scratchCount }

  func apply(to tile: inout Tile) {
    let length = work.patchSize.height * work.patchSize.width
    let memory = UnsafeMutableRawPointer(tile.scratch)
      .bindMemory(to: Int32.self, capacity: scratchCount)
    for channel in 0..<work.channels {
      let plane = tile.values + channel * length * tile.pitch
      for lane in stride(from: 0, to: tile.blocks.count, by: lanes) {
        filter(plane + lane, pitch: tile.pitch, memory)
      }
    }
  }

  /// Filters one channel of some lanes in place.
  private func filter(
    _ plane: UnsafeMutablePointer<Float>, pitch: Int, _ memory: UnsafeMutablePointer<Int32>
  ) {
    let (height, width) = (work.patchSize.height, work.patchSize.width)
    let padded = memory + planeCount
    let floats = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Float.self)
    for row in 0..<height * width {
      (floats + row * lanes).update(from: plane + row * pitch, count: lanes)
    }
    kernels.takeKeys(floats, memory, planeCount)
    pad(memory, into: padded)
    let rowLength = columnSources.count * lanes
    method.make(
      rowSources.indices.map { UnsafePointer(padded + $0 * rowLength) },
      into: (0..<height).map { memory + $0 * width * lanes }, width: width * lanes,
      padded + paddedCount)
    kernels.takeValues(memory, floats, planeCount)
    for row in 0..<height * width {
      (plane + row * pitch).update(from: floats + row * lanes, count: lanes)
    }
  }

  /// Copies a channel, with what stands beside, above and below it; the key of 0 is 0.
  private func pad(_ plane: UnsafePointer<Int32>, into padded: UnsafeMutablePointer<Int32>) {
    let (width, rowLength) = (work.patchSize.width, columnSources.count * lanes)
    for (row, source) in rowSources.enumerated() {
      let target = padded + row * rowLength
      guard let source else {
        target.update(repeating: 0, count: rowLength)
        continue
      }
      let values = plane + source * width * lanes
      for (column, from) in columnSources.enumerated() {
        let place = target + column * lanes
        if let from {
          place.update(from: values + from * lanes, count: lanes)
        } else {
          place.update(repeating: 0, count: lanes)
        }
      }
    }
  }
}
