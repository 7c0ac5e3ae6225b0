import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraThreads

/// Writes patches as an array, tile after tile.
final class PatchSink: OutputSink {
  let files: [AtomicFile]
  var verifies: Bool { file.verifies && !files.isEmpty }
  var storedType: StoredType { file.storedType }
  var counts: QuantizationCounts { quantizer.counts }

  let losses: [String]

  private let file: PatchFile
  private let pass: TilePass
  private let tools: RunTools
  private let writer: PatchFileWriter
  private let quantizer: Quantizer
  private let quantized: ScratchPool.Loan
  private var isStretched = false
  private(set) var keptBlocks: [Int]?

  /// Creates an array that is as large as all patches.
  ///
  /// - Throws: `RunError` where the file cannot be created.
  init(_ prepared: PreparedPatchFile, in context: RunContext) throws(RunError) {
    file = prepared.file
    pass = prepared.pass
    tools = prepared.tools
    losses = context.metadata.carriedToArray(from: context.source).losses
    files = try context.places(1).compactMap(\.file)
    if pass.dropsBlocks { keptBlocks = [] }
    quantizer = Quantizer(
      file.quantization, channels: file.channels, inputType: prepared.input.format.elementType,
      capacity: pass.tileWidth, in: context, tools)
    quantized = tools.scratch.loan(
      byteCount: quantizer.isCopy
        ? 0 : pass.output.length * pass.tileWidth * file.quantization.elementType.byteCount)
    do throws(CodecError) {
      writer = try PatchFileWriter(prepared, path: files.first?.temporaryPath, context.cancellation)
    } catch {
      throw RunError(error, writing: files.first?.path ?? "")
    }
  }

  var shape: [Int] {
    file.shape(blocks: writer.blocksWritten)
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    if file.quantization.map == .automatic, !isStretched { try stretch(over: input) }
    for tile in units {
      switch input.format.elementType {
      case .uint8: try copy(tile, from: input, as: UInt8.self)
      case .uint16: try copy(tile, from: input, as: UInt16.self)
      case .float32 where copiesBlocks && quantizer.isCopy:
        try copy(tile, from: input, as: Float.self)
      case .float32:
        try pass.withTile(tile, from: input, tools.scratch) { made throws(RunError) in
          try write(made)
        }
      }
    }
  }

  var dropped: DroppedBlocks? {
    keptBlocks.map {
      DroppedBlocks(unfoldStage: pass.unfoldStage, count: pass.grid.blockCount - $0.count)
    }
  }

  /// Whether blocks go to the file as they stand in the image: no value need change its place.
  private var copiesBlocks: Bool {
    pass.isCopy && file.order.isThatOfUnfold && pass.grid.columns.dilation == 1
  }

  func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning] {
    quantizer.warnings(roundedBefore: counts)
  }

  func verify(_ cancellation: Cancellation) throws(RunError) {
    for file in files {
      guard try writer.matches(file.temporaryPath, cancellation) else { throw .arrayDiffers }
    }
  }

  func takeArrays() -> [ValueArray] { files.isEmpty ? [writer.takeArray()].compactMap(\.self) : [] }

  func finish() throws(RunError) { try writing { () throws(CodecError) in try writer.finish() } }

  private func writing(_ body: () throws(CodecError) -> Void) throws(RunError) {
    do throws(CodecError) { try body() } catch {
      // Memory refuses nothing.
      throw RunError(error, writing: files.first?.path ?? "")
    }
  }

  private func copy<E: Element>(
    _ tile: Int, from input: RowWindow, as type: E.Type
  ) throws(RunError) {
    if input.isCancelled { throw .cancelled }
    let count = pass.blocks(of: tile).count
    if copiesBlocks {
      return try pass.withBlocks(of: tile, from: input, as: type, tools.scratch) {
        values throws(RunError) in
        try writing { () throws(CodecError) in try writer.writeInOrder(values, count: count) }
      }
    }
    try pass.withCopy(of: tile, from: input, as: type, tools.scratch) { values throws(RunError) in
      try writing { () throws(CodecError) in
        try writer.write(values, pitch: pass.tileWidth, count: count)
      }
    }
  }

  /// Writes a tile of floats, in the file's type.
  private func write(_ tile: Tile) throws(RunError) {
    let count = tile.blocks.count
    keptBlocks?.append(contentsOf: (0..<count).map { tile.blocks[$0] })
    try writing { () throws(CodecError) in
      guard !quantizer.isCopy else {
        return try writer.write(tile.values, pitch: tile.pitch, count: count)
      }
      quantize(tile)
      switch file.quantization.elementType {
      case .uint8: try writer.write(rows(of: UInt8.self), pitch: tile.pitch, count: count)
      case .uint16: try writer.write(rows(of: UInt16.self), pitch: tile.pitch, count: count)
      case .float32: try writer.write(rows(of: Float.self), pitch: tile.pitch, count: count)
      }
    }
  }

  private func rows<E: Element>(of type: E.Type) -> UnsafeMutablePointer<E> {
    quantized.pointer(to: type)
  }

  /// Position by position of a patch, whose values in all channels belong to one pixel.
  private func quantize(_ tile: Tile) {
    let positions = tile.length / file.channels
    let pitch = tile.pitch * file.quantization.elementType.byteCount
    for position in 0..<positions {
      quantizer.quantize(
        tile.blocks.count,
        from: { UnsafeRawPointer(tile.values + ($0 * positions + position) * tile.pitch) },
        to: { quantized.base + ($0 * positions + position) * pitch })
    }
  }

  private func stretch(over input: RowWindow) throws(RunError) {
    var statistics = RowStatistics()
    var count = 0
    for tile in 0..<pass.tileCount {
      try pass.withTile(tile, from: input, tools.scratch) { made in
        let positions = made.length / file.channels
        for position in 0..<positions {
          statistics.add(
            quantizer.statistics(of: made.blocks.count) {
              UnsafeRawPointer(made.values + ($0 * positions + position) * made.pitch)
            })
        }
        count += positions * made.blocks.count
      }
    }
    quantizer.stretch(over: statistics, valuesPerChannel: count)
    isStretched = true
  }
}
