import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Puts tiles of patches where they belong in an array that holds all of them.
///
/// In torch's order a row of the array goes through every tile: tiles are collected until their rows
/// make long pieces, all of them where only the values tell how many blocks there are. In the other
/// orders a tile is one piece, its patches one after the other.
final class PatchFileWriter {
  private var writer: NPYFileWriter
  private let path: String
  private let order: PatchOrder
  private let length: Int
  /// Blocks that the array has room for.
  private var room: Int
  /// Whether fewer may come.
  private let isOpenEnded: Bool
  private let verifies: Bool
  private let kernels: KernelSet
  private var digest = ValueDigest()
  /// For every value of a patch in the file's order: its place over channel, row and column.
  private let places: [Int32]
  private let pieces: ScratchPool.Loan
  /// Blocks that are collected at most, and those that are.
  private let collectable: Int
  private var collected = 0
  /// Blocks that came so far, collected ones included.
  private(set) var blocksWritten = 0
  private let shape: (_ blocks: Int) -> [Int]

  /// Bytes of tiles that are collected at most.
  private static let collectedBytes = 8 << 20

  /// Creates the array.
  ///
  /// - Parameters:
  ///   - file: the order of its axes and the type of its values.
  ///   - pass: the tiles that will come.
  ///   - path: where it is.
  ///   - tools: kernels and memory.
  /// - Throws: `CodecError` where the file cannot be created.
  init(
    _ file: PatchFile, _ pass: TilePass, path: String, _ tools: RunTools
  ) throws(CodecError) {
    order = file.order
    verifies = file.verifies
    kernels = tools.kernels
    self.path = path
    room = pass.blockCount.maximum
    isOpenEnded = pass.blockCount != .exactly(room)
    shape = { file.order.shape(blocks: $0, channels: file.channels, patchSize: file.patchSize) }
    let pixels = file.patchSize.height * file.patchSize.width
    length = file.channels * pixels
    places = (0..<Int32(order == .torch ? 0 : length)).map { place in
      guard file.order == .tokensChannelsLast else { return place }
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: Int32(file.channels))
      return channel * Int32(pixels) + pixel
    }
    let type = file.quantization.elementType
    writer = try NPYFileWriter(path: path, shape: shape(room), elementType: type)
    collectable = Self.collectable(file, pass)
    pieces = tools.scratch.loan(byteCount: collectable * length * type.byteCount)
  }

  /// Blocks that are collected before they are written.
  static func collectable(_ file: PatchFile, _ pass: TilePass) -> Int {
    guard file.order == .torch else { return pass.tileWidth }
    let room = max(pass.blockCount.maximum, pass.tileWidth)
    if case .atMost = pass.blockCount { return room }
    let valueBytes = file.quantization.elementType.byteCount
    let tileBytes = max(pass.output.length * pass.tileWidth * valueBytes, 1)
    return min(max(collectedBytes / tileBytes, 1) * pass.tileWidth, room)
  }

  /// Writes `count` patches that follow those of the last tile.
  func write<E: Element>(
    _ tile: UnsafePointer<E>, pitch: Int, count: Int
  ) throws(CodecError) {
    precondition(blocksWritten + count <= room, "no more blocks than were planned")
    defer { blocksWritten += count }
    guard order == .torch else { return try writePatches(tile, pitch: pitch, count: count) }
    if collected + count > collectable { try flush(as: E.self) }
    let target = pieces.pointer(to: E.self) + collected
    for row in 0..<length {
      (target + row * collectable).update(from: tile + row * pitch, count: count)
    }
    collected += count
  }

  /// Whether the file at a path holds the values that were written.
  func matches(_ path: String) throws(CodecError) -> Bool {
    let reader = try NPYFileReader(path: path)
    var stored = ValueDigest()
    try reader.forEachPiece { bytes, position in
      let count = bytes.count / reader.elementType.byteCount
      guard let first = bytes.baseAddress else { return }
      guard order == .torch else {
        return stored.add(first, as: reader.elementType, count: count, at: position)
      }
      var done = 0
      while done < count {
        let (row, block) = (position + done).quotientAndRemainder(dividingBy: blocksWritten)
        let run = min(count - done, blocksWritten - block)
        stored.add(
          first + done * reader.elementType.byteCount, as: reader.elementType, count: run,
          at: block * length + row, stride: length)
        done += run
      }
    }
    return stored == digest && reader.shape == shape(blocksWritten)
  }

  /// Writes what is left and closes the array.
  func finish() throws(CodecError) {
    if isOpenEnded, order == .torch {
      writer = try NPYFileWriter(
        path: path, shape: shape(blocksWritten), elementType: writer.elementType)
      room = blocksWritten
    }
    switch writer.elementType {
    case .uint8: try flush(as: UInt8.self)
    case .uint16: try flush(as: UInt16.self)
    case .float32: try flush(as: Float.self)
    }
    if blocksWritten < room {
      try writer.finish(firstSide: blocksWritten)
    } else {
      try writer.finish()
    }
  }

  private func writePatches<E: Element>(
    _ tile: UnsafePointer<E>, pitch: Int, count: Int
  ) throws(CodecError) {
    let patches = pieces.pointer(to: E.self)
    places.withUnsafeBufferPointer { places in
      kernels.transpose(
        TileTransposition(
          tile: tile, pitch: pitch, blockCount: count, rows: places.first(), depth: length,
          destination: patches))
    }
    let position = blocksWritten * length
    if verifies { digest.add(patches, as: E.elementType, count: count * length, at: position) }
    try write(patches, count: count * length, at: position)
  }

  /// Writes the rows of the tiles that were collected.
  private func flush<E: Element>(as type: E.Type) throws(CodecError) {
    let values = pieces.pointer(to: type)
    let first = blocksWritten - collected
    for row in 0..<(collected > 0 ? length : 0) {
      let piece = values + row * collectable
      if verifies {
        digest.add(
          piece, as: type.elementType, count: collected, at: first * length + row, stride: length)
      }
      try write(piece, count: collected, at: row * room + first)
    }
    collected = 0
  }

  private func write<E: Element>(
    _ values: UnsafePointer<E>, count: Int, at position: Int
  ) throws(CodecError) {
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
