import Synchronization
import TesseraCore
import TesseraKernels

/// Bytes → convolution → bytes, for images whose channels are all filtered alike.
///
/// Pixels stay interleaved, as decoders give them and encoders take them: a row of them is one
/// channel whose columns are as far apart as a pixel has values. A strip of columns at a time is
/// turned into floats, convolved and rounded while it is in the first-level cache, by the kernels,
/// and so to the bits, of the steps that this one stands for.
package final class ByteConvolutionStep: RowStep {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let recipe: ConvolutionStep.Recipe
  private let map: Affine
  private let factor: SeparableKernel?
  private let kernels: KernelSet
  private let scratch: ScratchPool
  private let saturated = Atomic(0)
  /// Values of a row that are computed at once.
  private let stripWidth: Int
  /// Values by which a strip is wider before the convolution.
  private let margin: Int

  /// Rows that are computed at once.
  private static let rowGroup = 8
  /// Bytes that fit the first-level cache beside what is read and written.
  private static let cacheBytes = 28 << 10

  package init(
    _ recipe: ConvolutionStep.Recipe, then map: Affine, output: RowWindow.Format,
    kernels: KernelSet, scratch: ScratchPool
  ) {
    self.recipe = recipe
    self.map = map
    self.output = output
    self.kernels = kernels
    self.scratch = scratch
    outputHeight = recipe.geometry.grid.rows.count
    factor = recipe.factors()?.first
    (stripWidth, margin) = Self.strips(of: recipe, valuesPerPixel: output.valuesPerPixel)
  }

  /// Whether strips are wide enough for what stands beside them.
  package static func isWorthwhile(_ recipe: ConvolutionStep.Recipe, valuesPerPixel: Int) -> Bool {
    let strips = strips(of: recipe, valuesPerPixel: valuesPerPixel)
    return strips.margin <= strips.width / 2
  }

  private static func strips(
    of recipe: ConvolutionStep.Recipe, valuesPerPixel: Int
  ) -> (width: Int, margin: Int) {
    let rows = 2 * rowGroup + recipe.geometry.grid.rows.extent - 1
    return (
      max(cacheBytes / 4 / rows / 64, 2) * 64,
      (recipe.geometry.grid.columns.extent - 1) * valuesPerPixel
    )
  }

  /// What was rounded so far.
  package var counts: QuantizationCounts {
    QuantizationCounts(
      saturated: saturated.load(ordering: .relaxed), quantized: output.width * outputHeight)
  }

  package func scratchBytes(for rows: Int) -> Int {
    let (taken, made) = (inputCount(for: Self.rowGroup) + 4, Self.rowGroup)
    return (taken * pitch + made * stripWidth) * MemoryLayout<Float>.size
  }

  /// Values from one row of a strip to the next, before the convolution.
  private var pitch: Int { (stripWidth + margin + 15) / 16 * 16 }

  private func inputCount(for rows: Int) -> Int { rows + recipe.geometry.grid.rows.extent - 1 }

  package func inputRows(for rows: Range<Int>) -> Range<Int> {
    recipe.paddedRows.sources(of: recipe.paddedRange(rows))
  }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let memory = scratch.loan(byteCount: scratchBytes(for: rows.count))
    let strip = Strip(
      memory.pointer(to: Float.self), pitch: pitch, rows: inputCount(for: Self.rowGroup),
      width: stripWidth, made: Self.rowGroup)
    var first = rows.lowerBound
    var count = 0
    while first < rows.upperBound {
      let group = first..<min(first + Self.rowGroup, rows.upperBound)
      for column in stride(from: 0, to: self.output.width, by: stripWidth) {
        let columns = column..<min(column + stripWidth, self.output.width)
        count += make(group, columns, from: input, into: output, strip)
      }
      first = group.upperBound
    }
    saturated.add(count, ordering: .relaxed)
    // The memory is in use up to here.
    withExtendedLifetime(memory) {}
  }

  /// Rows of floats for one strip.
  private struct Strip {
    package let taken: [UnsafeMutablePointer<Float>]
    package let made: [UnsafeMutablePointer<Float>]
    package let scratch: UnsafeMutablePointer<Float>

    package init(
      _ base: UnsafeMutablePointer<Float>, pitch: Int, rows: Int, width: Int, made count: Int
    ) {
      taken = (0..<rows).map { base + $0 * pitch }
      made = (0..<count).map { base + rows * pitch + $0 * width }
      scratch = base + rows * pitch + count * width
    }
  }

  /// Makes some columns of some rows, and returns how many values did not fit a byte.
  private func make(
    _ rows: Range<Int>, _ columns: Range<Int>, from input: RowWindow, into output: RowWindow,
    _ strip: Strip
  ) -> Int {
    let left = recipe.geometry.grid.columns.starts[0] * self.output.valuesPerPixel
    let sources = recipe.paddedRange(rows)
    for (row, floats) in zip(sources, strip.taken) {
      let bytes = input.row(row, of: recipe.paddedRows, channel: 0, as: UInt8.self)
      kernels.widenU8(bytes + left + columns.lowerBound, floats, columns.count + margin)
    }
    convolve(rows.count, columns.count, strip)
    var count = 0
    for (row, floats) in zip(rows, strip.made) {
      if recipe.response == .absolute { kernels.absolute(floats, floats, columns.count) }
      count += kernels.quantizeToU8(
        floats, output.row(row, channel: 0, as: UInt8.self) + columns.lowerBound, columns.count,
        Float(map.scale), Float(map.offset))
    }
    return count
  }

  private func convolve(_ rows: Int, _ width: Int, _ strip: Strip) {
    strip.taken.withUnsafeBufferPointer { taken in
      strip.made.withUnsafeBufferPointer { made in
        recipe.map.weights.withUnsafeBufferPointer { weights in
          withUnsafePointer(to: recipe.map.bias?.first ?? 0) { bias in
            guard let taken = taken.baseAddress, let made = made.baseAddress,
              let weights = weights.baseAddress
            else { return }
            let job = Convolution(
              rows: UnsafeRawPointer(taken).assumingMemoryBound(to: UnsafePointer<Float>.self),
              rowsPerChannel: 0, outputs: made, outputRows: rows, width: width, weights: weights,
              bias: bias, kernelHeight: recipe.kernelSize.height,
              kernelWidth: recipe.kernelSize.width,
              dilationHeight: recipe.geometry.grid.rows.dilation,
              dilationWidth: recipe.geometry.grid.columns.dilation * output.valuesPerPixel)
            if let factor {
              factor.convolve(job, filter: 0, scratch: strip.scratch, with: kernels)
            } else {
              kernels.depthwise(job)
            }
          }
        }
      }
    }
  }
}
