import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of the image that patches make side by side, each in the place of its block; blocks that are
/// not there are 0.
///
/// A row of blocks is held at a time; of patches in columns, the whole array.
final class PatchDecoder: RowDecoder {
  let header: ImageHeader
  var notes: [String] { [] }
  var metadata: ImageMetadata { ImageMetadata() }
  var log: CodecLog? { nil }

  let source: OpenSource
  private let values: StoredArray
  private let patches: StoredPatches
  private let cancellation: Cancellation
  private let rounds: Bool
  /// The stored patch of each block, -1 where there is none; `nil`: as the order has it.
  private let rows: [Int32]?
  private var nextRow = 0
  /// A row of blocks: plane after plane, row after row.
  private var held = AlignedBuffer()
  private let heldByteCount: Int
  private var heldBlockRow: Int?
  private var stored = AlignedBuffer()
  private var converted = AlignedBuffer()
  /// Whether `stored` is the whole array.
  private var holdsArray = false

  init(
    _ patches: StoredPatches, in values: StoredArray, options: DecodeOptions,
    cancellation: Cancellation
  ) throws(CodecError) {
    guard let elementType = values.type.elementType else {
      throw .unsupported(values.format, "values of type \(values.type.text)")
    }
    source = try OpenSource.regular(values.source)
    self.values = values
    self.patches = patches
    self.cancellation = cancellation
    rounds = options.roundsArrays
    let shape = patches.mosaic
    try checkPixels(of: shape, limit: options.maxPixels)
    try Self.check(patches, values)
    guard source.byteCount >= values.offset.saturating(plus: values.byteCount) else {
      throw .truncated(
        values.format,
        "the array needs \(values.byteCount) bytes of values, the file has "
          + "\(max(source.byteCount - values.offset, 0))")
    }
    rows = patches.blocks.map { blocks in
      var rows = [Int32](repeating: -1, count: patches.blockCount)
      for (row, block) in blocks.enumerated() where rows.indices.contains(block) {
        rows[block] = Int32(row)
      }
      return rows
    }
    let blockRow =
      shape.channels * patches.window.patchSize.height * shape.width * elementType.byteCount
    heldByteCount = blockRow
    let isWhole = patches.order == .torch
    let model: ColorModel =
      switch shape.channels - (patches.hasAlpha ? 1 : 0) {
      case 1: .gray
      case 3: .rgb
      default: .unknown
      }
    var header = ImageHeader(
      format: .npy, shape: shape, elementType: elementType, colorModel: model,
      hasAlpha: patches.hasAlpha && model != .unknown, sourceBitDepth: 8 * elementType.byteCount,
      decoderBytes: blockRow.saturating(times: 3).saturating(
        plus: isWhole ? values.byteCount : 0
      ).saturating(plus: patches.blocks == nil ? 0 : 4 * patches.blockCount),
      decoder: values.format.rawValue)
    header.isWholeImage = isWhole
    header.storesPlanes = shape.channels > 1
    header.patches = patches
    self.header = header
  }

  /// Refuses an array that has not all the patches: what is read of it lies inside of it.
  private static func check(
    _ patches: StoredPatches, _ values: StoredArray
  ) throws(CodecError) {
    let length = patches.order.copies.saturating(times: patches.channels)
      .saturating(times: patches.window.patchSize.height)
      .saturating(times: patches.window.patchSize.width)
    let needed = length.saturating(times: patches.rowCount)
      .saturating(times: values.type.byteCount)
    guard patches.rowCount >= 0, values.byteCount == needed else {
      throw .malformed(
        values.format,
        "expected \(patches.rowCount) patches of \(length) values, found \(values.byteCount) bytes")
    }
    let count = patches.blocks?.count ?? patches.blockCount
    guard patches.rowCount >= count else {
      throw .malformed(
        values.format,
        "expected \(count) patches (\(patches.gridSize) blocks), found \(patches.rowCount)")
    }
  }

  /// Where the values of a channel's row stand in a stored patch, and how far apart; of values that are
  /// stored twice, the first.
  private func place(channel: Int, row: Int) -> (first: Int, step: Int) {
    let size = patches.window.patchSize
    switch patches.order {
    case .torch, .tokens, .patches: return ((channel * size.height + row) * size.width, 1)
    case .tokensChannelsLast, .windows:
      return (row * size.width * patches.channels + channel, patches.channels)
    case .qwen2vl:
      return ((channel * patches.order.copies * size.height + row) * size.width, 1)
    }
  }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    let (channels, size) = (header.shape.channels, header.elementType.byteCount)
    return read(count) { row, index in
      for channel in 0..<channels {
        let target = rows + row * bytesPerRow + channel * size
        let line = self.line(index, of: channel)
        for x in 0..<self.header.shape.width {
          (target + x * channels * size).copyMemory(from: line + x * size, byteCount: size)
        }
      }
    }
  }

  func readPlanarRows(into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int)
    -> RowsRead
  {
    let lineBytes = header.shape.width * header.elementType.byteCount
    return read(count) { row, index in
      for (channel, plane) in planes.enumerated() {
        (plane + row * bytesPerRow).copyMemory(
          from: self.line(index, of: channel), byteCount: lineBytes)
      }
    }
  }

  func skipRows(_ count: Int) -> RowsRead { read(count) { _, _ in } }

  func finish() -> CodecError? { nil }

  /// Calls `body` with rows and their places in the row of blocks that is held.
  private func read(_ count: Int, body: (_ row: Int, _ index: Int) -> Void) -> RowsRead {
    let height = patches.window.patchSize.height
    for row in 0..<count {
      let (blockRow, index) = nextRow.quotientAndRemainder(dividingBy: height)
      do throws(CodecError) {
        if heldBlockRow != blockRow { try hold(blockRow) }
      } catch {
        return RowsRead(count: row, failure: error)
      }
      body(row, index)
      nextRow += 1
    }
    return RowsRead(count: count)
  }

  /// A row of the row of blocks that is held.
  private func line(_ index: Int, of channel: Int) -> UnsafeMutableRawPointer {
    let height = patches.window.patchSize.height
    return held.base
      + (channel * height + index) * header.shape.width * header.elementType.byteCount
  }
}

extension PatchDecoder {
  private func hold(_ blockRow: Int) throws(CodecError) {
    try cancellation.checkCodec()
    let columns = patches.gridSize.width
    let blocks = blockRow * columns..<(blockRow + 1) * columns
    held.reserve(byteCount: heldByteCount)
    if rows != nil {
      held.base.initializeMemory(as: UInt8.self, repeating: 0, count: heldByteCount)
    }
    if patches.order == .torch {
      try holdColumns(of: blocks)
    } else {
      for run in runs(of: blocks) {
        try take(run.blocks, fromRow: run.row, column: run.blocks.lowerBound - blocks.lowerBound)
      }
    }
    heldBlockRow = blockRow
  }

  /// Blocks that follow each other in the image and in the file, and the first one's stored patch.
  private func runs(of blocks: Range<Int>) -> [(blocks: Range<Int>, row: Int)] {
    guard let rows else { return patches.order.runs(of: blocks, gridSize: patches.gridSize) }
    var runs: [(blocks: Range<Int>, row: Int)] = []
    for block in blocks where rows[block] >= 0 {
      let row = Int(rows[block])
      if let last = runs.last, last.blocks.upperBound == block,
        last.row + last.blocks.count == row
      {
        runs[runs.count - 1].blocks = last.blocks.lowerBound..<block + 1
      } else {
        runs.append((block..<block + 1, row))
      }
    }
    return runs
  }

  /// Reads patches that follow each other, and lays them where they belong.
  private func take(_ blocks: Range<Int>, fromRow row: Int, column: Int) throws(CodecError) {
    guard row + blocks.count <= patches.rowCount else {
      throw .malformed(
        values.format, "patch \(row + blocks.count - 1) of \(patches.rowCount) is asked for")
    }
    let (length, size) = (patches.patchLength, values.type.byteCount)
    let bytes = blocks.count * length * size
    stored.reserve(byteCount: bytes)
    try source.read(
      stored.base, count: bytes, at: values.offset + row * length * size, of: values.format,
      cancellation)
    let base = try native(stored.base, count: blocks.count * length)
    switch header.elementType {
    case .uint8: lay(base, blocks.count, at: column, as: UInt8.self)
    case .uint16: lay(base, blocks.count, at: column, as: UInt16.self)
    case .float32: lay(base, blocks.count, at: column, as: UInt32.self)
    }
  }

  private func lay<Word: BitwiseCopyable>(
    _ base: UnsafeRawPointer, _ count: Int, at column: Int, as word: Word.Type
  ) {
    let width = patches.window.patchSize.width
    let target = held.base.assumingMemoryBound(to: Word.self)
    let length = patches.patchLength
    for channel in 0..<patches.channels {
      for index in 0..<patches.window.patchSize.height {
        let (first, step) = place(channel: channel, row: index)
        let line =
          target + (channel * patches.window.patchSize.height + index) * header.shape.width
        for block in 0..<count {
          let patch = base.assumingMemoryBound(to: Word.self) + block * length + first
          let row = line + (column + block) * width
          if step == 1 {
            row.update(from: patch, count: width)
          } else {
            for x in 0..<width { row[x] = patch[x * step] }
          }
        }
      }
    }
  }

  /// Values in the type that flows: as they are, or converted.
  private func native(
    _ base: UnsafeRawPointer, count: Int
  ) throws(CodecError) -> UnsafeRawPointer {
    if NPYValues.areNative(values.type) { return base }
    converted.reserve(byteCount: count * header.elementType.byteCount)
    let found = NPYValues(type: values.type, base: base)
      .copy(count, to: converted.base, step: 1, rounds: rounds)
    if let found { throw NPYFix.inexact(found, values.type) }
    return UnsafeRawPointer(converted.base)
  }

  /// Lays a row of blocks out of an array that has a column for each.
  private func holdColumns(of blocks: Range<Int>) throws(CodecError) {
    if !holdsArray {
      stored.reserve(byteCount: values.byteCount)
      try source.read(
        stored.base, count: values.byteCount, at: values.offset, of: values.format, cancellation)
      holdsArray = true
    }
    let (width, size) = (patches.window.patchSize.width, header.elementType.byteCount)
    for run in runs(of: blocks) {
      let column = run.blocks.lowerBound - blocks.lowerBound
      for value in 0..<patches.patchLength {
        let place = (value * patches.rowCount + run.row) * values.type.byteCount
        let (line, x) = value.quotientAndRemainder(dividingBy: width)
        let target =
          held.base + (line * header.shape.width + column * width + x) * size
        let found = NPYValues(type: values.type, base: stored.base + place)
          .copy(run.blocks.count, to: target, step: width, rounds: rounds)
        if let found { throw NPYFix.inexact(found, values.type) }
      }
    }
  }
}
