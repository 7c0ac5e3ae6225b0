import Glibc
import TesseraCore
import TesseraKernels

/// What `compare` measures.
public enum MetricKind: String, Hashable, Sendable, CaseIterable {
  /// Peak signal-to-noise ratio [dB]; a bound is a minimum.
  case psnr
  /// Mean structural similarity, −1…1; a bound is a minimum.
  case ssim
  /// The largest difference [values of the source]; a bound is a maximum.
  case maxAbs = "max_abs"
  /// The mean difference [values of the source]; a bound is a maximum.
  case meanAbs = "mean_abs"

  /// Whether more is better, so that a bound is a minimum.
  public var isSimilarity: Bool { self == .psnr || self == .ssim }
}

/// A comparison with the image as it was loaded.
package struct CompareRows: RowTap {
  /// What is measured.
  package var metrics: [MetricKind]
  /// Bounds that an image must meet.
  package var requirements: [MetricKind: Double]
  /// Distance between black and white.
  package var dataRange: Double
  /// How values in force become those that were loaded.
  package var quantization: Quantization

  package init(
    metrics: [MetricKind], requirements: [MetricKind: Double], dataRange: Double,
    quantization: Quantization
  ) {
    self.metrics = metrics
    self.requirements = requirements
    self.dataRange = dataRange
    self.quantization = quantization
  }

  /// The bounds that figures do not meet; every bound is of a figure that is measured.
  package func missed(by figures: some Sequence<ImageResult.Figure>) -> [MissedBound] {
    MetricKind.allCases.compactMap { metric -> MissedBound? in
      guard let bound = requirements[metric] else { return nil }
      guard let value = figures.first(where: { $0.metric == metric })?.value else {
        preconditionFailure("what is required is measured")
      }
      let isMet = metric.isSimilarity ? value >= bound : value <= bound
      return isMet ? nil : MissedBound(metric: metric, value: value, bound: bound)
    }
  }

  package var readsLoaded: Bool { true }
  package var commutesWithRounding: Bool { quantization.onlyRounds }
  package var manner: String { "with the loaded rows" }

  package func prepared(from input: RowFlow, _ tools: RunTools) -> any PreparedSink {
    PreparedComparison(work: self, input: input, tools: tools)
  }
}

private struct PreparedComparison: PreparedSink {
  let work: CompareRows
  let input: RowFlow
  let tools: RunTools

  var unitCount: Int { input.height }

  /// A row as floats, quantised, and the history of the windows of ssim.
  func scratchBytes(for units: Int) -> Int {
    let rowValues = input.format.channels * ((input.format.width + 63) / 64 * 64)
    let history =
      work.metrics.contains(.ssim)
      ? StructuralSimilarity.historyBytes(of: work.quantization.elementType) : 0
    return rowValues.saturating(times: 3 * MemoryLayout<Float>.stride + history)
  }

  func sink(in context: RunContext) -> any Sink { Comparison(work, input, in: context, tools) }
}

/// Measures how far the rows that flow by are from those that were loaded.
final class Comparison: Sink {
  /// The figures, once the image has gone by.
  private(set) var figures: [ImageResult.Figure] = []

  private let work: CompareRows
  private let format: RowFormat
  private let height: Int
  private let quantizer: Quantizer
  private let values: ScratchPool.Loan
  private let pitch: Int
  private let kernels: KernelSet
  private var sumOfSquares = 0.0
  private var sumOfMagnitudes = 0.0
  private var maximum = 0.0
  private var notFiniteCount = 0
  private var structure: StructuralSimilarity?

  init(_ work: CompareRows, _ input: RowFlow, in context: RunContext, _ tools: RunTools) {
    self.work = work
    kernels = tools.kernels
    format = input.format
    height = input.height
    quantizer = Quantizer(
      work.quantization, channels: format.channels, inputType: format.elementType,
      capacity: format.width, in: context, tools)
    pitch = (format.width + 63) / 64 * 64 * work.quantization.elementType.byteCount
    values = tools.scratch.loan(byteCount: quantizer.isCopy ? 0 : pitch * format.channels)
    if work.metrics.contains(.ssim) {
      structure = StructuralSimilarity(
        channels: format.channels, width: format.width, type: work.quantization.elementType,
        dataRange: work.dataRange)
    }
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    guard let loaded else { throw .bug(.nothingLoaded) }
    for row in units {
      if !quantizer.isCopy {
        quantizer.quantize(
          format.width, from: { UnsafeRawPointer(input.row(row, channel: $0)) },
          to: { values.base + $0 * pitch })
      }
      for channel in 0..<format.channels {
        let plane =
          quantizer.isCopy ? input.row(row, channel: channel) : values.base + channel * pitch
        let original = loaded.row(row, channel: channel)
        add(difference(plane, original))
        structure?.add(
          plane, original, as: work.quantization.elementType, channel: channel,
          isLast: channel == format.channels - 1)
      }
    }
  }

  func finish() throws(RunError) {
    // Where values are not finite, they are either alike and tell nothing, or infinitely far apart.
    let count = Double(max(valueCount - notFiniteCount, 1))
    let meanSquare = sumOfSquares / count
    figures = work.metrics.map { metric in
      let value =
        switch metric {
        case .psnr:
          meanSquare == 0
            ? Double.infinity : 10 * log10(work.dataRange * work.dataRange / meanSquare)
        case .ssim: similarity
        case .maxAbs: maximum
        case .meanAbs: sumOfMagnitudes / count
        }
      return ImageResult.Figure(metric: metric, value: value)
    }
    let missed = work.missed(by: figures)
    if !missed.isEmpty { throw .missed(missed) }
  }

  func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning] {
    notFiniteCount > 0 ? [.notFinite(count: notFiniteCount, total: valueCount)] : []
  }

  private var valueCount: Int { format.channels * format.width * height }

  private var similarity: Double {
    guard let structure else { preconditionFailure("who asks for ssim has it from the first row") }
    return structure.mean
  }

  private func difference(
    _ values: UnsafeRawPointer, _ original: UnsafeRawPointer
  ) -> RowDifference<Double> {
    switch work.quantization.elementType {
    case .uint8:
      RowDifference(
        kernels.differenceU8(
          values.assumingMemoryBound(to: UInt8.self), original.assumingMemoryBound(to: UInt8.self),
          format.width))
    case .uint16:
      RowDifference(
        kernels.differenceU16(
          values.assumingMemoryBound(to: UInt16.self),
          original.assumingMemoryBound(to: UInt16.self), format.width))
    case .float32:
      kernels.differenceF32(
        values.assumingMemoryBound(to: Float.self), original.assumingMemoryBound(to: Float.self),
        format.width)
    }
  }

  private func add(_ difference: RowDifference<Double>) {
    sumOfSquares += difference.sumOfSquares
    sumOfMagnitudes += difference.sumOfMagnitudes
    maximum = max(maximum, difference.maximum)
    notFiniteCount += difference.notFiniteCount
  }
}

extension RowDifference<Double> {
  /// The same figures of integers, exact below 2⁵³.
  fileprivate init(_ difference: RowDifference<UInt64>) {
    self.init(
      sumOfSquares: Double(difference.sumOfSquares),
      sumOfMagnitudes: Double(difference.sumOfMagnitudes), maximum: Double(difference.maximum))
  }
}
