import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraThreads

/// Writes the rows that flow by as an image: one file, or one for each channel.
final class ImageSink: OutputSink {
  let files: [AtomicFile]
  let verifies: Bool
  let shape: [Int]
  let storedType: StoredType
  var counts: QuantizationCounts { quantizer.counts }

  let losses: [String]

  private let quantizer: Quantizer
  private let writer: ImageFileWriter
  private let values: ScratchPool.Loan
  private let pitch: Int
  private let stretches: Bool
  private let height: Int
  /// Whether rows come as the file takes them: interleaved, in its type.
  private let hasPixels: Bool
  private var isStretched = false

  init(
    _ file: ImageFile, input: RowFlow, in context: RunContext, _ tools: RunTools
  ) throws(RunError) {
    let image = input.shape
    height = input.height
    storedType = file.storedType
    shape = file.sides(of: image)
    hasPixels = input.format.valuesPerPixel > 1
    stretches = file.quantization.map == .automatic
    let places = try context.places(file.count(in: image))
    files = places.compactMap(\.file)
    verifies = file.verifies && !files.isEmpty
    let luggage = context.metadata.carried(to: file, of: image, from: context.source)
    writer = try ImageFileWriter(
      file, in: places, shape: image, metadata: luggage.metadata, tools, context.cancellation)
    losses = luggage.losses + writer.losses
    quantizer = Quantizer(
      file.quantization, channels: input.format.channels, inputType: input.format.elementType,
      capacity: input.format.width, in: context, tools)
    pitch = (input.format.width + 63) / 64 * 64 * file.quantization.elementType.byteCount
    values = tools.scratch.loan(byteCount: quantizer.isCopy ? 0 : pitch * input.format.channels)
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    if stretches, !isStretched { stretch(over: input) }
    let bytesPerRow = input.format.bytesPerRow
    if hasPixels {
      try input.forEachPiece(of: units) { (rows, count) throws(RunError) in
        try writer.writePixels(rows, count: count, bytesPerRow: bytesPerRow)
      }
    } else if quantizer.isCopy, writer.storesPlanes, writer.count == 1 {
      try input.forEachPiece(of: units) { (rows, count) throws(RunError) in
        let planes = (0..<input.format.channels).map {
          UnsafeRawPointer(rows + $0 * input.format.pitch)
        }
        try writer.writePlanes(planes, count: count, bytesPerRow: bytesPerRow)
      }
    } else {
      for row in units {
        if input.isCancelled { throw .cancelled }
        try writer.write(planes(row, of: input))
      }
    }
  }

  func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning] {
    quantizer.warnings(roundedBefore: counts)
  }

  func verify(_ cancellation: Cancellation) throws(RunError) { try writer.verify(cancellation) }

  func finish() throws(RunError) { try writer.finish() }

  func takeArrays() -> [ValueArray] { writer.takeArrays() }

  /// One row of every channel in the file's type; valid until the next call.
  private func planes(_ row: Int, of input: RowWindow) -> [UnsafeRawPointer] {
    let channels = 0..<input.format.channels
    if quantizer.isCopy {
      return channels.map { UnsafeRawPointer(input.row(row, channel: $0)) }
    }
    quantizer.quantize(
      input.format.width, from: { UnsafeRawPointer(input.row(row, channel: $0)) },
      to: { values.base + $0 * pitch })
    return channels.map { UnsafeRawPointer(values.base + $0 * pitch) }
  }

  private func stretch(over input: RowWindow) {
    var statistics = RowStatistics()
    for row in 0..<height where !input.isCancelled {
      statistics.add(
        quantizer.statistics(of: input.format.width) {
          UnsafeRawPointer(input.row(row, channel: $0))
        })
    }
    quantizer.stretch(over: statistics, valuesPerChannel: height * input.format.width)
    isStretched = true
  }
}
