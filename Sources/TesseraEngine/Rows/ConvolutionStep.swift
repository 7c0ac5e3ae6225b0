import TesseraCore
import TesseraKernels

/// `ConvolveRows`, prepared; it keeps nothing of an image.
final class ConvolutionStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: ConvolveRows
  /// Channels that are filtered.
  private let channels: Int
  private let width: Int
  private let paddedRows: PaddedRows
  private let tools: RunTools
  private let runs: [[FilterRun]]
  private let bias: [Float]
  /// Sums that become one channel each, where several do.
  private let combined: [Int]?

  init(_ work: ConvolveRows, from input: RowFlow, width: Int, _ tools: RunTools) {
    self.work = work
    self.width = width
    self.tools = tools
    channels = input.format.channels - (work.map.keptRow == nil ? 0 : 1)
    unitCount = work.unfold.grid.rows.count
    paddedRows = work.unfold.paddedRows(of: input)
    runs = FilterRun.runs(of: work.map)
    combined = work.response.runs(of: work.map.outputs)
    bias = work.map.bias ?? Array(repeating: 0, count: work.map.outputs)
  }

  var preferredUnits: Int { 2 * work.unfold.grid.rows.extent }

  var tableBytes: Int {
    (work.map.weights.count + bias.count + work.map.divisors.count) * MemoryLayout<Float>.stride
      + FilterRun.byteCount(runs)
  }

  func step() -> any RowStep { self }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    paddedRows.sources(of: work.unfold.grid.rows.paddedRange(rows))
  }

  /// Sums of which several become one channel, the rows between two one-dimensional passes, and lists
  /// of rows.
  func scratchBytes(for rows: Int) -> Int {
    (responseCount(for: rows) + lineCount) * MemoryLayout<Float>.stride
      + (channels * (rows + work.unfold.grid.rows.extent) + work.map.outputs * rows)
      * MemoryLayout<Int>.stride
  }

  private func responseCount(for rows: Int) -> Int {
    combined == nil ? 0 : work.map.outputs * rows * width
  }

  private var lineCount: Int {
    guard runs.joined().contains(where: { $0.factor != nil }) else { return 0 }
    let columns = work.unfold.grid.columns
    return SeparableConvolution.scratchCount(
      width: width, kernelWidth: columns.kernel, dilation: columns.dilation)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    // Two passes share rows that bands would both need, and sums of all taps share nothing.
    let step = lineCount == 0 ? momentaryRows : rows.count
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: step)
    where !input.isCancelled {
      makeBand(first..<min(first + step, rows.upperBound), from: input, into: output)
    }
  }

  /// Rows whose sums of all taps take a moment.
  private var momentaryRows: Int {
    let taps = work.kernelSize.height.saturating(times: work.kernelSize.width)
      .saturating(times: channels / work.map.groups).saturating(times: work.map.outputs)
    return max(1, 1_000_000_000 / max(taps.saturating(times: width), 1))
  }

  private func makeBand(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    if let place = work.keptPlace { keep(place, rows, from: input, into: output) }
    let sources = sourceRows(for: rows, of: input)
    if let combined {
      tools.scratch.with(responseCount(for: rows.count), of: Float.self) { responses in
        let sums = (0..<work.map.outputs * rows.count).map { responses + $0 * width }
        convolve(sources, into: sums, rowCount: rows.count)
        combine(sums, combined, rows, into: output)
      }
      return
    }
    let destinations = (0..<work.map.outputs).flatMap { channel in
      rows.map { output.row($0, channel: channel, as: Float.self) }
    }
    convolve(sources, into: destinations, rowCount: rows.count)
    switch work.response {
    case .absolute: for row in destinations { tools.kernels.absolute(row, row, width) }
    case .square: for row in destinations { tools.kernels.square(row, row, width) }
    case .linear, .magnitude, .maximum: break
    }
  }

  /// Makes a channel of each run of sums.
  private func combine(
    _ sums: [UnsafeMutablePointer<Float>], _ runs: [Int], _ rows: Range<Int>,
    into output: RowWindow
  ) {
    let takes = work.response == .magnitude ? tools.kernels.magnitude : tools.kernels.maximum
    var first = 0
    for (channel, count) in runs.enumerated() {
      for (index, row) in rows.enumerated() {
        let target = output.row(row, channel: channel, as: Float.self)
        let start = sums[first * rows.count + index]
        if count == 1 { target.update(from: start, count: width) }
        for next in 1..<max(count, 1) {
          takes(
            next == 1 ? start : target, sums[(first + next) * rows.count + index], target, width)
        }
      }
      first += count
    }
  }

  /// Passes opacity on, from the middle of each window.
  private func keep(
    _ place: (row: Int, column: Int), _ rows: Range<Int>, from input: RowWindow,
    into output: RowWindow
  ) {
    let axes = work.unfold.grid
    let left = axes.columns.starts[0] + place.column
    for row in rows {
      let source = axes.rows.paddedRange(row..<row + 1).lowerBound + place.row
      output.row(row, channel: work.colors, as: Float.self).update(
        from: input.row(source, of: paddedRows, channel: channels, as: Float.self) + left,
        count: width)
    }
  }

  /// The padded rows under some output rows, channel by channel, from the first column of the first
  /// window on.
  private func sourceRows(
    for rows: Range<Int>, of input: RowWindow
  ) -> [UnsafePointer<Float>] {
    let left = work.unfold.grid.columns.starts[0]
    return (0..<channels).flatMap { channel in
      work.unfold.grid.rows.paddedRange(rows).map { row in
        input.row(row, of: paddedRows, channel: channel, as: Float.self) + left
      }
    }
  }

  /// Convolves group by group: rows of each input channel in, rows of each output channel out.
  private func convolve(
    _ sources: [UnsafePointer<Float>], into destinations: [UnsafeMutablePointer<Float>],
    rowCount: Int
  ) {
    let axes = work.unfold.grid
    let map = work.map
    sources.withUnsafeBufferPointer { sources in
      destinations.withUnsafeBufferPointer { destinations in
        map.weights.withUnsafeBufferPointer { weights in
          bias.withUnsafeBufferPointer { bias in
            let rowsPerChannel = axes.rows.paddedRange(0..<rowCount).count
            for (group, runs) in runs.enumerated() {
              for run in runs {
                let output = group * map.filters + run.filters.lowerBound
                let channels = channels / map.groups
                let job = Convolution(
                  rows: sources.first() + group * channels * rowsPerChannel,
                  rowsPerChannel: rowsPerChannel, channels: channels,
                  outputs: destinations.first() + output * rowCount, outputRows: rowCount,
                  width: width, weights: weights.first() + map.firstWeight(of: output),
                  bias: bias.first() + output, filters: run.filters.count,
                  kernelHeight: work.kernelSize.height, kernelWidth: work.kernelSize.width,
                  dilationHeight: axes.rows.dilation, dilationWidth: axes.columns.dilation)
                if map.sumsAreWide {
                  convolveWide(job, run.factor, firstOutput: output)
                  continue
                }
                convolve(job, run.factor)
                for index in 0..<run.filters.count where map.divisor(of: output + index) != 1 {
                  divide(job, filter: index, by: map.divisor(of: output + index))
                }
              }
            }
          }
        }
      }
    }
  }

  /// Each filter by itself: it is one channel's.
  private func convolveWide(_ job: Convolution, _ factor: SeparableKernel?, firstOutput: Int) {
    for filter in 0..<job.filters {
      var one = job
      one.filters = 1
      one.outputs += filter * job.outputRows
      one.weights += filter * job.kernelHeight * job.kernelWidth
      one.bias = job.bias.map { $0 + filter }
      tools.kernels.convolveWide(one, factor, work.map.rounding(of: firstOutput + filter))
    }
  }

  private func divide(_ job: Convolution, filter: Int, by divisor: Float) {
    for row in 0..<job.outputRows {
      let values = job.outputs[filter * job.outputRows + row]
      tools.kernels.divideRow(values, divisor, values, job.width)
    }
  }

  private func convolve(_ job: Convolution, _ factor: SeparableKernel?) {
    if let factor {
      tools.scratch.with(lineCount, of: Float.self) { lines in
        factor.convolve(job, scratch: lines, with: tools.kernels)
      }
    } else if job.channels == 1 {
      tools.kernels.depthwise(job)
    } else {
      tools.kernels.bank(job)
    }
  }
}
