import TesseraCore
import TesseraKernels
import Testing

/// A convolution with stride 1, as an argument of a test.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var channels = 1
  var filters = 1
  var output: Size
  var kernel: Size
  var dilation = Size(1)
  var hasBias = false

  var testDescription: String {
    "\(channels) → \(filters), output \(output), kernel \(kernel), dilation \(dilation)"
  }

  var input: Size {
    Size(
      height: output.height + dilation.height * (kernel.height - 1),
      width: output.width + dilation.width * (kernel.width - 1))
  }
  var taps: Int { channels * kernel.height * kernel.width }

  func reference(_ image: [Float], _ weights: [Float], _ bias: [Float]) throws -> [Double] {
    ReferenceKernels.convolve(
      image, channels: channels, weights: weights, bias: bias, filters: filters,
      grid: try Window(kernelSize: kernel, dilation: dilation).grid(on: input), mode: .zeros)
  }

  static let depthwise: [ConvolutionCase] = [
    ConvolutionCase(output: Size(1), kernel: Size(1)),
    ConvolutionCase(output: Size(height: 4, width: 3), kernel: Size(1), hasBias: true),
    ConvolutionCase(output: Size(height: 5, width: 17), kernel: Size(height: 2, width: 3)),
    ConvolutionCase(filters: 3, output: Size(height: 9, width: 70), kernel: Size(3), hasBias: true),
    ConvolutionCase(output: Size(height: 6, width: 129), kernel: Size(height: 4, width: 5)),
    ConvolutionCase(output: Size(height: 11, width: 64), kernel: Size(5)),
    ConvolutionCase(output: Size(height: 8, width: 31), kernel: Size(height: 7, width: 1)),
    ConvolutionCase(output: Size(height: 8, width: 31), kernel: Size(height: 1, width: 7)),
    ConvolutionCase(
      filters: 2, output: Size(height: 13, width: 41), kernel: Size(3),
      dilation: Size(height: 2, width: 3)),
    ConvolutionCase(
      output: Size(height: 3, width: 20), kernel: Size(height: 3, width: 2),
      dilation: Size(height: 5, width: 1)),
  ]

  static let banks: [ConvolutionCase] = [
    ConvolutionCase(output: Size(1), kernel: Size(1)),
    ConvolutionCase(channels: 3, filters: 4, output: Size(height: 3, width: 9), kernel: Size(3)),
    ConvolutionCase(
      channels: 2, filters: 7, output: Size(height: 3, width: 70),
      kernel: Size(height: 3, width: 5), hasBias: true),
    ConvolutionCase(
      channels: 5, filters: 13, output: Size(height: 2, width: 33), kernel: Size(1), hasBias: true),
    ConvolutionCase(
      channels: 1, filters: 9, output: Size(height: 5, width: 130), kernel: Size(3),
      dilation: Size(height: 3, width: 2)),
    ConvolutionCase(
      channels: 3, filters: 16, output: Size(height: 6, width: 66), kernel: Size(5), hasBias: true),
  ]
}

@Suite("Convolutions")
struct ConvolutionTests {
  @Test(
    "depthwise convolutions equal the reference, however rows are split", arguments: Variants.all,
    ConvolutionCase.depthwise)
  func depthwise(variant: Variants, job: ConvolutionCase) throws {
    try check(job, variant.kernels.depthwise, named: variant.kernels.name)
  }

  @Test(
    "banks equal the reference, however rows and columns are split", arguments: Variants.all,
    ConvolutionCase.banks + ConvolutionCase.depthwise)
  func bank(variant: Variants, job: ConvolutionCase) throws {
    try check(job, variant.kernels.bank, named: variant.kernels.name)
  }

  private func check(
    _ job: ConvolutionCase, _ convolve: (Convolution) -> Void, named name: String
  ) throws {
    var random = Seeded(21)
    let image = random.floats(job.channels * job.input.height * job.input.width)
    let weights = random.floats(job.filters * job.taps)
    let bias = job.hasBias ? random.floats(job.filters) : []
    let whole = run(job, image, weights, bias, rows: job.output.height, columns: 0, convolve)
    #expect(agree(whole, try job.reference(image, weights, bias), terms: job.taps))
    for rows in 1..<job.output.height {
      #expect(run(job, image, weights, bias, rows: rows, columns: 0, convolve) == whole)
    }
    for columns in [1, job.output.width / 2, job.output.width - 1]
    where columns > 0 && columns < job.output.width {
      #expect(
        run(job, image, weights, bias, rows: 4, columns: columns, convolve) == whole,
        "split at column \(columns)")
    }
  }

  /// Convolves in bands of `rows` rows, and in two parts where `columns` is not 0.
  private func run(
    _ job: ConvolutionCase, _ image: [Float], _ weights: [Float], _ bias: [Float], rows: Int,
    columns: Int, _ convolve: (Convolution) -> Void
  ) -> [Float] {
    let input = Planes(
      image, channels: job.channels, size: job.input, top: 0, left: 0, padded: job.input,
      mode: .zeros, zero: 0, fill: .nan)
    let output = Planes(
      rows: job.filters * job.output.height, width: job.output.width, fill: Float.nan)
    let spans =
      columns == 0 ? [0..<job.output.width] : [0..<columns, columns..<job.output.width]
    for first in stride(from: 0, to: job.output.height, by: rows) {
      for span in spans {
        let count = min(rows, job.output.height - first)
        let needed = count + job.dilation.height * (job.kernel.height - 1)
        var sources: [UnsafePointer<Float>] = []
        for channel in 0..<job.channels {
          for row in 0..<needed {
            let line = input.rows[channel * job.input.height + first + row]
            sources.append(UnsafePointer(line + span.lowerBound))
          }
        }
        let targets = (0..<job.filters).flatMap { filter in
          (0..<count).map {
            output.rows[filter * job.output.height + first + $0] + span.lowerBound
          }
        }
        sources.withUnsafeBufferPointer { sources in
          targets.withUnsafeBufferPointer { targets in
            weights.withUnsafeBufferPointer { weights in
              bias.withUnsafeBufferPointer { bias in
                guard let sources = sources.baseAddress, let targets = targets.baseAddress,
                  let weights = weights.baseAddress
                else { return }
                convolve(
                  Convolution(
                    rows: sources, rowsPerChannel: needed, channels: job.channels,
                    outputs: targets, outputRows: count, width: span.count, weights: weights,
                    bias: bias.isEmpty ? nil : bias.baseAddress, filters: job.filters,
                    kernelHeight: job.kernel.height, kernelWidth: job.kernel.width,
                    dilationHeight: job.dilation.height, dilationWidth: job.dilation.width))
              }
            }
          }
        }
      }
    }
    return output.values
  }

  @Test(
    "separable convolutions equal the outer product's", arguments: Variants.all,
    ConvolutionCase.depthwise.filter { $0.filters == 1 })
  func separable(variant: Variants, job: ConvolutionCase) throws {
    var random = Seeded(22)
    let image = random.floats(job.input.height * job.input.width)
    let column = random.floats(job.kernel.height)
    let row = random.floats(job.kernel.width)
    let weights = column.flatMap { weight in row.map { weight * $0 } }
    let whole = separate(job, image, column, row, job.output.height, variant.kernels)
    let reference = try job.reference(image, weights, [0.75])
    #expect(agree(whole, reference, terms: job.taps + 4, scale: 16))
    for rows in 1..<job.output.height {
      #expect(separate(job, image, column, row, rows, variant.kernels) == whole)
    }
  }

  private func separate(
    _ job: ConvolutionCase, _ image: [Float], _ column: [Float], _ row: [Float], _ rows: Int,
    _ kernels: KernelSet
  ) -> [Float] {
    let input = Planes(
      image, channels: 1, size: job.input, top: 0, left: 0, padded: job.input, mode: .zeros,
      zero: 0, fill: .nan)
    let output = Planes(rows: job.output.height, width: job.output.width, fill: Float.nan)
    var scratch = [Float](
      repeating: .nan,
      count: SeparableConvolution.scratchCount(
        width: job.output.width, kernelWidth: job.kernel.width, dilation: job.dilation.width))
    for first in stride(from: 0, to: job.output.height, by: rows) {
      input.withSources { sources in
        column.withUnsafeBufferPointer { column in
          row.withUnsafeBufferPointer { row in
            scratch.withUnsafeMutableBufferPointer { scratch in
              guard let column = column.baseAddress, let row = row.baseAddress,
                let scratch = scratch.baseAddress
              else { return }
              kernels.separable(
                SeparableConvolution(
                  rows: sources + first, outputs: UnsafePointer(output.rows + first),
                  outputRows: min(rows, job.output.height - first), width: job.output.width,
                  column: column, row: row, kernelHeight: job.kernel.height,
                  kernelWidth: job.kernel.width, dilationHeight: job.dilation.height,
                  dilationWidth: job.dilation.width, bias: 0.75, scratch: scratch))
            }
          }
        }
      }
    }
    return output.values
  }

  @Test("kernels of rank 1 are factored, others are not")
  func factoring() throws {
    let sobel = try #require(
      SeparableKernel(factoring: [-1, 0, 1, -2, 0, 2, -1, 0, 1], height: 3, width: 3))
    #expect(sobel == SeparableKernel(column: [1, 2, 1], row: [-1, 0, 1]))
    var random = Seeded(23)
    for (height, width) in [(1, 1), (1, 9), (9, 1), (15, 31)] {
      let column = random.floats(height)
      let row = random.floats(width)
      let weights = column.flatMap { weight in row.map { weight * $0 } }
      let kernel = try #require(
        SeparableKernel(factoring: weights[...], height: height, width: width))
      for index in weights.indices {
        let product = kernel.column[index / width] * kernel.row[index % width]
        #expect((product - weights[index]).magnitude <= 1e-5)
      }
    }
    #expect(SeparableKernel(factoring: [0, 1, 0, 1, -4, 1, 0, 1, 0], height: 3, width: 3) == nil)
    #expect(SeparableKernel(factoring: [0, 0, 0, 0], height: 2, width: 2) == nil)
    #expect(SeparableKernel(factoring: [1, .nan, 1, 1], height: 2, width: 2) == nil)
    #expect(SeparableKernel(factoring: [1, 1, 1, 1.001], height: 2, width: 2) == nil)
  }

  @Test("responses take absolute values and magnitudes", arguments: Variants.all)
  func responses(variant: Variants) {
    for count in ConversionTests.counts {
      var random = Seeded(24)
      let first = random.floats(count)
      let second = random.floats(count)
      var result = [Float](repeating: .nan, count: count + 1)
      variant.kernels.absolute(first, &result, count)
      #expect(Array(result.prefix(count)) == first.map(\.magnitude))
      variant.kernels.magnitude(first, second, &result, count)
      #expect(
        Array(result.prefix(count))
          == zip(first, second).map { ($0 * $0 + $1 * $1).squareRoot() })
      variant.kernels.square(first, &result, count)
      #expect(Array(result.prefix(count)) == first.map { $0 * $0 })
      variant.kernels.maximum(first, second, &result, count)
      #expect(Array(result.prefix(count)) == zip(first, second).map { max($0, $1) })
      #expect(result[count].isNaN)
    }
  }

  @Test(
    "The larger of two values is NaN where one is, in place as well", arguments: Variants.all)
  func maximum(variant: Variants) {
    let values: [Float] = [1, .nan, -.infinity, .infinity, -2, 0]
    for count in [1, 5, 36, 300] {
      let first = (0..<count).map { values[$0 % 6] }
      let second = (0..<count).map { values[$0 / 6 % 6] }
      var result = first
      result.withUnsafeMutableBufferPointer { row in
        if let base = row.baseAddress {
          variant.kernels.maximum(base, second, base, count)
        }
      }
      for (index, value) in result.enumerated() {
        let (a, b) = (first[index], second[index])
        if a.isNaN || b.isNaN { #expect(value.isNaN) } else { #expect(value == max(a, b)) }
      }
    }
  }
}
