import Foundation
import TesseraCore
import TesseraTestSupport
import Testing

/// TensorFlow's SAME padding and its order of patches.
struct SamePaddingTests {
  private struct Vector: Decodable {
    var seed: UInt64
    var size: [Int]
    var kernelSize: [Int]
    var stride: [Int]
    var dilation: [Int]
    var shape: [Int]
    var values: [Double]
  }

  private static func vectors() throws -> [Vector] {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Vectors/same.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let file = try decoder.decode([String: Content].self, from: Data(contentsOf: url))
    guard case .vectors(let vectors) = file["same"] else { return [] }
    return vectors
  }

  private enum Content: Decodable {
    case text
    case vectors([Vector])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = (try? container.decode([Vector].self)).map { .vectors($0) } ?? .text
    }
  }

  @Test("Strided and dilated convolutions under \"same\" are those of SAME: 60 geometries")
  func convolutions() throws {
    let workshop = try Workshop()
    let vectors = try Self.vectors()
    #expect(vectors.count == 60)
    for vector in vectors {
      try workshop.save(
        TestArray(
          [1, 1] + vector.kernelSize,
          signedUnits(seed: vector.seed + 5000, count: vector.kernelSize.reduce(1, *))),
        as: "w.npy")
      let image = TestArray(
        [1] + vector.size, signedUnits(seed: vector.seed, count: vector.size.reduce(1, *)))
      let made = try workshop.array(
        #"{"stage": "convolve", "weights": "w.npy", "padding": "same", "stride": \#(vector.stride), "#
          + #""dilation": \#(vector.dilation)}, \#(npy)"#, on: image)
      #expect(made.shape == [1] + vector.shape)
      for (value, other) in zip(made.values, vector.values) {
        #expect(abs(value - other) < 1e-5, "\(vector.seed)")
      }
    }
  }

  @Test("Patches under \"same\" in the order of tf.image.extract_patches: row, column, channel")
  func order() throws {
    let (channels, height, width, kernel, stride) = (3, 7, 9, 4, 3)
    let image = TestArray.noise([channels, height, width], .uint8)
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": \#(kernel), "stride": \#(stride), "padding": "same"}, "#
        + #"{"stage": "encode", "format": "npy", "layout": "tokens_channels_last"}"#, on: image)
    // ⌈7/3⌉ × ⌈9/3⌉ blocks; 6 + 4 − 7 = 3 rows and 6 + 4 − 9 = 1 column of zeros, the odd one after.
    #expect(made.shape == [9, kernel * kernel * channels])
    for block in 0..<9 {
      for value in 0..<kernel * kernel * channels {
        let (i, j, c) = (value / (kernel * channels), value / channels % kernel, value % channels)
        let (y, x) = (block / 3 * stride + i - 1, block % 3 * stride + j)
        let isInside = (0..<height).contains(y) && (0..<width).contains(x)
        #expect(
          made.values[block * kernel * kernel * channels + value]
            == (isInside ? image.values[(c * height + y) * width + x] : 0))
      }
    }
  }
}
