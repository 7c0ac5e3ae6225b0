import TesseraCore
import TesseraKernels

/// A convolution of image rows with stride 1 that never stores patches.
///
/// Every output value is computed by one sequence of operations, whatever band it is asked for in.
/// Kernels of rank 1 run as two one-dimensional passes where that is less work.
package final class ConvolutionStep: RowStep {
  /// What is made of the sums.
  package enum Response: Hashable, Sendable {
    case linear
    case absolute
    case magnitude
  }

  /// The convolution itself.
  package struct Recipe: Hashable, Sendable {
    package var geometry: UnfoldGeometry
    package var map: LinearMap
    package var kernelSize: Size
    package var response: Response
    package var paddedRows: PaddedRows
    package var inputChannels: Int
  }

  package let output: RowWindow.Format
  package let outputHeight: Int
  private let recipe: Recipe
  private let kernels: KernelSet
  /// One pair of vectors per output, where every kernel has rank 1 and two passes are less work.
  private let factors: [SeparableKernel]?
  private let scratch: ScratchPool

  package init(
    _ recipe: Recipe, output: RowWindow.Format, kernels: KernelSet, scratch: ScratchPool
  ) {
    self.recipe = recipe
    self.output = output
    self.kernels = kernels
    self.scratch = scratch
    outputHeight = recipe.geometry.grid.rows.count
    factors = recipe.factors()
  }

  package var preferredBandHeight: Int { 2 * recipe.geometry.grid.rows.extent }

  /// The responses that pairs are made of, and the rows between two one-dimensional passes.
  package func scratchBytes(for rows: Int) -> Int {
    let axes = recipe.geometry.grid
    let responses = recipe.response == .magnitude ? recipe.map.outputs * rows * output.width : 0
    let lines =
      factors == nil
      ? 0
      : SeparableConvolution.scratchCount(
        width: output.width, kernelWidth: axes.columns.kernel, dilation: axes.columns.dilation)
    return (responses + lines) * MemoryLayout<Float>.size
  }

  package func inputRows(for rows: Range<Int>) -> Range<Int> {
    recipe.paddedRows.sources(of: recipe.paddedRange(rows))
  }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let outputs = recipe.map.outputs
    let width = self.output.width
    let sources = sourceRows(for: rows, of: input)
    guard recipe.response == .magnitude else {
      let destinations = (0..<outputs).flatMap { channel in
        rows.map { output.row($0, channel: channel, as: Float.self) }
      }
      convolve(sources, into: destinations, rowCount: rows.count)
      if recipe.response == .absolute {
        for row in destinations { kernels.absolute(row, row, width) }
      }
      return
    }
    let memory = scratch.loan(
      byteCount: outputs * rows.count * width * MemoryLayout<Float>.stride)
    let responses = memory.pointer(to: Float.self)
    let destinations = (0..<outputs * rows.count).map { responses + $0 * width }
    convolve(sources, into: destinations, rowCount: rows.count)
    for channel in 0..<outputs / 2 {
      for (index, row) in rows.enumerated() {
        kernels.magnitude(
          destinations[2 * channel * rows.count + index],
          destinations[(2 * channel + 1) * rows.count + index],
          output.row(row, channel: channel, as: Float.self), width)
      }
    }
    // The memory is in use up to here.
    withExtendedLifetime(memory) {}
  }

  /// The padded rows under some output rows, channel by channel, from the first column of the first
  /// window on.
  private func sourceRows(
    for rows: Range<Int>, of input: RowWindow
  ) -> [UnsafePointer<Float>] {
    let left = recipe.geometry.grid.columns.starts[0]
    return (0..<recipe.inputChannels).flatMap { channel in
      recipe.paddedRange(rows).map { row in
        input.row(row, of: recipe.paddedRows, channel: channel, as: Float.self) + left
      }
    }
  }

  /// Convolves group by group: rows of each input channel in, rows of each output channel out.
  private func convolve(
    _ sources: [UnsafePointer<Float>], into destinations: [UnsafeMutablePointer<Float>],
    rowCount: Int
  ) {
    let bias = recipe.map.bias ?? Array(repeating: 0, count: recipe.map.outputs)
    sources.withUnsafeBufferPointer { sources in
      destinations.withUnsafeBufferPointer { destinations in
        recipe.map.weights.withUnsafeBufferPointer { weights in
          bias.withUnsafeBufferPointer { bias in
            guard let sources = sources.baseAddress, let destinations = destinations.baseAddress,
              let weights = weights.baseAddress, let bias = bias.baseAddress
            else { return }
            let job = convolution(
              sources, destinations, weights: weights, bias: bias, rowCount: rowCount,
              rowsPerChannel: recipe.paddedRange(0..<rowCount).count)
            for group in 0..<recipe.map.groups { convolve(job, group: group) }
          }
        }
      }
    }
  }

  /// The job of the first group; the others lie at multiples behind it.
  private func convolution(
    _ sources: UnsafePointer<UnsafePointer<Float>>,
    _ destinations: UnsafePointer<UnsafeMutablePointer<Float>>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, rowCount: Int, rowsPerChannel: Int
  ) -> Convolution {
    Convolution(
      rows: sources, rowsPerChannel: rowsPerChannel,
      channels: recipe.inputChannels / recipe.map.groups, outputs: destinations,
      outputRows: rowCount, width: output.width, weights: weights, bias: bias,
      filters: recipe.map.outputs / recipe.map.groups, kernelHeight: recipe.kernelSize.height,
      kernelWidth: recipe.kernelSize.width, dilationHeight: recipe.geometry.grid.rows.dilation,
      dilationWidth: recipe.geometry.grid.columns.dilation)
  }

  private func convolve(_ first: Convolution, group: Int) {
    var job = first
    job.rows += group * first.channels * first.rowsPerChannel
    job.outputs += group * first.filters * first.outputRows
    job.weights += group * first.filters * recipe.map.inputs / recipe.map.groups
    job.bias = first.bias.map { $0 + group * first.filters }
    if let factors {
      for filter in 0..<job.filters {
        convolve(job, filter: filter, with: factors[group * first.filters + filter])
      }
    } else if job.channels == 1 {
      kernels.depthwise(job)
    } else {
      kernels.bank(job)
    }
  }

  private func convolve(_ job: Convolution, filter: Int, with kernel: SeparableKernel) {
    let count = SeparableConvolution.scratchCount(
      width: job.width, kernelWidth: job.kernelWidth, dilation: job.dilationWidth)
    let memory = scratch.loan(byteCount: count * MemoryLayout<Float>.stride)
    kernel.convolve(job, filter: filter, scratch: memory.pointer(to: Float.self), with: kernels)
    withExtendedLifetime(memory) {}
  }
}

extension ConvolutionStep.Recipe {
  /// One pair of vectors per output, where every kernel has rank 1 and two passes are less work.
  package func factors() -> [SeparableKernel]? {
    let taps = kernelSize.height * kernelSize.width
    guard map.groups == inputChannels, taps > 2 * (kernelSize.height + kernelSize.width) else {
      return nil
    }
    var factors: [SeparableKernel] = []
    for output in 0..<map.outputs {
      let weights = Array(map.weights[output * taps..<(output + 1) * taps])
      guard
        let kernel = SeparableKernel(
          factoring: weights, height: kernelSize.height, width: kernelSize.width)
      else { return nil }
      factors.append(kernel)
    }
    return factors
  }

  /// The rows of the padded image under some output rows.
  package func paddedRange(_ rows: Range<Int>) -> Range<Int> {
    let axis = geometry.grid.rows
    return axis.starts[rows.lowerBound]..<axis.starts[rows.upperBound - 1] + axis.extent
  }
}

extension SeparableKernel {
  /// Carries out one filter of a convolution of one channel.
  package func convolve(
    _ job: Convolution, filter: Int, scratch: UnsafeMutablePointer<Float>, with kernels: KernelSet
  ) {
    column.withUnsafeBufferPointer { column in
      row.withUnsafeBufferPointer { row in
        guard let column = column.baseAddress, let row = row.baseAddress else { return }
        kernels.separable(
          SeparableConvolution(
            rows: job.rows, outputs: job.outputs + filter * job.outputRows,
            outputRows: job.outputRows, width: job.width, column: column, row: row,
            kernelHeight: job.kernelHeight, kernelWidth: job.kernelWidth,
            dilationHeight: job.dilationHeight, dilationWidth: job.dilationWidth,
            bias: job.bias.map { $0[filter] } ?? 0, scratch: scratch))
      }
    }
  }
}
