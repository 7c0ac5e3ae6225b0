import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraPipeline

/// The laws that tie unfold, fold and convolutions together.
struct LawTests {
  static let modes = PaddingMode.allCases.map(\.rawValue)

  /// Windows with overlap, gaps between their elements, and padding up to beyond the image.
  static let windows = [
    TestWindow("3", #""padding": 1"#),
    TestWindow("[4, 2]", #""stride": [3, 1], "padding": [2, 1]"#),
    TestWindow("3", #""padding": 2, "dilation": 2"#),
    TestWindow("[2, 5]", #""stride": [1, 4], "padding": [0, 7], "dilation": [3, 1]"#),
    TestWindow("3", #""stride": 2, "padding": 19"#),
  ]

  @Test(
    "Cutting and putting together is exact for every padding mode, edge policy and element type",
    arguments: ElementType.allCases)
  func roundTrip(type: ElementType) throws {
    let workshop = try Workshop()
    for shape in [[3, 11, 14], [1, 9, 33], [2, 16, 8]] {
      let image = TestArray.noise(shape, type)
      for mode in Self.modes {
        for edge in ["shift", "pad"] {
          for window in Self.windows {
            let stages = """
              {"stage": "unfold", \(window.keys), "padding_mode": "\(mode)", "edge": "\(edge)"},
              {"stage": "fold"}, {"stage": "compare", "require": {"max_abs": 0},
               "metrics": ["max_abs"]}, \(npy)
              """
            let result = try workshop.array(stages, on: image)
            #expect(result == image, "\(shape) \(mode) \(edge) \(window)")
          }
        }
      }
    }
  }

  @Test(
    "Overlaps of any number come out exact, beyond 8, 16 and 32 bits of count and sum",
    arguments: ElementType.allCases)
  func hugeOverlap(type: ElementType) throws {
    let workshop = try Workshop()
    // 20 × 20, then 260 × 260 = 67 600 blocks on one pixel; sums reach 4.4 · 10⁹ for 16 bits.
    for (size, kernel) in [(20, 20), (3, 262)] {
      var image = TestArray.noise([1, size, size], type)
      image.values[0] = Double(type.maximum ?? 1)
      image.values[1] = image.values[0]
      let stages = """
        {"stage": "unfold", "kernel_size": \(kernel), "padding": \(kernel - 1)},
        {"stage": "fold"}, \(npy)
        """
      #expect(try workshop.array(stages, on: image) == image)
    }
  }

  @Test("Images of one pixel, one row and one column survive every padding mode")
  func tinyImages() throws {
    let workshop = try Workshop()
    for shape in [[1, 1, 1], [3, 1, 9], [2, 9, 1], [1, 2, 2]] {
      let image = TestArray.noise(shape, .uint8)
      for mode in Self.modes {
        let stages = """
          {"stage": "unfold", "kernel_size": 3, "padding": 5, "padding_mode": "\(mode)",
           "edge": "shift"}, {"stage": "fold"}, \(npy)
          """
        #expect(try workshop.array(stages, on: image) == image, "\(shape) \(mode)")
      }
    }
  }

  @Test("Fold is the adjoint of unfold where zeros stand in the padding", arguments: windows)
  func adjoint(window: TestWindow) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([2, 13, 12], .float32, seed: 3)
    let unfold = #"{"stage": "unfold", \#(window.keys)}"#
    let columns = try workshop.array("\(unfold), \(npy)", on: image)
    let others = TestArray.noise(columns.shape, .float32, seed: 4)
    // Columns of no image come in as an image of D channels.
    let spread = TestArray([columns.shape[0], 1, columns.shape[1]], others.floats)
    let folded = try workshop.array(
      """
      {"stage": "unfold", "kernel_size": 1},
      {"stage": "fold", "normalize": "sum", "output_size": [13, 12], \(window.keys)}, \(npy)
      """, on: spread)
    let left = zip(columns.values, others.values).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(image.values, folded.values).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(left - right) < 1e-4)
  }

  @Test("A convolution is its kernel matrix times the image", arguments: windows, [1, 2])
  func kernelMatrix(window: TestWindow, groups: Int) throws {
    let workshop = try Workshop()
    let (channels, height, width, filters) = (2, 9, 11, 4)
    let image = TestArray.noise([channels, height, width], .float32, seed: 5)
    let unfold = #"{"stage": "unfold", \#(window.keys)}"#
    let probe = try workshop.array("\(unfold), \(npy)", on: image)
    let depth = probe.shape[0]
    let taps = depth / channels
    let weights = signedUnits(seed: 6, count: filters * depth / groups)
    let plan = try workshop.planner("\(unfold), \(npy)").plan(
      ImageShape(channels: channels, height: height, width: width))
    let grid = try #require(plan.stages[1].layout.grid)
    try workshop.save(
      TestArray(
        [filters, channels / groups, grid.kernelSize.height, grid.kernelSize.width], weights),
      as: "weights.npy")
    let result = try workshop.array(
      """
      {"stage": "convolve", "weights": "weights.npy", "groups": \(groups),
       \(window.rest)}, \(npy)
      """, on: image)
    var expected: [Double] = []
    for filter in 0..<filters {
      let group = filter / (filters / groups)
      for top in grid.rows.starts {
        for left in grid.columns.starts {
          var matrixRow = [Double](repeating: 0, count: image.values.count)
          for index in 0..<depth / groups {
            let channel = group * (channels / groups) + index / taps
            let y = top + index % taps / grid.kernelSize.width * grid.rows.dilation
            let x = left + index % taps % grid.kernelSize.width * grid.columns.dilation
            if (0..<height).contains(y), (0..<width).contains(x) {
              matrixRow[(channel * height + y) * width + x] +=
                Double(weights[filter * (depth / groups) + index])
            }
          }
          expected.append(zip(matrixRow, image.values).reduce(0) { $0 + $1.0 * $1.1 })
        }
      }
    }
    let expectedArray = TestArray(result.shape, .float32, expected)
    #expect(result.distance(to: expectedArray) < 1e-5)
  }

  @Test("A transposed convolution is that matrix's transpose: 1 × 1 blocks, weights, fold")
  func transposed() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([2, 4, 5], .float32, seed: 8)
    // (C, M, kH, kW) as in torch.nn.ConvTranspose2d, stored as the matrix M·kH·kW × C.
    let (filters, kernel, stride) = (3, 3, 2)
    let weights = TestArray.noise([filters * kernel * kernel, 2], .float32, seed: 9)
    try workshop.save(weights, as: "weights.npy")
    let result = try workshop.array(
      """
      {"stage": "unfold", "kernel_size": 1},
      {"stage": "transform.linear", "weights": "weights.npy"},
      {"stage": "fold", "normalize": "sum", "output_size": [9, 11], "kernel_size": 3, "stride": 2},
      \(npy)
      """, on: image)
    var expected = [Double](repeating: 0, count: filters * 9 * 11)
    for y in 0..<4 {
      for x in 0..<5 {
        for filter in 0..<filters {
          for tap in 0..<kernel * kernel {
            let row = filter * kernel * kernel + tap
            let sum = (0..<2).reduce(0.0) {
              $0 + weights.values[row * 2 + $1] * image.values[($1 * 4 + y) * 5 + x]
            }
            let (v, u) = (y * stride + tap / kernel, x * stride + tap % kernel)
            expected[(filter * 9 + v) * 11 + u] += sum
          }
        }
      }
    }
    #expect(result.distance(to: TestArray([filters, 9, 11], .float32, expected)) < 1e-5)
  }
}

/// A window in the words of a pipeline file.
struct TestWindow: Sendable {
  var kernelSize: String
  /// Everything but the size.
  var rest: String

  init(_ kernelSize: String, _ rest: String) {
    self.kernelSize = kernelSize
    self.rest = rest
  }

  var keys: String { #""kernel_size": \#(kernelSize), \#(rest)"# }
}
