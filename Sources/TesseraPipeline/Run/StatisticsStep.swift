import TesseraCore
import TesseraKernels

/// Normalizes an image by its own mean and deviation, or minimum and maximum.
///
/// The image waits in its own element type; every pass converts the rows anew.
package final class StatisticsStep: RowStep, @unchecked Sendable {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let map: ImageStatisticsMap
  private let kernels: KernelSet
  private let conversion: PointwiseConversion
  private let scratch: ScratchPool.Loan
  /// Set by `prepare(from:)`, before any row is made, and only read from then on: the invariant
  /// behind `@unchecked Sendable`.
  private var mean: Float = 0
  private var deviation: Float = 1

  package init(
    map: ImageStatisticsMap, input: ElementType, output: RowWindow.Format, height: Int,
    kernels: KernelSet, scratch: ScratchPool
  ) {
    self.map = map
    self.output = output
    self.kernels = kernels
    outputHeight = height
    conversion = PointwiseConversion(
      Array(repeating: Normalization(scale: map.scale), count: output.channels),
      from: input, kernels: kernels)
    self.scratch = scratch.loan(byteCount: output.width * 4)
  }

  /// The maps that turn the values of some channels back into those of the file, and then on.
  package func inverses(of channels: [Int], then: Affine) -> [Affine] {
    channels.map { channel in
      let isColor = channel < map.colorChannels
      let scale = Double(isColor ? deviation : 1) / map.scale
      let offset = Double(isColor ? mean : 0) / map.scale
      return Affine(scale: scale * then.scale, offset: offset * then.scale + then.offset)
    }
  }

  package var needsPreparation: Bool { true }

  package func scratchBytes(for rows: Int) -> Int { output.width * 4 }

  package func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<outputHeight }

  package func prepare(from input: RowWindow) {
    let total = statistics(of: input)
    switch map.kind {
    case .minmax:
      mean = total.minimum
      // A constant image becomes 0 everywhere.
      deviation = total.maximum > total.minimum ? total.maximum - total.minimum : 1
    case .standardize:
      let count = Double(map.colorChannels) * Double(outputHeight) * Double(input.format.width)
      let average = total.sum / count
      let variance = max(total.sumOfSquares / count - average * average, 0)
      mean = Float(average)
      deviation = Float(max(variance.squareRoot(), 1 / count.squareRoot()))
    }
  }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let width = output.format.width
    for row in rows {
      for channel in 0..<output.format.channels {
        let destination = output.row(row, channel: channel, as: Float.self)
        conversion.convert(
          input.row(row, channel: channel), channel: channel, into: destination, count: width)
        if channel < map.colorChannels {
          kernels.normalizeF32(
            destination, Normalization(mean: mean, std: deviation), destination, width)
        }
      }
    }
  }

  private func statistics(of input: RowWindow) -> RowStatistics {
    let converted = scratch.pointer(to: Float.self)
    var total = RowStatistics(minimum: .infinity, maximum: -.infinity, sum: 0, sumOfSquares: 0)
    for row in 0..<outputHeight {
      for channel in 0..<map.colorChannels {
        conversion.convert(
          input.row(row, channel: channel), channel: channel, into: converted,
          count: input.format.width)
        let one = kernels.statistics(converted, input.format.width)
        total.minimum = min(total.minimum, one.minimum)
        total.maximum = max(total.maximum, one.maximum)
        total.sum += one.sum
        total.sumOfSquares += one.sumOfSquares
      }
    }
    return total
  }
}
