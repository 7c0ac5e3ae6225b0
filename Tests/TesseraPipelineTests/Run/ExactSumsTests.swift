import TesseraCore
import Testing

@testable import TesseraPipeline

/// Sums of integers, which are to be those of real numbers, rounded once.
@Suite struct ExactSumsTests {
  /// A kernel as its stage has it, and its coefficients times a power of two over a divisor.
  struct Kernel: Sendable, CustomTestStringConvertible {
    var keys: String
    var size: Int
    var values: [Double]
    var divisor = 1.0
    var bias = 0.0

    var testDescription: String { keys.count < 80 ? keys : String(keys.prefix(77)) + "…" }

    static func inPlace(_ values: [[Double]]) -> Kernel {
      Kernel(keys: "\"kernels\": \(values)", size: values.count, values: values.flatMap { $0 })
    }

    static func box(_ size: Int) -> Kernel {
      Kernel(
        keys: #""bank": {"name": "box", "kernel_size": \#(size)}"#, size: size,
        values: Array(repeating: 1, count: size * size), divisor: Double(size * size))
    }

    /// OpenCV's: binomials times their differences.
    static func sobel(_ size: Int) -> Kernel {
      var smooth = [1.0]
      for _ in 1..<size { smooth = convolved(smooth, [1, 1]) }
      var edge = [1.0]
      for _ in 1..<size - 2 { edge = convolved(edge, [1, 1]) }
      edge = convolved(edge, [-1, 0, 1])
      return Kernel(
        keys: #""bank": {"name": "sobel", "kernel_size": \#(size), "direction": "x"}"#, size: size,
        values: smooth.flatMap { a in edge.map { a * $0 } })
    }

    /// A binomial, over a power of four.
    static func binomial(_ size: Int, exponent: Int) -> Kernel {
      var line = [1.0]
      for _ in 1..<size { line = convolved(line, [1, 1]) }
      let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
      return inPlace(line.map { a in line.map { a * $0 * scale } })
    }

    private static func convolved(_ a: [Double], _ b: [Double]) -> [Double] {
      var result = Array(repeating: 0.0, count: a.count + b.count - 1)
      for (i, x) in a.enumerated() { for (j, y) in b.enumerated() { result[i + j] += x * y } }
      return result
    }
  }

  /// Integers whose product no column and row are.
  private static let mixed: [[Double]] = (0..<7).map { (y: Int) -> [Double] in
    (0..<7).map { (x: Int) -> Double in Double((x * 37 + y * 11) % 19 - 9) }
  }

  static let kernels: [Kernel] =
    [3, 5, 7, 9, 11, 13, 15].map(Kernel.sobel) + [3, 5, 8, 15, 31].map(Kernel.box)
    + [3, 5, 9, 11].map { .binomial($0, exponent: 0) }
    + [(3, 4), (5, 8), (9, 16), (11, 10)].map { .binomial($0, exponent: $1) }
    + [
      .inPlace([1, 4, 6, 4, 1].map { a in [-1, -2, 0, 2, 1].map { a * $0 } }),
      .inPlace([[3, -7, 0.5], [0.25, -2, 11], [5, 0, -0.75]]),
      .inPlace(mixed),
      Kernel(
        keys: #""kernels": \#(Array(repeating: Array(repeating: 0.04, count: 5), count: 5))"#,
        size: 5, values: Array(repeating: 1, count: 25), divisor: 25),
      Kernel(
        keys:
          #""kernels": \#(Array(repeating: Array(repeating: 0.04, count: 5), count: 5)), "bias": 3"#,
        size: 5, values: Array(repeating: 1, count: 25), divisor: 25, bias: 3),
      Kernel(
        keys: #""kernels": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "bias": 16777218"#, size: 3,
        values: [1, 2, 1, 2, 4, 2, 1, 2, 1], bias: 16_777_218),
    ]

  @Test(
    "A convolution of integers is the exact sum, divided and rounded once, on every way",
    arguments: kernels, [ElementType.uint8, .uint16])
  func exact(_ kernel: Kernel, _ type: ElementType) throws {
    let workshop = try Workshop()
    let (height, width) = (33, 39)
    let image = TestArray.noise([1, height, width], type, seed: 12)
    let path = try workshop.savePNG(image, as: "a.png")
    let encode = #"{"stage": "encode", "format": "npy"}"#
    let size = kernel.size
    for stride in [1, 2] {
      let cut = #"{"stage": "unfold", "kernel_size": \#(size), "stride": \#(stride)}"#
      let ways = [
        #"{"stage": "convolve", \#(kernel.keys), "stride": \#(stride)}"#,
        #"\#(cut), {"stage": "convolve", \#(kernel.keys)}, {"stage": "fold"}"#,
      ]
      let (rows, columns) = ((height - size) / stride + 1, (width - size) / stride + 1)
      let expected = (0..<rows).flatMap { row in
        (0..<columns).map { column in
          Self.sum(kernel, image, row * stride, column * stride)
        }
      }
      for way in ways {
        let found = try workshop.run("\(way), \(encode)", onFile: path).outputs.first
        #expect(found?.shape == [1, rows, columns])
        #expect(found?.floats == expected, "\(way.prefix(40))")
      }
    }
  }

  @Test("So is a filter inside patches", arguments: kernels.filter { $0.bias == 0 })
  func patches(_ kernel: Kernel) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 33, 33], .uint16, seed: 13)
    let path = try workshop.savePNG(image, as: "a.png")
    let found = try workshop.run(
      #"""
      {"stage": "unfold", "kernel_size": 33}, {"stage": "transform.convolve", \#(kernel.keys)},
      {"stage": "fold"}, {"stage": "encode", "format": "npy"}
      """#, onFile: path
    ).outputs.first
    let anchor = (kernel.size - 1) / 2
    for row in 0...33 - kernel.size {
      for column in 0...33 - kernel.size {
        let place = (row + anchor) * 33 + column + anchor
        #expect(found?.floats[place] == Self.sum(kernel, image, row, column))
      }
    }
  }

  /// The sum under one window, in real numbers as far as they go: below 2⁵³ times a power of two.
  private static func sum(_ kernel: Kernel, _ image: TestArray, _ row: Int, _ column: Int) -> Float
  {
    var sum = 0.0
    for y in 0..<kernel.size {
      for x in 0..<kernel.size {
        let value = image.values[(row + y) * image.shape[2] + column + x]
        sum += kernel.values[y * kernel.size + x] * value
      }
    }
    return Float(sum / kernel.divisor + kernel.bias)
  }
}

extension ExactSumsTests {
  @Test(
    "Wide sums are rounded once, whatever moves them before they are written",
    arguments: [
      "", #"{"stage": "flip", "probability": 1},"#, #"{"stage": "crop", "size": 1},"#,
      #"{"stage": "pad", "amount": 2, "padding_mode": "replicate"},"#,
      #"{"stage": "pad", "amount": 1, "padding_mode": "circular"},"#,
      #"{"stage": "resize", "size": 3, "filter": "nearest"},"#,
      #"{"stage": "median", "kernel_size": 3},"#,
      #"{"stage": "unfold", "kernel_size": 1}, {"stage": "fold"},"#,
      #"{"stage": "unfold", "kernel_size": 1}, {"stage": "fold", "normalize": "window", "window": "crop"},"#,
    ])
  func roundedOnce(_ stages: String) throws {
    let workshop = try Workshop()
    // Their mean is 40 001 and 480 of 961: the nearest float is 40 001.5, and 40 002 even.
    let values = (0..<31 * 31).map { $0 < 480 ? 40_002.0 : 40_001 }
    let path = try workshop.savePNG(TestArray([1, 31, 31], .uint16, values), as: "a.png")
    let box = #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 31}}"#
    let outcome = try workshop.run(
      #"\#(box), \#(stages) {"stage": "encode", "format": "png"}"#, onFile: path)
    #expect(outcome.result.error == nil)
    let found = try #require(outcome.outputs.first)
    #expect(found.type == .uint16 && found.values.allSatisfy { $0 == 40_001 }, "\(found.values)")
  }

  @Test("A mean of floats without bounds does not leave their range")
  func largeMeans() throws {
    let workshop = try Workshop()
    let image = TestArray([1, 5, 6], Array(repeating: Float(1e38), count: 30))
    let found = try workshop.run(
      #"{"stage": "convolve", "bank": "box"}, {"stage": "encode", "format": "npy"}"#, on: image)
    #expect(found.outputs.first?.floats.allSatisfy { abs($0 / 1e38 - 1) < 1e-6 } == true)
  }
}
