import TesseraCore
import TesseraKernels

/// Normalizes an image by its own mean and deviation, or minimum and maximum.
package struct ImageStatistics: RowOperator {
  /// Which statistics.
  package enum Kind: Hashable, Sendable {
    /// (x − mean) / max(σ, 1/√N) over all finite values of the colour channels together.
    case standardize
    /// (x − minimum) / (maximum − minimum), of the finite values.
    case minmax
  }

  /// Which statistics.
  package var kind: Kind
  /// Multiplied before.
  package var scale: Double
  /// Channels that take part; those after it (opacity) take the scale only.
  package var colorChannels: Int

  package init(kind: Kind, scale: Double, colorChannels: Int) {
    self.kind = kind
    self.scale = scale
    self.colorChannels = colorChannels
  }

  package func output(of input: RowFlow) -> RowFlow { input.asFloats }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    PreparedStatistics(work: self, input: input, tools: tools)
  }

  package func manner(_ bandRows: Int) -> String { "statistics of the whole image first" }
}

private struct PreparedStatistics: PreparedStep {
  let work: ImageStatistics
  let input: RowFlow
  let tools: RunTools
  let conversion: PointwiseConversion

  init(work: ImageStatistics, input: RowFlow, tools: RunTools) {
    self.work = work
    self.input = input
    self.tools = tools
    conversion = PointwiseConversion(
      Array(repeating: Normalization(scale: work.scale), count: input.format.channels),
      from: input.format.elementType, kernels: tools.kernels)
  }

  var tableBytes: Int { conversion.tableBytes }
  var unitCount: Int { input.height }
  var looksAtWholeImage: Bool { true }
  func needs(_ rows: Range<Int>) -> Range<Int> { 0..<input.height }
  /// A converted row, while the statistics are taken.
  func scratchBytes(for rows: Int) -> Int { input.format.width * MemoryLayout<Float>.stride }
  func step() -> any RowStep { StatisticsStep(self) }
}

/// The statistics of one image.
///
/// The image waits in its own element type; every pass converts the rows anew.
private final class StatisticsStep: RowStep, ImageInverse, @unchecked Sendable {
  private let prepared: PreparedStatistics
  /// Set by `look(at:)`, before any row is made, and only read from then on: the invariant behind
  /// `@unchecked Sendable`.
  private var mean: Float = 0
  /// What rounding the mean has left, where that shows.
  private var meanRest: Float = 0
  private var deviation = 1.0
  /// A power of two that keeps differences of values in the range of floats.
  private var room: Float = 1
  private var warning: RunWarning?

  init(_ prepared: PreparedStatistics) { self.prepared = prepared }

  var warnings: [RunWarning] { warning.map { [$0] } ?? [] }
  var inverse: (any ImageInverse)? { self }

  func inverses(of channels: [Int], then: Affine) -> [Affine] {
    channels.map { channel in
      let isColor = channel < prepared.work.colorChannels
      let scale = (isColor ? deviation : 1) / prepared.work.scale
      let offset = (isColor ? Double(mean) + Double(meanRest) : 0) / prepared.work.scale
      return Affine(scale: scale * then.scale, offset: offset * then.scale + then.offset)
    }
  }

  func look(at input: RowWindow) {
    let total = statistics(of: input)
    let valueCount = prepared.work.colorChannels * prepared.input.height * input.format.width
    if total.finiteCount < valueCount {
      warning = .notFinite(count: valueCount - total.finiteCount, total: valueCount)
    }
    // Without a finite value there are no statistics: all stays as it is.
    guard total.finiteCount > 0 else { return }
    let range = total.maximum - total.minimum
    if !range.isFinite { room = 0.5 }
    switch prepared.work.kind {
    case .minmax:
      mean = total.minimum
      // A constant image becomes 0 everywhere.
      deviation =
        range.isFinite ? Double(range > 0 ? range : 1) : Double(total.maximum) - Double(mean)
    case .standardize:
      let count = Double(total.finiteCount)
      var average = total.sum / count
      var variance = max(total.sumOfSquares / count - average * average, 0)
      mean = Float(average)
      if room == 1, average * average > 1e6 * variance {
        // Far from 0 the difference of squares has few digits; about the mean it has all.
        let near = statistics(of: input, less: mean)
        average = Double(mean) + near.sum / count
        variance = max(near.sumOfSquares / count - (near.sum / count) * (near.sum / count), 0)
      }
      deviation = Double(Float(max(variance.squareRoot(), 1 / count.squareRoot())))
      let rest = average - Double(mean)
      if rest.magnitude > 1e-6 * deviation { meanRest = Float(rest) }
    }
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let width = output.format.width
    let normalization = Normalization(
      scale: Double(room), mean: mean * room, std: Float(deviation * Double(room)))
    let rest = Normalization(mean: Float(Double(meanRest) / deviation))
    for row in rows {
      for channel in 0..<output.format.channels {
        let destination = output.row(row, channel: channel, as: Float.self)
        prepared.conversion.convert(
          input.row(row, channel: channel), channel: channel, into: destination, count: width)
        if channel < prepared.work.colorChannels {
          prepared.tools.kernels.normalizeF32(destination, normalization, destination, width)
          if meanRest != 0 {
            prepared.tools.kernels.normalizeF32(destination, rest, destination, width)
          }
        }
      }
    }
  }

  private func statistics(of input: RowWindow, less shift: Float = 0) -> RowStatistics {
    let width = input.format.width
    return prepared.tools.scratch.with(width, of: Float.self) { converted in
      var total = RowStatistics()
      for row in 0..<prepared.input.height where !input.isCancelled {
        for channel in 0..<prepared.work.colorChannels {
          prepared.conversion.convert(
            input.row(row, channel: channel), channel: channel, into: converted, count: width)
          if shift != 0 {
            prepared.tools.kernels.normalizeF32(
              converted, Normalization(mean: shift), converted, width)
          }
          total.add(prepared.tools.kernels.statistics(converted, width))
        }
      }
      return total
    }
  }
}
