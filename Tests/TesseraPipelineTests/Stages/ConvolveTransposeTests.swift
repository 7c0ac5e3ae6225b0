import Foundation
import TesseraConfiguration
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `convolve_transpose`, locally connected layers, and the matrix that both come down to.
struct ConvolveTransposeTests {
  /// A result of PyTorch: some of its values.
  struct Vector: Decodable {
    var seed: UInt64
    var channels: Int
    var filters: Int
    var groups: Int?
    var size: [Int]
    var kernelSize: [Int]
    var stride: [Int]
    var padding: [Int]
    var outputPadding: [Int]?
    var dilation: [Int]
    var bias: Bias
    var shape: [Int]
    var places: [Int]
    var values: [Double]
    var magnitude: Double

    enum Bias: Decodable {
      case none, output, block

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
          self = flag ? .output : .none
        } else {
          switch try container.decode(String.self) {
          case "output": self = .output
          case "block": self = .block
          default: self = .none
          }
        }
      }
    }

    var image: TestArray {
      let shape = [channels] + size
      return TestArray(shape, signedUnits(seed: seed, count: shape.reduce(1, *)))
    }

    /// The keys that place the kernel, and the bias where there is one.
    var keys: String {
      let bias: String
      if case .none = self.bias { bias = "" } else { bias = #", "bias": "b.npy""# }
      let extra = outputPadding.map { #", "output_padding": \#($0)"# } ?? ""
      let groups = groups.map { #", "groups": \#($0)"# } ?? ""
      return
        #""stride": \#(stride), "padding": \#(padding), "dilation": \#(dilation)\#(extra)\#(groups)\#(bias)"#
    }

    func expect(_ made: TestArray) {
      #expect(made.shape == shape, "\(seed)")
      guard made.shape == shape else { return }
      let scale = max(values.reduce(0) { max($0, abs($1)) }, 1)
      for (place, value) in zip(places, values) {
        #expect(abs(made.values[place] - value) <= 1e-5 * scale, "\(seed) \(place)")
      }
      let sum = made.values.reduce(0) { $0 + abs($1) }
      #expect(abs(sum - magnitude) <= 1e-5 * max(magnitude, 1), "\(seed)")
    }
  }

  private struct File: Decodable {
    var transposed: [Vector]
    var local: [Vector]

    static func load() throws -> File {
      let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Vectors/transposed.json")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Self.self, from: Data(contentsOf: url))
    }
  }

  private func save(_ vector: Vector, weights: [Int], biases: [Int], in workshop: Workshop) throws {
    try workshop.save(
      TestArray(weights, signedUnits(seed: vector.seed + 1, count: weights.reduce(1, *))),
      as: "w.npy")
    try workshop.save(
      TestArray(biases, signedUnits(seed: vector.seed + 2, count: biases.reduce(1, *))),
      as: "b.npy")
  }

  @Test("Transposed convolutions are PyTorch's: 200 random geometries")
  func transposed() throws {
    let workshop = try Workshop()
    let vectors = try File.load().transposed
    #expect(vectors.count == 200)
    for vector in vectors {
      try save(
        vector,
        weights: [vector.channels, vector.filters / (vector.groups ?? 1)] + vector.kernelSize,
        biases: [vector.filters], in: workshop)
      vector.expect(
        try workshop.array(
          #"{"stage": "convolve_transpose", "weights": "w.npy", \#(vector.keys)}, \#(npy)"#,
          on: vector.image))
    }
  }

  @Test("Locally connected layers are unfold and einsum: 200 random geometries, both spellings")
  func local() throws {
    let workshop = try Workshop()
    let vectors = try File.load().local
    #expect(vectors.count == 200)
    for vector in vectors {
      let blocks = vector.shape[1] * vector.shape[2]
      let isPerBlock: Bool
      if case .block = vector.bias { isPerBlock = true } else { isPerBlock = false }
      try save(
        vector, weights: [blocks, vector.filters, vector.channels] + vector.kernelSize,
        biases: isPerBlock ? [blocks, vector.filters] : [vector.filters], in: workshop)
      let made = try workshop.array(
        #"{"stage": "convolve", "locally_connected": true, "weights": "w.npy", \#(vector.keys)}, \#(npy)"#,
        on: vector.image)
      vector.expect(made)
      let bias: String
      if case .none = vector.bias { bias = "" } else { bias = #", "bias": "b.npy""# }
      let cut =
        #""stride": \#(vector.stride), "padding": \#(vector.padding), "dilation": \#(vector.dilation)"#
      let patches = try workshop.array(
        #"{"stage": "unfold", "kernel_size": \#(vector.kernelSize), \#(cut)}, "#
          + #"{"stage": "convolve", "locally_connected": true, "weights": "w.npy"\#(bias)}, "#
          + #"{"stage": "fold", "normalize": "sum"}, \#(npy)"#, on: vector.image)
      #expect(patches == made)
    }
  }

  @Test("The matrix times the image is the convolution, and its transpose the transposed one")
  func matrix() throws {
    let workshop = try Workshop()
    for (index, keys) in [
      #""padding": "same", "dilation": 2"#, #""stride": [2, 3], "padding": [1, 2]"#,
      #""padding": 2, "padding_mode": "circular""#,
      #""padding": 1, "padding_mode": "reflect", "bias": [0.5, -1]"#,
    ].enumerated() {
      try workshop.save(TestArray.noise([2, 3, 3, 2], .float32, seed: 4), as: "w.npy")
      let stages = #"{"stage": "convolve", "weights": "w.npy", \#(keys)}, \#(npy)"#
      let image = TestArray.noise([3, 6, 7], .float32, seed: UInt64(index))
      let made = try workshop.array(stages, on: image)
      let matrix = try workshop.planner(stages).kernelMatrix(
        of: ImageShape(channels: 3, height: 6, width: 7))
      #expect(matrix.leavesOutBias == keys.contains("bias"))
      #expect([matrix.output.channels, matrix.output.height, matrix.output.width] == made.shape)
      let plane = made.values.count / 2
      for row in made.values.indices {
        var sum = keys.contains("bias") ? (row < plane ? 0.5 : -1) : 0
        for column in 0..<126 {
          sum += Double(matrix.values[row * 126 + column]) * image.values[column]
        }
        #expect(abs(made.values[row] - sum) < 1e-5, "\(keys)")
      }
    }
    try workshop.save(TestArray.noise([2, 3, 3, 2], .float32, seed: 4), as: "w.npy")
    let geometry = #""stride": 2, "padding": 1"#
    let forward = try workshop.planner(
      #"{"stage": "convolve", "weights": "w.npy", \#(geometry)}, \#(npy)"#
    ).kernelMatrix(of: ImageShape(channels: 3, height: 7, width: 6))
    let back = try workshop.planner(
      #"{"stage": "convolve_transpose", "weights": "w.npy", \#(geometry)}, \#(npy)"#
    ).kernelMatrix(of: forward.output)
    #expect(back.output == forward.input)
    let (rows, columns) = (forward.values.count / 126, 126)
    for row in 0..<rows {
      for column in 0..<columns {
        #expect(forward.values[row * columns + column] == back.values[column * rows + row])
      }
    }
  }

  @Test("A local layer of flipped kernels is one of kernels that are turned around")
  func flippedLocal() throws {
    let workshop = try Workshop()
    let weights = TestArray.noise([12, 3, 2, 2, 2], .float32, seed: 2)
    var turned = weights
    for first in stride(from: 0, to: weights.values.count, by: 4) {
      turned.values.replaceSubrange(
        first..<first + 4, with: weights.values[first..<first + 4].reversed())
    }
    try workshop.save(weights, as: "w.npy")
    try workshop.save(turned, as: "turned.npy")
    let local = #"{"stage": "convolve", "locally_connected": true, "weights": "#
    let image = TestArray.noise([2, 4, 5], .float32)
    let flipped = try workshop.array(#"\#(local)"w.npy", "flip_kernel": true}, \#(npy)"#, on: image)
    #expect(try flipped == workshop.array(#"\#(local)"turned.npy"}, \#(npy)"#, on: image))
    #expect(try flipped != workshop.array(#"\#(local)"w.npy"}, \#(npy)"#, on: image))
  }

  @Test("A chain of convolutions, one of them local, has the product of their matrices")
  func chain() throws {
    let workshop = try Workshop()
    try workshop.save(TestArray.noise([2, 1, 2, 2], .float32, seed: 1), as: "a.npy")
    try workshop.save(TestArray.noise([12, 3, 2, 2, 2], .float32, seed: 2), as: "l.npy")
    let stages =
      #"{"stage": "convolve", "weights": "a.npy"}, "#
      + #"{"stage": "convolve", "locally_connected": true, "weights": "l.npy"}, "#
      + #"{"stage": "convolve_transpose", "bank": "box", "stride": 2}, \#(npy)"#
    let image = TestArray.noise([1, 5, 6], .float32)
    let made = try workshop.array(stages, on: image)
    let matrix = try workshop.planner(stages).kernelMatrix(
      of: ImageShape(channels: 1, height: 5, width: 6))
    #expect(matrix.values.count == made.values.count * 30)
    for (row, value) in made.values.enumerated() {
      var sum = 0.0
      for column in 0..<30 {
        sum += Double(matrix.values[row * 30 + column]) * image.values[column]
      }
      #expect(abs(value - sum) < 1e-5)
    }
  }

  @Test("Other stages have no matrix, and too large images are refused")
  func noMatrix() throws {
    let workshop = try Workshop()
    let shape = ImageShape(channels: 1, height: 8, width: 8)
    for stage in [
      #"{"stage": "normalize"}"#, #"{"stage": "convolve", "bank": "box", "response": "abs"}"#,
      #"{"stage": "resize", "size": 4}"#,
    ] {
      let planner = try workshop.planner("\(stage), \(npy)")
      #expect(throws: KernelMatrixError.self) { try planner.kernelMatrix(of: shape) }
    }
    let planner = try workshop.planner(#"{"stage": "convolve", "bank": "box"}, \#(npy)"#)
    #expect(throws: KernelMatrixError.self) {
      try planner.kernelMatrix(of: ImageShape(channels: 3, height: 2000, width: 2000))
    }
  }

  @Test("Folds that divide, and pipelines without a convolution, have no matrix")
  func notConvolutions() throws {
    let workshop = try Workshop()
    let shape = ImageShape(channels: 1, height: 4, width: 4)
    try workshop.save(TestArray([4, 1, 1, 1], [1, 1, 1, 1]), as: "w.npy")
    let divided = try workshop.planner(
      #"{"stage": "unfold", "kernel_size": 1}, {"stage": "convolve", "weights": "w.npy"}, "#
        + #"{"stage": "fold", "output_size": 5, "kernel_size": 2}, \#(npy)"#)
    #expect(throws: KernelMatrixError.stage(index: 1, name: "unfold")) {
      try divided.kernelMatrix(of: shape)
    }
    let empty = try workshop.planner(npy)
    #expect(throws: KernelMatrixError.noConvolution) { try empty.kernelMatrix(of: shape) }
  }

  @Test("Names of a bank's channels end where others are made of them")
  func names() throws {
    let workshop = try Workshop()
    try workshop.save(TestArray.noise([6, 8, 1, 1], .float32), as: "t.npy")
    try workshop.save(TestArray.noise([9, 5, 6, 1, 1], .float32), as: "l.npy")
    let image = TestArray.noise([4, 5, 5], .uint8)
    let file = try workshop.savePNG(image, hasAlpha: true, as: "rgba.png")
    for stage in [
      #"{"stage": "convolve_transpose", "weights": "t.npy"}"#,
      #"{"stage": "convolve", "weights": "l.npy", "locally_connected": true}"#,
    ] {
      let outcome = try workshop.run(
        #"{"stage": "convolve", "bank": "sobel"}, \#(stage), "#
          + #"{"stage": "encode", "format": "png", "range": "auto"}"#, onFile: file)
      #expect(outcome.result.error == nil)
      #expect(!outcome.result.outputs.contains { $0.path.contains("sobel") })
      #expect(outcome.result.outputs.count > 4)
    }
  }

  @Test("A maximum of many responses is no bank to spread pixels by")
  func maximum() throws {
    #expect(throws: PipelineFileError.self) {
      try Workshop().planner(#"{"stage": "convolve_transpose", "bank": "mr8"}, \#(npy)"#)
    }
  }

  @Test("Opacity fills what its pixel becomes; where it cannot, filter is advised")
  func opacity() throws {
    let workshop = try Workshop()
    for channels in [2, 4] {
      let image = TestArray.noise([channels, 5, 4], .uint8)
      let file = try workshop.savePNG(image, hasAlpha: true, as: "alpha.png")
      for (kernel, keys) in [
        (2, #""stride": 2"#), (4, #""stride": 2, "padding": 1"#),
        (3, #""stride": 2, "padding": 1, "output_padding": 1"#), (3, #""padding": 1"#),
      ] {
        let scale = keys.contains("stride") ? 2 : 1
        let made = try #require(
          try workshop.run(
            #"{"stage": "convolve_transpose", "bank": {"name": "box", "kernel_size": \#(kernel)}, \#(keys)}, "#
              + npy, onFile: file
          ).outputs.first)
        #expect(made.shape == [channels, 5 * scale, 4 * scale])
        for y in 0..<5 * scale {
          for x in 0..<4 * scale {
            let place = ((channels - 1) * 5 * scale + y) * 4 * scale + x
            #expect(
              made.values[place]
                == image.values[((channels - 1) * 5 + y / scale) * 4 + x / scale])
          }
        }
      }
      for keys in [
        #""bank": "box", "stride": 3"#, #""kernels": [[1]], "stride": 2, "output_padding": 1"#,
      ] {
        let error = try #require(
          try workshop.refusal(
            #"{"stage": "convolve_transpose", \#(keys)}, \#(npy)"#,
            shape: ImageShape(channels: channels, height: 5, width: 4)))
        #expect("\(error)".contains("\"filter\""))
      }
      let filtered = try #require(
        try workshop.run(
          #"{"stage": "convolve_transpose", "bank": "box", "stride": 3, "alpha": "filter"}, \#(npy)"#,
          onFile: file
        ).outputs.first)
      #expect(filtered.shape == [channels, 15, 12])
    }
  }

  @Test(
    "What does not fit is refused with its key",
    arguments: [
      (#""output_padding": 2, "stride": 2"#, "output_padding"),
      (#""padding": 9"#, "padding"), (#""groups": 2"#, "groups"),
    ])
  func refusals(keys: String, word: String) throws {
    let workshop = try Workshop()
    var text = ""
    do {
      let error = try workshop.refusal(
        #"{"stage": "convolve_transpose", "bank": "box", \#(keys)}, \#(npy)"#,
        shape: ImageShape(channels: 2, height: 5, width: 5))
      text = error.map { "\($0)" } ?? ""
    } catch {
      text = "\(error)"
    }
    #expect(text.contains(word), "\(text)")
  }

  @Test(
    "Keys that mean nothing beside locally_connected are refused",
    arguments: [#""response": "abs""#, #""groups": 2"#])
  func localKeys(keys: String) throws {
    let workshop = try Workshop()
    try workshop.save(TestArray.noise([12, 1, 1, 2, 2], .float32), as: "w.npy")
    #expect(throws: PipelineFileError.self) {
      try workshop.planner(
        #"{"stage": "convolve", "locally_connected": true, "weights": "w.npy", \#(keys)}, \#(npy)"#)
    }
  }

  @Test("A result that is too large is told of the stride")
  func tooLarge() throws {
    let error = try #require(
      try Workshop().refusal(
        #"{"stage": "convolve_transpose", "bank": "box", "stride": 65535}, \#(npy)"#,
        shape: ImageShape(channels: 1, height: 4000, width: 4000)))
    #expect("\(error)".contains(".stride: 4000 × 4000 pixels"))
  }

  @Test("Weights of another number of blocks are refused, with both numbers")
  func blocks() throws {
    let workshop = try Workshop()
    try workshop.save(TestArray.noise([9, 1, 1, 2, 2], .float32), as: "w.npy")
    let error = try workshop.refusal(
      #"{"stage": "convolve", "locally_connected": true, "weights": "w.npy"}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 5, width: 4))
    #expect("\(try #require(error))".contains("9 blocks"))
    #expect("\(try #require(error))".contains("12 (4 × 3)"))
  }
}
