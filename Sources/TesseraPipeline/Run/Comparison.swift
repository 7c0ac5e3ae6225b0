import Glibc
import TesseraBatch
import TesseraCore
import TesseraKernels

/// Measures how far the rows that flow by are from those that were loaded.
package final class Comparison: Sink {
  package let unitCount: Int
  /// The figures, once the image has gone by.
  package private(set) var metrics: [Metric] = []

  private let tap: CompareTap
  private let format: RowWindow.Format
  private let quantizer: RowQuantizer
  private let kernels: KernelSet
  private var sumOfSquares = 0.0
  private var sumOfMagnitudes = 0.0
  private var maximum = 0.0
  private var structure: StructuralSimilarity?

  package init(
    _ tap: CompareTap, input: RowWindow.Format, height: Int, statistics: StatisticsStep?,
    kernels: KernelSet, scratch: ScratchPool
  ) {
    self.tap = tap
    self.kernels = kernels
    format = input
    unitCount = height
    quantizer = RowQuantizer(
      tap.quantization, input: input, statistics: statistics, kernels: kernels,
      scratch: scratch)
    if tap.metrics.contains(.ssim) {
      structure = StructuralSimilarity(
        channels: input.channels, width: input.width, dataRange: tap.dataRange)
    }
  }

  package func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(InputFailure) {
    guard let loaded else { return }
    for row in units {
      let planes = quantizer.row(row, in: input)
      for (channel, plane) in planes.enumerated() {
        let original = loaded.row(row, channel: channel)
        add(difference(plane, original))
        structure?.add(
          plane, original, as: tap.quantization.elementType, channel: channel,
          isLast: channel == planes.count - 1)
      }
    }
  }

  package func finish() throws(InputFailure) {
    let count = Double(format.channels) * Double(format.width) * Double(unitCount)
    let meanSquare = sumOfSquares / count
    metrics = tap.metrics.map { metric in
      let value =
        switch metric {
        case .psnr:
          meanSquare == 0
            ? Double.infinity : 10 * log10(tap.dataRange * tap.dataRange / meanSquare)
        case .ssim: structure?.mean ?? 1
        case .maxAbs: maximum
        case .meanAbs: sumOfMagnitudes / count
        }
      return Metric(metric.rawValue, value)
    }
    try requireBounds()
  }

  private func requireBounds() throws(InputFailure) {
    var misses: [String] = []
    for metric in Compare.Metric.allCases {
      guard let bound = tap.requirements[metric],
        let value = metrics.first(where: { $0.name == metric.rawValue })?.value
      else { continue }
      // A value that is not a number meets no bound.
      let isMet = metric.isSimilarity ? value >= bound : value <= bound
      if !isMet {
        misses.append(
          "\(metric.rawValue) is \(value), required is \(metric.isSimilarity ? "at least" : "at most") "
            + "\(bound)")
      }
    }
    if !misses.isEmpty { throw InputFailure(.requirement, misses.joined(separator: "; ")) }
  }

  private func difference(
    _ values: UnsafeRawPointer, _ original: UnsafeRawPointer
  ) -> RowDifference<Double> {
    switch tap.quantization.elementType {
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
    // A difference that is not a number is the worst one.
    maximum =
      difference.sumOfMagnitudes.isNaN ? .nan : max(maximum, difference.maximum)
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
