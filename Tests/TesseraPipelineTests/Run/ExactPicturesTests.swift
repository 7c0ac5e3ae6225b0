import TesseraCore
import TesseraEngine
import TesseraKernels
import Testing

@testable import TesseraPipeline

/// Means of integers in files of integers: the exact quotient, rounded half to even, once.
@Suite struct ExactPicturesTests {
  /// Kernels that are a column times a row of integers, over a number.
  struct Kernel: Sendable, CustomTestStringConvertible {
    var keys: String
    /// The integers of the column and of the row.
    var line: [Double]
    var testDescription: String { "\(line.count), sum \(line.reduce(0, +))" }

    static func box(_ size: Int) -> Kernel {
      Kernel(
        keys: #""bank": {"name": "box", "kernel_size": \#(size)}"#,
        line: Array(repeating: 1, count: size))
    }

    static func binomial(_ size: Int) -> Kernel {
      var line = [1.0]
      for _ in 1..<size { line = zip([0] + line, line + [0]).map { $0 + $1 } }
      let scale = 1 / line.reduce(0, +)
      let values = line.map { a in line.map { a * $0 * scale * scale } }
      return Kernel(keys: #""kernels": \#(values)"#, line: line)
    }

    /// The mean under each window of a plane of 42 × 45, rounded half to even.
    func means(of plane: [Double]) -> [Double] {
      quotients(of: plane).map { $0.rounded(.toNearestOrEven) }
    }

    /// The mean under each window of a plane of 42 × 45.
    func quotients(of plane: [Double]) -> [Double] {
      let (height, width, size) = (42, 45, line.count)
      let divisor = line.reduce(0, +) * line.reduce(0, +)
      return (0...height - size).flatMap { row in
        (0...width - size).map { column in
          var sum = 0.0
          for y in 0..<size {
            for x in 0..<size {
              sum += line[y] * line[x] * plane[(row + y) * width + column + x]
            }
          }
          return sum / divisor
        }
      }
    }
  }

  static let kernels: [(Kernel, ElementType)] =
    (2...33).map { (.box($0), .uint16) } + [2, 3, 5, 12, 16, 21, 33].map { (.box($0), .uint8) }
    + [3, 5, 9, 11].flatMap { [(.binomial($0), .uint8), (.binomial($0), .uint16)] }

  /// Bright, where floats have the fewest binary places left of the halves.
  private static func image(_ type: ElementType, _ channels: Int) -> TestArray {
    var image = TestArray.noise([channels, 42, 45], type, seed: 14)
    let half = Double(((type.maximum ?? 1) + 1) / 2)
    image.values = image.values.map { half + ($0 / 2).rounded(.down) }
    return image
  }

  /// Runs a way on every instruction set, and without rewrites.
  private static func forEachPlan(
    _ body: (Workshop, String) throws -> Void
  ) throws {
    let last = KernelSet.supported.count - 1
    for (index, set) in KernelSet.supported.enumerated() {
      for rewrites in index == last ? [Rewrites.all, []] : [Rewrites.all] {
        let workshop = try Workshop()
        workshop.kernels = set
        workshop.rewrites = rewrites
        try body(workshop, "\(set.name), \(rewrites.count) rewrites")
      }
    }
  }

  /// Stages, and how many rows and columns of what they write lie before the first mean and behind
  /// the last.
  private static func ways(
    _ kernel: Kernel, _ type: ElementType
  ) -> [(stages: String, before: Int, after: Int)] {
    let size = kernel.line.count
    let convolve = #"{"stage": "convolve", \#(kernel.keys)"#
    let cut = #"{"stage": "unfold", "kernel_size": \#(size)}, \#(convolve)}"#
    let inside = #"{"stage": "unfold", "kernel_size": [42, 45]}, {"stage": "transform.convolve", "#
    let fold = #"{"stage": "fold"}"#
    let png = #"{"stage": "encode"}"#
    let array = #"{"stage": "encode", "format": "npy", "dtype": "\#(type.rawValue)"}"#
    return [
      ("\(convolve)}, \(png)", 0, 0),
      ("\(convolve)}, \(array)", 0, 0),
      ("\(cut), \(fold), \(png)", 0, 0),
      ("\(cut), \(array)", 0, 0),
      ("\(inside)\(kernel.keys)}, \(fold), \(png)", (size - 1) / 2, size / 2),
      (#"\#(convolve)}, {"stage": "pad", "amount": 2}, \#(png)"#, 2, 2),
      (#"\#(convolve), "response": "abs"}, {"stage": "encode", "range": "clip"}"#, 0, 0),
      (#"\#(convolve)}, {"stage": "unfold", "kernel_size": 1}, \#(fold), \#(array)"#, 0, 0),
    ]
  }

  /// Rows and columns of an image of some width, from a row and the same column on.
  private static func part(
    _ values: [Double], of width: Int, from margin: Int, _ rows: Int, _ columns: Int
  ) -> [Double] {
    var part: [Double] = []
    for row in margin..<margin + rows {
      let first = row * width + margin
      part += values[first..<first + columns]
    }
    return part
  }

  @Test(
    "A mean of any size is rounded once, in every spelling and on every way",
    arguments: kernels)
  func spellings(_ kernel: Kernel, _ type: ElementType) throws {
    let image = Self.image(type, 1)
    let size = kernel.line.count
    let (rows, columns) = (43 - size, 46 - size)
    let expected = kernel.means(of: image.values)
    try Self.forEachPlan { workshop, plan in
      let path = try workshop.savePNG(image, as: "a.png")
      for (way, before, after) in Self.ways(kernel, type) {
        let found = try #require(try workshop.run(way, onFile: path).outputs.last, "\(way)")
        let width = before + columns + after
        let means = Self.part(found.values, of: width, from: before, rows, columns)
        #expect(found.type == type)
        #expect(means == expected, "\(plan): \(way)")
      }
    }
  }

  @Test("So are several channels, beside opacity and by kernels of their own", arguments: [17, 24])
  func channels(_ size: Int) throws {
    let image = Self.image(.uint16, 4)
    let area = 42 * 45
    let (rows, columns) = (43 - size, 46 - size)
    let expected = (0..<3).flatMap { channel in
      Kernel.box(size).means(
        of: Array(image.values[channel * area..<(channel + 1) * area]))
    }
    try Self.forEachPlan { workshop, plan in
      let path = try workshop.savePNG(image, hasAlpha: true, as: "a.png")
      let found = try #require(
        try workshop.run(
          #"{"stage": "convolve", \#(Kernel.box(size).keys)}, {"stage": "encode"}"#, onFile: path
        ).outputs.last)
      #expect(found.shape == [4, rows, columns])
      #expect(Array(found.values.prefix(expected.count)) == expected, "\(plan)")
    }
  }

  @Test("A quotient next to a tie goes where it belongs, where sums fit floats too")
  func ties() throws {
    // 221 · 297 values of 129, a little less than half of them one more: 129.4999924, as a float 129.5.
    let (height, width) = (221, 297)
    let count = height * width
    let values = (0..<count).map { $0 < count / 2 ? 130.0 : 129 }
    let keys = #""bank": {"name": "box", "kernel_size": [\#(height), \#(width)]}"#
    try Self.forEachPlan { workshop, plan in
      let path = try workshop.savePNG(TestArray([1, height, width], .uint8, values), as: "a.png")
      for stages in [
        #"{"stage": "convolve", \#(keys)}"#,
        #"{"stage": "unfold", "kernel_size": [221, 297]}, {"stage": "convolve", \#(keys)}, {"stage": "fold"}"#,
      ] {
        let found = try workshop.run("\(stages), {\"stage\": \"encode\"}", onFile: path)
        #expect(found.outputs.last?.values == [129], "\(plan)")
      }
    }
  }

  @Test("Where floats are looked at too, they are the quotient rounded to floats")
  func floats() throws {
    let kernel = Kernel.box(17)
    let image = Self.image(.uint16, 1)
    let exact = kernel.quotients(of: image.values).map { Double(Float($0)) }
    try Self.forEachPlan { workshop, plan in
      let path = try workshop.savePNG(image, as: "a.png")
      let stages = #"{"stage": "convolve", \#(kernel.keys)}, {"stage": "encode", "path": "x"}"#
      for rest in [
        #", {"stage": "encode", "path": "y", "format": "npy"}"#,
        #", {"stage": "encode", "path": "y", "range": [0, 1000]}, {"stage": "encode", "path": "z", "format": "npy"}"#,
      ] {
        for run in 1...2 {
          for name in ["x", "y", "z"] { try workshop.folder.makeFolder("out-\(run)/\(name)") }
        }
        let outputs = try workshop.run(stages + rest, onFile: path).outputs
        let floats = try #require(outputs.last)
        #expect(floats.type == .float32)
        #expect(floats.values == exact, "\(plan)")
        #expect(
          outputs.first?.values == exact.map { $0.rounded(.toNearestOrEven) }, "\(plan)")
      }
    }
  }

  @Test("A comparison sees the integers of the file")
  func compared() throws {
    let image = Self.image(.uint16, 1)
    let stages = #"""
      {"stage": "convolve", "bank": {"name": "box", "kernel_size": 17}, "padding": 8},
      {"stage": "compare", "metrics": ["max_abs", "mean_abs"]}, {"stage": "encode"}
      """#
    try Self.forEachPlan { workshop, plan in
      let outcome = try workshop.run(stages, onFile: workshop.savePNG(image, as: "a.png"))
      let found = try #require(outcome.outputs.last)
      let inner = Self.part(found.values, of: 45, from: 8, 26, 29)
      #expect(inner == Kernel.box(17).means(of: image.values), "\(plan)")
      let differences = zip(found.values, image.values).map { abs($0 - $1) }
      #expect(outcome.metric("max_abs") == differences.max())
      #expect(
        outcome.metric("mean_abs") == differences.reduce(0, +) / Double(differences.count))
    }
  }
}
