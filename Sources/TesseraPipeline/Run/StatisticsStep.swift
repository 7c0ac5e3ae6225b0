import TesseraCore
import TesseraKernels

/// Normalizes an image by its own mean and deviation, or minimum and maximum.
///
/// The image waits in its own element type; every pass converts the rows anew.
final class StatisticsStep: RowStep, @unchecked Sendable {
  let output: RowWindow.Format
  let outputHeight: Int
  /// Turns normalized colour values back into those of the file. Set by `prepare(from:)`, before
  /// any row is made, and only read from then on: the invariant behind `@unchecked Sendable`.
  private(set) var inverse = Affine.identity
  private let map: ImageStatisticsMap
  private let kernels: KernelSet
  private let conversion: PointwiseConversion
  private let scratch: AlignedBuffer
  private var mean: Float = 0
  private var deviation: Float = 1

  init(
    map: ImageStatisticsMap, input: ElementType, output: RowWindow.Format, height: Int,
    kernels: KernelSet
  ) {
    self.map = map
    self.output = output
    self.kernels = kernels
    outputHeight = height
    conversion = PointwiseConversion(
      Array(repeating: Normalization(scale: map.scale), count: output.channels),
      from: input, kernels: kernels)
    scratch = AlignedBuffer(byteCount: output.width * 4)
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<outputHeight }

  func prepare(from input: RowWindow) {
    let width = input.format.width
    switch map.kind {
    case .minmax:
      var lower = Float.infinity
      var upper = -Float.infinity
      forEachColorRow(of: input) { row in
        let (low, high) = kernels.minMax(row, width)
        lower = min(lower, low)
        upper = max(upper, high)
      }
      mean = lower
      // A constant image becomes 0 everywhere.
      deviation = upper > lower ? upper - lower : 1
    case .standardize:
      let count = Double(map.colorChannels) * Double(outputHeight) * Double(width)
      var sum = 0.0
      forEachColorRow(of: input) { sum += kernels.sum($0, width) }
      let average = sum / count
      var squares = 0.0
      forEachColorRow(of: input) { squares += kernels.sumOfSquaredDeviations($0, width, average) }
      mean = Float(average)
      deviation = Float(max((squares / count).squareRoot(), 1 / count.squareRoot()))
    }
    inverse = Affine(scale: Double(deviation) / map.scale, offset: Double(mean) / map.scale)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
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

  private func forEachColorRow(of input: RowWindow, _ body: (UnsafePointer<Float>) -> Void) {
    let converted = scratch.pointer(to: Float.self)
    for row in 0..<outputHeight {
      for channel in 0..<map.colorChannels {
        conversion.convert(
          input.row(row, channel: channel), channel: channel, into: converted,
          count: input.format.width)
        body(UnsafePointer(converted))
      }
    }
  }
}
