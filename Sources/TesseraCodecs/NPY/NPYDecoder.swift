import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of a NumPy array file of shape (H, W), (C, H, W) or (H, W, C).
final class NPYDecoder: RowDecoder {
  let header: ImageHeader
  private(set) var notes: [String] = []

  private let source: OpenSource
  private let cancellation: Cancellation
  private let array: NPYHeader
  private let order: NPYOrder
  private let wholeRows: Int
  private let rounds: Bool
  private var nextRow = 0
  private var scratch = AlignedBuffer()
  /// Whether `scratch` holds the whole array, as Fortran order needs it.
  private var holdsArray = false

  /// Rows of a plane are read together up to this size.
  private static let blockBytes = 1 << 18

  init(
    source: OpenSource, options: DecodeOptions, cancellation: Cancellation
  ) throws(CodecError) {
    self.source = source
    self.cancellation = cancellation
    rounds = options.roundsArrays
    array = try NPYHeader(source: source)
    guard let elementType = array.type.elementType else {
      throw NPYFix.unsupported(array.type.text)
    }
    order = try NPYOrder(array, layout: options.npyLayout)
    let shape = order.shape
    try checkPixels(of: shape, limit: options.maxPixels)
    guard shape.channels <= ImageHeader.largestChannelCount else {
      throw .overLimit(
        .npy, "\(shape.channels) channels, more than \(ImageHeader.largestChannelCount)")
    }

    let held = max(source.byteCount - array.dataOffset, 0)
    wholeRows = order.wholeRows(values: held / array.type.byteCount)
    if wholeRows < shape.height && options.failOn != .none {
      let error = Self.truncated(held: held, of: array.byteCount)
      throw wholeRows == 0 ? error : .refused(error, passing: .none)
    }
    if held > array.byteCount { notes.append("the file goes on after the array") }

    let isScattered = order.isScattered
    let rowBytes = shape.channels * shape.width * max(array.type.byteCount, 4)
    var header = ImageHeader(
      format: .npy, shape: shape, elementType: elementType,
      colorModel: shape.channels == 1 ? .gray : shape.channels == 3 ? .rgb : .unknown,
      sourceBitDepth: 8 * elementType.byteCount,
      decoderBytes: isScattered ? array.byteCount : max(rowBytes, Self.blockBytes),
      decoder: "npy")
    header.isWholeImage = isScattered
    header.storesPlanes = !isScattered && shape.channels > 1 && order.columnStride == 1
    self.header = header
  }

  var metadata: ImageMetadata { ImageMetadata() }
  var log: CodecLog? { nil }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    let channels = order.shape.channels
    let size = header.elementType.byteCount
    return read(count) { (row, count) throws(CodecError) in
      let first = rows + row * bytesPerRow
      if self.order.isInterleaved {
        let line = RowTarget(bytesPerRow: bytesPerRow, step: 1)
        try self.readLines(
          at: self.nextRow * self.order.rowStride, values: self.order.rowStride, count: count,
          to: first, line)
        return
      }
      for channel in 0..<channels {
        try self.readPlane(
          channel, count: count, to: first + channel * size,
          RowTarget(bytesPerRow: bytesPerRow, step: channels))
      }
    }
  }

  func readPlanarRows(into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int)
    -> RowsRead
  {
    read(count) { (row, count) throws(CodecError) in
      for (channel, plane) in planes.enumerated() {
        try self.readPlane(
          channel, count: count, to: plane + row * bytesPerRow,
          RowTarget(bytesPerRow: bytesPerRow, step: 1))
      }
    }
  }

  func skipRows(_ count: Int) -> RowsRead {
    // Values of other types may be none that are taken.
    if NPYValues.areNative(array.type) { return read(count) { _, _ in } }
    return readInVain(count)
  }

  func finish() -> CodecError? { nil }

  /// Reads rows block by block, as far as the file has them.
  private func read(
    _ count: Int, block: (_ row: Int, _ count: Int) throws(CodecError) -> Void
  ) -> RowsRead {
    let rowValues = order.isInterleaved ? order.rowStride : order.shape.width
    var blockRows = max(1, Self.blockBytes / max(rowValues * array.type.byteCount, 1))
    let available = max(min(count, wholeRows - nextRow), 0)
    var done = 0
    while done < available {
      let rows = min(blockRows, available - done)
      do throws(CodecError) {
        try cancellation.checkCodec()
        try block(done, rows)
      } catch {
        // Rows before the one with a value that is not taken are good, however many were asked for.
        guard rows > 1, case .unsupported = error else {
          return RowsRead(count: done, failure: error)
        }
        blockRows = 1
        continue
      }
      done += rows
      nextRow += rows
    }
    let held = source.byteCount - array.dataOffset
    let failure = done < count ? Self.truncated(held: held, of: array.byteCount) : nil
    return RowsRead(count: done, failure: failure)
  }

  private static func truncated(held: Int, of expected: Int) -> CodecError {
    .truncated(.npy, "the array needs \(expected) bytes of values, the file has \(held)")
  }

  /// Where the rows of one plane go.
  private struct RowTarget {
    var bytesPerRow: Int
    /// Distance between values, counted in values.
    var step: Int
  }

  private func readPlane(
    _ channel: Int, count: Int, to target: UnsafeMutableRawPointer, _ layout: RowTarget
  ) throws(CodecError) {
    try cancellation.checkCodec()
    let first = channel * order.channelStride + nextRow * order.rowStride
    if !order.isScattered {
      try readLines(at: first, values: order.shape.width, count: count, to: target, layout)
      return
    }
    try holdArray()
    for row in 0..<count {
      let place = (first + row * order.rowStride) * array.type.byteCount
      let values = NPYValues(
        type: array.type, base: scratch.base + place, stride: order.columnStride)
      try copy(values, order.shape.width, to: target + row * layout.bytesPerRow, layout.step)
    }
  }

  /// Reads rows of contiguous values that follow one another in the file.
  private func readLines(
    at first: Int, values count: Int, count rows: Int, to target: UnsafeMutableRawPointer,
    _ layout: RowTarget
  ) throws(CodecError) {
    let lineBytes = count * array.type.byteCount
    let offset = array.dataOffset + first * array.type.byteCount
    let isDense = layout.bytesPerRow == lineBytes || rows == 1
    let isCopy = NPYValues.areNative(array.type) && layout.step == 1
    if isCopy && isDense {
      try source.read(target, count: rows * lineBytes, at: offset, of: .npy, cancellation)
      return
    }
    scratch.reserve(byteCount: rows * lineBytes)
    try source.read(scratch.base, count: rows * lineBytes, at: offset, of: .npy, cancellation)
    for row in 0..<rows {
      let (line, place) = (scratch.base + row * lineBytes, target + row * layout.bytesPerRow)
      if isCopy {
        place.copyMemory(from: line, byteCount: lineBytes)
      } else {
        try copy(NPYValues(type: array.type, base: line), count, to: place, layout.step)
      }
    }
  }

  private func copy(
    _ values: NPYValues, _ count: Int, to target: UnsafeMutableRawPointer, _ step: Int
  ) throws(CodecError) {
    if let inexact = values.copy(count, to: target, step: step, rounds: rounds) {
      throw NPYFix.inexact(inexact, array.type)
    }
  }

  private func holdArray() throws(CodecError) {
    guard !holdsArray else { return }
    scratch.reserve(byteCount: array.byteCount)
    try source.read(
      scratch.base, count: array.byteCount, at: array.dataOffset, of: .npy, cancellation)
    holdsArray = true
  }
}
