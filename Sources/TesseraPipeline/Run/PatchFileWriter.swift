import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Puts tiles of patches where they belong in an array that holds all of them.
///
/// In torch's order a row of the array goes through every tile: tiles are collected until their rows
/// make long pieces. In the other orders a tile is one piece, its patches one after the other.
package final class PatchFileWriter {
  private let writer: NPYFileWriter
  private let layout: Encode.PatchLayout
  private let length: Int
  private let blockCount: Int
  private let verifies: Bool
  private let kernels: KernelSet
  private var digest = ValueDigest()
  /// For every value of a patch in the file's order: its place over channel, row and column.
  private let order: [Int32]
  private let pieces: ScratchPool.Loan
  /// Blocks that are collected at most, and those that are.
  private let collectable: Int
  private var collected: Range<Int> = 0..<0

  /// Bytes of tiles that are collected at most.
  private static let collectedBytes = 8 << 20

  /// Prepares to write into an array.
  ///
  /// - Parameters:
  ///   - writer: the array, as large as all patches.
  ///   - layout: the order of its axes.
  ///   - channels: planes of a patch.
  ///   - patchSize: rows and columns of a patch.
  ///   - tileWidth: blocks of a tile.
  ///   - blockCount: blocks of the image.
  ///   - verifies: whether `matches(_:)` will be asked for.
  ///   - kernels: the arithmetic.
  ///   - pool: lends memory.
  package init(
    _ writer: NPYFileWriter, layout: Encode.PatchLayout, channels: Int, patchSize: Size,
    tileWidth: Int, blockCount: Int, verifies: Bool, kernels: KernelSet, pool: ScratchPool
  ) {
    self.writer = writer
    self.layout = layout
    self.verifies = verifies
    self.kernels = kernels
    self.blockCount = blockCount
    let pixels = patchSize.height * patchSize.width
    length = channels * pixels
    order = (0..<Int32(layout == .torch ? 0 : length)).map { place in
      guard layout == .tokensChannelsLast else { return place }
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: Int32(channels))
      return channel * Int32(pixels) + pixel
    }
    collectable = Self.collectable(
      layout, length: length, tileWidth: tileWidth, blockCount: blockCount,
      valueBytes: writer.elementType.byteCount)
    pieces = pool.loan(byteCount: collectable * length * writer.elementType.byteCount)
  }

  /// Blocks that are collected before they are written.
  package static func collectable(
    _ layout: Encode.PatchLayout, length: Int, tileWidth: Int, blockCount: Int, valueBytes: Int
  ) -> Int {
    guard layout == .torch else { return tileWidth }
    let tileBytes = max(length * tileWidth * valueBytes, 1)
    return min(max(collectedBytes / tileBytes, 1) * tileWidth, max(blockCount, tileWidth))
  }

  /// Writes the tile of some blocks, which follow those of the last one.
  package func write<E: Element>(
    _ tile: UnsafePointer<E>, pitch: Int, blocks: Range<Int>
  ) throws(CodecError) {
    guard layout == .torch else { return try writePatches(tile, pitch: pitch, blocks: blocks) }
    if collected.count + blocks.count > collectable { try flush(as: E.self) }
    if collected.isEmpty { collected = blocks.lowerBound..<blocks.lowerBound }
    let target = pieces.pointer(to: E.self) + collected.count
    for row in 0..<length {
      (target + row * collectable).update(from: tile + row * pitch, count: blocks.count)
    }
    collected = collected.lowerBound..<blocks.upperBound
    if blocks.upperBound == blockCount { try flush(as: E.self) }
  }

  /// Whether the file at a path holds the values that were written.
  package func matches(_ path: String) throws(CodecError) -> Bool {
    try .ofArray(at: path) == digest
  }

  /// Closes the array.
  package func finish() throws(CodecError) { try writer.finish() }

  private func writePatches<E: Element>(
    _ tile: UnsafePointer<E>, pitch: Int, blocks: Range<Int>
  ) throws(CodecError) {
    let patches = pieces.pointer(to: E.self)
    order.withUnsafeBufferPointer { order in
      guard let order = order.baseAddress else { return }
      kernels.transpose(
        TileTransposition(
          tile: tile, pitch: pitch, blockCount: blocks.count, rows: order, depth: length,
          destination: patches))
    }
    try write(patches, count: blocks.count * length, at: blocks.lowerBound * length)
  }

  /// Writes the rows of the tiles that were collected.
  private func flush<E: Element>(as type: E.Type) throws(CodecError) {
    let values = pieces.pointer(to: type)
    for row in 0..<length {
      try write(
        values + row * collectable, count: collected.count,
        at: row * blockCount + collected.lowerBound)
    }
    collected = 0..<0
  }

  private func write<E: Element>(
    _ values: UnsafePointer<E>, count: Int, at position: Int
  ) throws(CodecError) {
    if verifies { digest.add(values, as: E.elementType, count: count, at: position) }
    try writer.write(
      UnsafeRawBufferPointer(start: values, count: count * MemoryLayout<E>.stride), at: position)
  }
}

extension KernelSet {
  /// Transposes a tile by the kernel of its type.
  fileprivate func transpose<E: Element>(_ job: TileTransposition<E>) {
    if let job = job as? TileTransposition<Float> {
      transposeF32(job)
    } else if let job = job as? TileTransposition<UInt16> {
      transposeU16(job)
    } else if let job = job as? TileTransposition<UInt8> {
      transposeU8(job)
    }
  }
}
