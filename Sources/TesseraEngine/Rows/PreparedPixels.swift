import Synchronization
import TesseraCore
import TesseraKernels

/// What `FilterPixels` keeps for all images.
struct PreparedPixels: PreparedStep {
  let work: FilterPixels
  let width: Int
  let unitCount: Int
  let inputType: ElementType
  let inputWidth: Int
  let paddedRows: PaddedRows
  let normalization: PixelNormalization
  let quantization: PixelQuantization
  let factor: SeparableKernel?
  let tools: RunTools

  init(_ work: FilterPixels, from input: RowFlow, to output: RowFlow, _ tools: RunTools) {
    self.work = work
    self.tools = tools
    width = output.format.width
    stripWidth = work.stripWidth
    unitCount = output.height
    inputType = input.format.elementType
    inputWidth = input.format.width
    paddedRows =
      work.convolution?.unfold.paddedRows(of: input)
      ?? PaddedRows(mode: .zeros, height: input.height)
    normalization =
      inputType == .uint8
      ? tools.kernels.preparePixelsU8(work.normalizations)
      : tools.kernels.preparePixelsU16(work.normalizations)
    quantization = PixelQuantization(
      scales: work.maps.map { Float($0.scale) }, offsets: work.maps.map { Float($0.offset) })
    factor = work.convolution?.map.factors().first ?? nil
  }

  var tableBytes: Int { normalization.byteCount + quantization.byteCount }

  /// Values of a row that are computed at once.
  let stripWidth: Int

  /// Values from one row of a strip to the next, before the convolution.
  var pitch: Int { (stripWidth + work.margin + 15) / 16 * 16 }

  func inputCount(for rows: Int) -> Int {
    rows + (work.convolution?.unfold.grid.rows.extent ?? 1) - 1
  }

  /// A strip before and after the convolution, and the lines between two passes.
  var scratchCount: Int {
    (inputCount(for: FilterPixels.rowGroup) + 4) * pitch
      + FilterPixels.rowGroup * stripWidth
  }

  func scratchBytes(for rows: Int) -> Int { scratchCount * MemoryLayout<Float>.stride }

  /// The rows of the padded image under some rows of the result.
  func paddedRange(_ rows: Range<Int>) -> Range<Int> {
    work.convolution?.unfold.grid.rows.paddedRange(rows) ?? rows
  }

  func needs(_ rows: Range<Int>) -> Range<Int> { paddedRows.sources(of: paddedRange(rows)) }

  func step() -> any RowStep { PixelStep(self) }
}

/// One image's pixels, strip by strip.
private final class PixelStep: RowStep {
  private let prepared: PreparedPixels
  private let work: FilterPixels
  private let kernels: KernelSet
  private let saturated = Atomic(0)

  init(_ prepared: PreparedPixels) {
    self.prepared = prepared
    work = prepared.work
    kernels = prepared.tools.kernels
  }

  var counts: QuantizationCounts? {
    QuantizationCounts(
      saturated: saturated.load(ordering: .relaxed),
      quantized: prepared.width * prepared.unitCount)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    prepared.tools.scratch.with(prepared.scratchCount, of: Float.self) { memory in
      var strip = Strip(memory, prepared)
      var count = 0
      for column in stride(from: 0, to: prepared.width, by: prepared.stripWidth) {
        let columns = column..<min(column + prepared.stripWidth, prepared.width)
        strip.held = 0..<0
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: FilterPixels.rowGroup) {
          let group = first..<min(first + FilterPixels.rowGroup, rows.upperBound)
          take(prepared.paddedRange(group), columns, from: input, into: &strip)
          count += make(group, columns, into: output, strip)
        }
      }
      saturated.add(count, ordering: .relaxed)
    }
  }

  /// Rows of floats for one strip.
  private struct Strip {
    /// Rows of the image with its padding, in their order.
    private(set) var taken: [UnsafeMutablePointer<Float>]
    let made: [UnsafeMutablePointer<Float>]
    let scratch: UnsafeMutablePointer<Float>
    /// The rows that lie in `taken` from the first on.
    var held = 0..<0

    init(_ base: UnsafeMutablePointer<Float>, _ prepared: PreparedPixels) {
      let rows = prepared.inputCount(for: FilterPixels.rowGroup)
      let width = prepared.stripWidth
      taken = (0..<rows).map { base + $0 * prepared.pitch }
      let results = base + rows * prepared.pitch
      made = (0..<FilterPixels.rowGroup).map { results + $0 * width }
      scratch = results + FilterPixels.rowGroup * width
    }

    /// Brings the rows that are wanted again to the front, and returns those that are missing.
    mutating func keep(_ wanted: Range<Int>) -> Range<Int> {
      let kept = wanted.clamped(to: held)
      let passed = kept.lowerBound - held.lowerBound
      held = wanted
      if kept.isEmpty { return wanted }
      taken = Array(taken[passed...] + taken[..<passed])
      return kept.upperBound..<wanted.upperBound
    }
  }

  /// Normalizes some columns of some rows of the image with its padding, unless the strip holds them.
  private func take(
    _ rows: Range<Int>, _ columns: Range<Int>, from input: RowWindow, into strip: inout Strip
  ) {
    let left = (work.convolution?.unfold.grid.columns.starts[0] ?? 0) * work.channels
    let first = left + columns.lowerBound
    for row in strip.keep(rows) {
      take(
        row, first..<first + columns.count + work.margin, from: input,
        into: strip.taken[row - rows.lowerBound])
    }
  }

  /// Makes some columns of some rows, and returns how many values did not fit.
  private func make(
    _ rows: Range<Int>, _ columns: Range<Int>, into output: RowWindow, _ strip: Strip
  ) -> Int {
    var results = strip.taken
    if let convolution = work.convolution {
      convolve(convolution, rows.count, columns.count, strip)
      results = strip.made
    }
    var count = 0
    let phase = columns.lowerBound % work.channels
    for (row, floats) in zip(rows, results) {
      if let divisor = work.convolution?.map.divisor(of: 0), divisor != 1 {
        kernels.divideRow(floats, divisor, floats, columns.count)
      }
      if work.convolution?.response == .absolute { kernels.absolute(floats, floats, columns.count) }
      if let centre = work.convolution?.keptPlace {
        let kept = strip.taken[row - rows.lowerBound + centre.row] + centre.column * work.channels
        for x in stride(from: work.channels - 1 - phase, to: columns.count, by: work.channels) {
          floats[x] = kept[x]
        }
      }
      let target = output.row(row, channel: 0)
      switch work.elementType {
      case .uint8:
        count += kernels.quantizePixelsToU8(
          floats, prepared.quantization, phase,
          target.assumingMemoryBound(to: UInt8.self) + columns.lowerBound, columns.count)
      default:
        count += kernels.quantizePixelsToU16(
          floats, prepared.quantization, phase,
          target.assumingMemoryBound(to: UInt16.self) + columns.lowerBound, columns.count)
      }
    }
    return count
  }

  /// Normalizes some columns of a row of the image with its padding.
  private func take(
    _ row: Int, _ columns: Range<Int>, from input: RowWindow,
    into floats: UnsafeMutablePointer<Float>
  ) {
    guard prepared.paddedRows.source(of: row) != nil else {
      return floats.update(repeating: 0, count: columns.count)
    }
    let phase = (columns.lowerBound % work.channels + work.channels) % work.channels
    switch prepared.inputType {
    case .uint8:
      kernels.normalizePixelsU8(
        input.row(row, of: prepared.paddedRows, channel: 0, as: UInt8.self) + columns.lowerBound,
        prepared.normalization, phase, floats, columns.count)
    default:
      kernels.normalizePixelsU16(
        input.row(row, of: prepared.paddedRows, channel: 0, as: UInt16.self) + columns.lowerBound,
        prepared.normalization, phase, floats, columns.count)
    }
    guard prepared.paddedRows.mode == .zeros else { return }
    // Zeros stand in the units in force: they are not normalized.
    if columns.lowerBound < 0 {
      floats.update(repeating: 0, count: min(-columns.lowerBound, columns.count))
    }
    let beyond = columns.upperBound - prepared.inputWidth
    if beyond > 0 {
      let count = min(beyond, columns.count)
      (floats + columns.count - count).update(repeating: 0, count: count)
    }
  }

  private func convolve(_ work: ConvolveRows, _ rows: Int, _ width: Int, _ strip: Strip) {
    let axes = work.unfold.grid
    strip.taken.withUnsafeBufferPointer { taken in
      strip.made.withUnsafeBufferPointer { made in
        work.map.weights.withUnsafeBufferPointer { weights in
          withUnsafePointer(to: work.map.bias?.first ?? 0) { bias in
            let job = Convolution(
              rows: UnsafeRawPointer(taken.first())
                .assumingMemoryBound(to: UnsafePointer<Float>.self),
              rowsPerChannel: 0, outputs: made.first(), outputRows: rows, width: width,
              weights: weights.first(), bias: bias, kernelHeight: work.kernelSize.height,
              kernelWidth: work.kernelSize.width, dilationHeight: axes.rows.dilation,
              dilationWidth: axes.columns.dilation * self.work.channels)
            if let factor = prepared.factor {
              factor.convolve(job, scratch: strip.scratch, with: kernels)
            } else {
              kernels.depthwise(job)
            }
          }
        }
      }
    }
  }
}
