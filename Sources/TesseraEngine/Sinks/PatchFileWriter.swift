import TesseraCodecs
import TesseraCore
import TesseraKernels
import TesseraThreads

/// Puts tiles of patches where they belong in an array that holds all of them: a file, or memory.
///
/// In torch's order a row of the array goes through every tile: tiles are collected until their rows
/// make long pieces, all of them where only the values tell how many blocks there are. In the other
/// orders a tile is one piece, its patches one after the other.
final class PatchFileWriter {
  private var store: any ArrayStore
  private let path: String?
  private let order: PatchOrder
  private let length: Int
  private let gridSize: Size
  private let type: ElementType
  private let storedType: StoredType
  /// Blocks that the array has room for.
  private var room: Int
  /// Whether fewer may come.
  private let isOpenEnded: Bool
  private let verifies: Bool
  private let kernels: KernelSet
  private let cancellation: Cancellation
  private var digest = ValueDigest()
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
  ///   - prepared: the order of its axes, the type of its values, and the tiles that will come.
  ///   - path: where it is; `nil` keeps it in memory.
  ///   - cancellation: asked between pieces.
  /// - Throws: `CodecError` where the file cannot be created.
  init(
    _ prepared: PreparedPatchFile, path: String?, _ cancellation: Cancellation
  ) throws(CodecError) {
    let (file, pass, tools) = (prepared.file, prepared.pass, prepared.tools)
    order = file.order
    verifies = file.verifies && path != nil
    kernels = tools.kernels
    self.cancellation = cancellation
    self.path = path
    room = pass.blockCount.maximum
    isOpenEnded = pass.blockCount != .exactly(room)
    shape = { file.shape(blocks: $0) }
    length = file.storedLength
    gridSize = file.gridSize
    places = prepared.places
    type = file.quantization.elementType
    storedType = file.storedType
    store = try Self.store(path, shape: shape(room), storedType: storedType, tools.kernels)
    collectable = Self.collectable(file, pass)
    pieces = tools.scratch.loan(byteCount: collectable * length * type.byteCount)
  }

  private static func store(
    _ path: String?, shape: [Int], storedType: StoredType, _ kernels: KernelSet
  ) throws(CodecError) -> any ArrayStore {
    try kernels.narrowing(
      path.map { (path) throws(CodecError) in
        try NPYFileWriter(path: path, shape: shape, storedType: storedType)
      } ?? ArrayMemory(shape: shape, storedType: storedType))
  }

  /// Gives the array that was kept in memory, once it is finished; `nil` where it is in a file.
  func takeArray() -> ValueArray? { store.takeArray() }

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

  /// Writes `count` patches that follow those of the last tile and stand one after the other, as the
  /// file has them.
  func writeInOrder<E: Element>(_ patches: UnsafePointer<E>, count: Int) throws(CodecError) {
    precondition(blocksWritten + count <= room, "no more blocks than were planned")
    try writeRuns(patches, count: count)
    blocksWritten += count
  }

  /// Whether the file at a path holds the values that were written.
  func matches(_ path: String, _ cancellation: Cancellation) throws(RunError) -> Bool {
    let isSame: Bool
    do throws(CodecError) {
      let reader = try NPYFileReader(path: path)
      isSame =
        try digest(of: reader, cancellation) == digest && reader.shape == shape(blocksWritten)
    } catch {
      throw .arrayReadBack(error)
    }
    if cancellation.isCancelled { throw .cancelled }
    return isSame
  }

  /// The digest of the values of an array, in the order of patches; of no use once cancelled.
  private func digest(
    of reader: NPYFileReader, _ cancellation: Cancellation
  ) throws(CodecError) -> ValueDigest {
    var stored = ValueDigest()
    try reader.forEachPiece { bytes, position in
      if cancellation.isCancelled { return }
      let count = bytes.count / reader.storedType.byteCount
      guard let first = bytes.baseAddress else { preconditionFailure("a piece holds values") }
      guard order == .torch else {
        return stored.add(first, as: reader.storedType, count: count, at: position)
      }
      var done = 0
      while done < count {
        let (row, block) = (position + done).quotientAndRemainder(dividingBy: blocksWritten)
        let run = min(count - done, blocksWritten - block)
        stored.add(
          first + done * reader.storedType.byteCount, as: reader.storedType, count: run,
          at: block * length + row, stride: length)
        done += run
      }
    }
    return stored
  }

  /// Writes what is left and closes the array.
  func finish() throws(CodecError) {
    if isOpenEnded, order == .torch {
      store = try Self.store(path, shape: shape(blocksWritten), storedType: storedType, kernels)
      room = blocksWritten
    }
    switch type {
    case .uint8: try flush(as: UInt8.self)
    case .uint16: try flush(as: UInt16.self)
    case .float32: try flush(as: Float.self)
    }
    if blocksWritten < room {
      try store.finish(firstSide: blocksWritten)
    } else {
      try store.finish()
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
    try writeRuns(patches, count: count)
  }

  /// Writes patches in the order of the file.
  private func writeRuns<E: Element>(
    _ patches: UnsafePointer<E>, count: Int
  ) throws(CodecError) {
    let blocks = blocksWritten..<blocksWritten + count
    for run in order.runs(of: blocks, gridSize: gridSize) {
      let values = patches + (run.blocks.lowerBound - blocksWritten) * length
      let (count, position) = (run.blocks.count * length, run.row * length)
      if verifies {
        digest.add(values, as: type, storedAs: storedType, count: count, at: position)
      }
      try write(values, count: count, at: position)
    }
  }

  /// Writes the rows of the tiles that were collected.
  private func flush<E: Element>(as type: E.Type) throws(CodecError) {
    let values = pieces.pointer(to: type)
    let first = blocksWritten - collected
    let rows = collected > 0 ? length : 0
    // All there is: one piece.
    let isWhole = collected == collectable && collected == room
    if isWhole { try write(values, count: rows * collected, at: 0) }
    for row in 0..<rows {
      if cancellation.isCancelled { throw .cancelled }
      let piece = values + row * collectable
      if verifies {
        digest.add(
          piece, as: self.type, storedAs: storedType, count: collected, at: first * length + row,
          stride: length)
      }
      if !isWhole { try write(piece, count: collected, at: row * room + first) }
    }
    collected = 0
  }

  private func write<E: Element>(
    _ values: UnsafePointer<E>, count: Int, at position: Int
  ) throws(CodecError) {
    try store.write(
      UnsafeRawBufferPointer(start: values, count: count * MemoryLayout<E>.stride), at: position)
  }
}

extension KernelSet {
  /// A store that takes values as they flow, in front of one that may keep floats in half the bytes.
  func narrowing(_ store: any ArrayStore) -> any ArrayStore {
    switch store.storedType {
    case .float16: NarrowingStore(to: store, narrowToF16)
    case .bfloat16: NarrowingStore(to: store, narrowToBF16)
    default: store
    }
  }

  /// Transposes a tile by the kernel of its type.
  fileprivate func transpose<E: Element>(_ job: TileTransposition<E>) {
    switch job {
    case let job as TileTransposition<Float>: transposeF32(job)
    case let job as TileTransposition<UInt16>: transposeU16(job)
    case let job as TileTransposition<UInt8>: transposeU8(job)
    default: preconditionFailure("there is a kernel for every type of values")
    }
  }
}
