import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Decodes a file into the first window of a run, in the colours that were asked for: plane by plane,
/// or pixel after pixel where the window keeps that form.
final class ImageSource {
  private let reader: ImageReader
  private let plan: SourcePlan
  private let kernels: KernelSet
  private let stored: ScratchPool.Loan
  private var converter: ColorConverter
  /// The rows that anything is made of.
  private let used: Range<Int>
  /// Rows that were asked for, and are passed over together.
  private var skipped = 0

  /// - Parameters:
  ///   - reader: the file.
  ///   - plan: the colours that are asked for.
  ///   - used: the rows that anything is made of; values of others stay open.
  ///   - bandHeight: rows that are decoded at once, at most.
  ///   - tools: kernels and memory.
  init(
    reader: ImageReader, plan: SourcePlan, used: Range<Int>, bandHeight: Int, _ tools: RunTools
  ) {
    self.reader = reader
    self.plan = plan
    // Every pixel is asked whether it is opaque.
    self.used = plan.conversions.contains(.dropAlpha) ? 0..<plan.stored.height : used
    kernels = tools.kernels
    stored = tools.scratch.loan(byteCount: bandHeight * reader.bytesPerRow)
    converter = ColorConverter(plan, scratch: tools.scratch)
  }

  /// Reads what follows the last row, and reports.
  func finish() throws(CodecError) -> DecodeReport {
    try skip()
    var report = try reader.finish()
    if converter.droppedOpacity {
      report.warnings.append("opacity was dropped from pixels that are not opaque")
    }
    return report
  }

  /// Decodes the next rows into a window that has room for them; of rows that nothing is made of, values
  /// stay as they are there.
  func read(_ rows: Range<Int>, into window: RowWindow) throws(CodecError) {
    let wanted = rows.clamped(to: used)
    guard !wanted.isEmpty else {
      skipped += rows.count
      return
    }
    skipped += wanted.lowerBound - rows.lowerBound
    try skip()
    try decode(wanted, into: window)
    skipped = rows.upperBound - wanted.upperBound
  }

  private func skip() throws(CodecError) {
    try reader.skipRows(skipped)
    skipped = 0
  }

  private func decode(_ rows: Range<Int>, into window: RowWindow) throws(CodecError) {
    if reader.header.storesPlanes, plan.conversions.isEmpty, window.format.valuesPerPixel == 1 {
      let format = window.format
      try window.forEachPiece(of: rows) { (row, count) throws(CodecError) in
        let planes = (0..<plan.channels).map { row + $0 * format.pitch }
        try reader.readPlanarRows(into: planes, count: count, bytesPerRow: format.bytesPerRow)
      }
      return
    }
    if window.format.valuesPerPixel == plan.channels, plan.conversions.isEmpty {
      // Pixels stay as they are stored.
      try window.forEachPiece(of: rows) { (row, count) throws(CodecError) in
        try reader.readRows(into: row, count: count, bytesPerRow: window.format.bytesPerRow)
      }
      return
    }
    try reader.readRows(into: stored.base, count: rows.count, bytesPerRow: reader.bytesPerRow)
    for (index, row) in rows.enumerated() {
      if window.isCancelled { throw .cancelled }
      let pixels = converter.convert(
        stored.base + index * reader.bytesPerRow, count: plan.stored.width)
      if window.format.valuesPerPixel == plan.channels {
        window.row(row, channel: 0)
          .copyMemory(from: pixels, byteCount: window.format.width * plan.elementType.byteCount)
        continue
      }
      switch plan.elementType {
      case .uint8: split(pixels, row, of: window, with: kernels.deinterleaveU8)
      case .uint16: split(pixels, row, of: window, with: kernels.deinterleaveU16)
      case .float32: split(pixels, row, of: window, with: kernels.deinterleaveF32)
      }
    }
  }

  private func split<E: Element>(
    _ pixels: UnsafeRawPointer, _ row: Int, of window: RowWindow,
    with kernel: KernelSet.Deinterleave<E>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<E>.self, capacity: plan.channels) {
      planes in
      for channel in 0..<plan.channels {
        planes[channel] = window.row(row, channel: channel, as: E.self)
      }
      kernel(
        pixels.assumingMemoryBound(to: E.self), plan.channels, UnsafePointer(planes.first),
        window.format.width)
    }
  }
}
