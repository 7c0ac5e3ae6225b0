import TesseraCore
import TesseraKernels
import Testing

/// A kernel of integers, as an argument of a test.
struct IntegerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var kernel: Size
  var weights: [Float]
  var bias: Float = 0
  var takesAbsolute = false

  init(
    _ name: String, _ kernel: Size, _ weights: [Float], bias: Float = 0, takesAbsolute: Bool = false
  ) {
    testDescription = name
    self.kernel = kernel
    self.weights = weights
    self.bias = bias
    self.takesAbsolute = takesAbsolute
  }

  var planned: IntegerKernel? {
    IntegerKernel(
      weights: weights, height: kernel.height, width: kernel.width, bias: bias,
      takesAbsolute: takesAbsolute)
  }

  static let binomial: [Float] = [1, 4, 6, 4, 1]

  static let all: [IntegerCase] = [
    IntegerCase("identity", Size(1), [1]),
    IntegerCase("half, on ties", Size(1), [0.5]),
    IntegerCase("quarters", Size(height: 2, width: 3), [0.25, 0, 0.5, 0.25, 0, 0.25]),
    IntegerCase("sharpening", Size(3), [0, -1, 0, -1, 5, -1, 0, -1, 0]),
    IntegerCase("sharpening all round", Size(3), [-1, -1, -1, -1, 9, -1, -1, -1, -1]),
    IntegerCase("nothing but a bias", Size(3), [Float](repeating: 0, count: 9), bias: 127.5),
    IntegerCase("box", Size(3), [Float](repeating: 0.125, count: 9), bias: -0.5),
    IntegerCase("sobel", Size(3), [-1, 0, 1, -2, 0, 2, -1, 0, 1]),
    IntegerCase("sobel, absolute", Size(3), [-1, 0, 1, -2, 0, 2, -1, 0, 1], takesAbsolute: true),
    IntegerCase(
      "halves, absolute", Size(3), [-0.5, 0, 0.5, -1.5, 0, 1, -0.5, 0, 0.5], takesAbsolute: true),
    IntegerCase("row", Size(height: 1, width: 7), [1, -2, 3, 0, -3, 2, -1], bias: 100),
    IntegerCase("column", Size(height: 7, width: 1), [1, -2, 3, 0, -3, 2, -1], bias: 100),
    IntegerCase(
      "5 × 5 binomial, to 65 280", Size(5),
      binomial.flatMap { row in binomial.map { row * $0 / 256 } }),
    IntegerCase("5 × 5", Size(5), (0..<25).map { Float($0 * 7 % 5 - 2) }, bias: 12),
    IntegerCase("4 × 2", Size(height: 4, width: 2), [3, -1, 4, 1, -5, 9, -2, -6]),
    IntegerCase("most that fits", Size(height: 1, width: 2), [128, -129], bias: 3),
    IntegerCase("far above 0", Size(height: 1, width: 2), [150, 107]),
    IntegerCase("far below 0", Size(height: 2, width: 1), [-150, -106], bias: 250),
    IntegerCase(
      "far below 0, in quarters", Size(height: 2, width: 1), [-37.25, -26.5], bias: 9000),
    IntegerCase("least fractions", Size(1), [1 / 16_384], bias: 0.5),
    IntegerCase("bias beyond all bytes", Size(1), [1], bias: 40_000),
    IntegerCase("bias below all bytes", Size(1), [1], bias: -60_000),
  ]

  /// Output and dilation, narrower and wider than every vector, with any number of rows.
  static let geometries: [(output: Size, dilation: Size)] = [
    (Size(1), Size(1)),
    (Size(height: 5, width: 15), Size(1)),
    (Size(height: 4, width: 16), Size(1)),
    (Size(height: 3, width: 17), Size(height: 1, width: 3)),
    (Size(height: 9, width: 33), Size(height: 2, width: 4)),
    (Size(height: 8, width: 64), Size(height: 1, width: 3)),
    (Size(height: 7, width: 65), Size(height: 5, width: 2)),
    (Size(height: 6, width: 200), Size(height: 1, width: 3)),
  ]
}

@Suite("Convolutions in integers")
struct IntegerConvolutionTests {
  @Test(
    "bytes and counts are those of exact sums and of the general kernels", arguments: Variants.all,
    IntegerCase.all)
  func exactness(variant: Variants, job: IntegerCase) throws {
    let kernel = try #require(job.planned)
    for (output, dilation) in IntegerCase.geometries {
      let input = Size(
        height: output.height + dilation.height * (job.kernel.height - 1),
        width: output.width + dilation.width * (job.kernel.width - 1))
      var random = Seeded(41)
      let noise: [UInt8] = random.integers(input.height * input.width)
      // Noise of two values reaches the ends of the range of sums.
      for bytes in [noise, noise.map { $0 > 100 ? 255 : 0 }] {
        let (result, lost) = convolve(bytes, input, output, dilation, kernel, variant.kernels)
        let sums = ReferenceKernels.convolve(
          bytes.map(Float.init), channels: 1, weights: job.weights, bias: [job.bias], filters: 1,
          grid: try Window(kernelSize: job.kernel, dilation: dilation).grid(on: input),
          mode: .zeros)
        let expected = sums.map {
          ReferenceKernels.quantize(
            Float(job.takesAbsolute ? $0.magnitude : $0), scale: 1, offset: 0, maximum: 255)
        }
        #expect(result.map(Int.init) == expected.map(\.value), "\(output), dilation \(dilation)")
        #expect(lost == expected.filter(\.isLost).count, "\(output), dilation \(dilation)")
        let general = generally(bytes, input, output, dilation, job, variant.kernels)
        #expect(result == general.bytes && lost == general.lost)
      }
    }
  }

  /// Convolves in integers.
  private func convolve(
    _ bytes: [UInt8], _ input: Size, _ output: Size, _ dilation: Size, _ kernel: IntegerKernel,
    _ kernels: KernelSet
  ) -> ([UInt8], lost: Int) {
    let source = Planes(
      bytes, channels: 1, size: input, top: 0, left: 0, padded: input, mode: .zeros, zero: 0,
      fill: 77)
    let target = Planes(rows: output.height, width: output.width + 1, fill: UInt8(9))
    var lost = 0
    source.withSources {
      lost = kernels.convolveU8(
        IntegerConvolution(
          rows: $0, outputs: target.rows, outputRows: output.height, width: output.width,
          kernel: kernel, dilationHeight: dilation.height, dilationWidth: dilation.width))
    }
    #expect((0..<output.height).allSatisfy { target.rows[$0][output.width] == 9 })
    let rows = (0..<output.height).flatMap { row in
      (0..<output.width).map { target.rows[row][$0] }
    }
    return (rows, lost)
  }

  /// Convolves in floats and rounds.
  private func generally(
    _ bytes: [UInt8], _ input: Size, _ output: Size, _ dilation: Size, _ job: IntegerCase,
    _ kernels: KernelSet
  ) -> (bytes: [UInt8], lost: Int) {
    let source = Planes(
      bytes.map(Float.init), channels: 1, size: input, top: 0, left: 0, padded: input, mode: .zeros,
      zero: 0, fill: .nan)
    let target = Planes(rows: output.height, width: output.width, fill: Float.nan)
    source.withSources { rows in
      withUnsafePointer(to: job.bias) { bias in
        job.weights.withUnsafeBufferPointer { weights in
          guard let weights = weights.baseAddress else { return }
          kernels.depthwise(
            Convolution(
              rows: rows, rowsPerChannel: 0, outputs: target.rows, outputRows: output.height,
              width: output.width, weights: weights, bias: bias, kernelHeight: job.kernel.height,
              kernelWidth: job.kernel.width, dilationHeight: dilation.height,
              dilationWidth: dilation.width))
        }
      }
    }
    var values = target.values
    if job.takesAbsolute { values = values.map(\.magnitude) }
    var result = [UInt8](repeating: 0, count: values.count)
    let lost = kernels.quantizeToU8(values, &result, values.count, 1, 0)
    return (result, lost)
  }

  @Test("more blocks than a lane can count are counted", arguments: Variants.all)
  func counts(variant: Variants) throws {
    let kernel = try #require(IntegerKernel(weights: [1], height: 1, width: 1))
    let doubled = try #require(IntegerKernel(weights: [2], height: 1, width: 1))
    let size = Size(height: 5, width: 300_001)
    let bytes = [UInt8](repeating: 200, count: size.height * size.width)
    let same = convolve(bytes, size, size, Size(1), kernel, variant.kernels)
    #expect(same.0 == bytes && same.lost == 0)
    #expect(convolve(bytes, size, size, Size(1), doubled, variant.kernels).lost == bytes.count)
  }

  @Test("powers of two are found, and the least")
  func exponents() throws {
    let exponents = try IntegerCase.all.map { try #require($0.planned).exponent }
    #expect(exponents == [0, 1, 2, 0, 0, 1, 3, 0, 0, 1, 0, 0, 8, 0, 0, 0, 0, 0, 2, 14, 0, 0])
    let kernel = try #require(IntegerKernel(weights: [2, 4], height: 1, width: 2))
    #expect(kernel.exponent == 0 && kernel.height == 1 && kernel.width == 2)
    #expect(kernel.byteCount >= 8)
  }

  @Test(
    "kernels whose sums are no integers of 16 bits are not planned",
    arguments: [
      IntegerCase("ninths", Size(3), [Float](repeating: 1 / 9, count: 9)),
      IntegerCase("too fine", Size(1), [1 / 32_768]),
      IntegerCase("a bias that is too fine", Size(1), [1], bias: 0.1),
      IntegerCase("no number", Size(1), [.nan]),
      IntegerCase("infinite", Size(1), [.infinity]),
      IntegerCase("huge", Size(1), [1e9]),
      IntegerCase("a weight too much", Size(height: 1, width: 2), [150, 108]),
      IntegerCase("a weight too much below 0", Size(height: 1, width: 2), [-150, -108]),
      IntegerCase("a weight too much, of both signs", Size(height: 1, width: 2), [129, -129]),
      IntegerCase("no room for a half", Size(height: 1, width: 2), [64, 64.5], bias: 127),
      IntegerCase("absolute", Size(height: 1, width: 2), [129, -1], takesAbsolute: true),
      IntegerCase("absolute below 0", Size(height: 1, width: 2), [-129, 1], takesAbsolute: true),
      IntegerCase("a bias too large", Size(1), [1], bias: 70_000),
      IntegerCase("a bias too small", Size(1), [1], bias: -70_000),
    ])
  func refusals(job: IntegerCase) { #expect(job.planned == nil) }
}
