import TesseraCore
import TesseraKernels

/// A convolution of image rows with stride 1 that never stores patches.
///
/// Every output value is computed by one sequence of operations, whatever band it is asked for in.
final class ConvolutionStep: RowStep {
  let output: RowWindow.Format
  let outputHeight: Int
  private let geometry: UnfoldGeometry
  private let map: LinearMap
  private let kernelSize: Size
  private let response: Response
  private let paddedRows: PaddedRows
  private let channels: Int
  private let kernels: KernelSet
  private let scratch = ScratchPool()

  /// What is made of the sums.
  enum Response: Hashable, Sendable {
    case linear
    case absolute
    case magnitude
  }

  init(
    geometry: UnfoldGeometry, map: LinearMap, kernelSize: Size, response: Response,
    paddedRows: PaddedRows, inputChannels: Int, output: RowWindow.Format, kernels: KernelSet
  ) {
    self.geometry = geometry
    self.map = map
    self.kernelSize = kernelSize
    self.response = response
    self.paddedRows = paddedRows
    self.output = output
    self.kernels = kernels
    channels = inputChannels
    outputHeight = geometry.grid.rows.count
  }

  var preferredBandHeight: Int { 2 * geometry.grid.rows.extent }

  func inputRows(for rows: Range<Int>) -> Range<Int> { paddedRows.sources(of: paddedRange(rows)) }

  private func paddedRange(_ rows: Range<Int>) -> Range<Int> {
    let axis = geometry.grid.rows
    return axis.starts[rows.lowerBound]..<axis.starts[rows.upperBound - 1] + axis.extent
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let padded = paddedRange(rows)
    let left = geometry.grid.columns.paddingBefore
    let sources = (0..<channels).flatMap { channel in
      padded.map { row in
        UnsafePointer(
          (paddedRows.source(of: row).map { input.row($0, channel: channel, as: Float.self) }
            ?? input.zeroRow(as: Float.self)) - left)
      }
    }
    guard response == .magnitude else {
      convolve(
        sources, rowsPerChannel: padded.count, rows: rows.count,
        into: (0..<map.outputs).flatMap { channel in
          rows.map { output.row($0, channel: channel, as: Float.self) }
        })
      if response == .absolute {
        for channel in 0..<map.outputs {
          for row in rows {
            let values = output.row(row, channel: channel, as: Float.self)
            kernels.absolute(values, values, self.output.width)
          }
        }
      }
      return
    }
    scratch.withBuffer { buffer in
      let width = self.output.width
      let pairs = buffer.values(map.outputs * rows.count * width, as: Float.self)
      convolve(
        sources, rowsPerChannel: padded.count, rows: rows.count,
        into: (0..<map.outputs * rows.count).map { pairs + $0 * width })
      for channel in 0..<map.outputs / 2 {
        for (index, row) in rows.enumerated() {
          let first = pairs + (2 * channel * rows.count + index) * width
          kernels.magnitude(
            first, first + rows.count * width, output.row(row, channel: channel, as: Float.self),
            width)
        }
      }
    }
  }

  /// Convolves group by group: rows of each input channel in, rows of each output channel out.
  private func convolve(
    _ sources: [UnsafePointer<Float>], rowsPerChannel: Int, rows: Int,
    into destinations: [UnsafeMutablePointer<Float>]
  ) {
    let perGroup = (inputs: channels / map.groups, outputs: map.outputs / map.groups)
    let taps = kernelSize.height * kernelSize.width
    sources.withUnsafeBufferPointer { sources in
      destinations.withUnsafeBufferPointer { destinations in
        map.weights.withUnsafeBufferPointer { weights in
          guard let sources = sources.baseAddress, let destinations = destinations.baseAddress,
            let weights = weights.baseAddress
          else { return }
          for group in 0..<map.groups {
            kernels.convolve(
              Convolution(
                rows: rows, width: output.width, inputs: perGroup.inputs,
                outputs: perGroup.outputs, kernelHeight: kernelSize.height,
                kernelWidth: kernelSize.width, rowDilation: geometry.grid.rows.dilation,
                columnDilation: geometry.grid.columns.dilation, rowsPerChannel: rowsPerChannel),
              sources: sources + group * perGroup.inputs * rowsPerChannel,
              weights: weights + group * perGroup.outputs * perGroup.inputs * taps,
              bias: map.bias.map { $0[group * perGroup.outputs..<(group + 1) * perGroup.outputs] },
              into: destinations + group * perGroup.outputs * rows)
          }
        }
      }
    }
  }
}
