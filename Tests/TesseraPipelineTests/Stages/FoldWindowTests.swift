import Foundation
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `fold` divided by window weights: the weights of other libraries, and the laws of blending.
struct FoldWindowTests {
  private struct Vectors: Decodable {
    struct Window: Decodable {
      var window: String
      var size: [Int]
      var values: [Double]
    }
    struct Crop: Decodable {
      var size: Int
      var kernel: Int
      var stride: Int
      var owners: [Int]
    }
    var windows: [Window]
    var crops: [Crop]

    static func load() throws -> Vectors {
      let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Vectors/windows.json")
      return try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
    }
  }

  @Test("Weights are those of MONAI, TorchIO, NumPy and pytorch-toolbelt")
  func weights() throws {
    let windows: [String: FoldWindow] = [
      "hann": .hann, "gaussian": .gaussian, "pyramid": .pyramid, "triangle": .triangle,
      "kaiser 2": .kaiser(beta: 2), "kaiser 0": .kaiser(beta: 0), "kaiser 8.5": .kaiser(beta: 8.5),
    ]
    let vectors = try Vectors.load().windows
    #expect(Set(vectors.map(\.window)) == Set(windows.keys))
    for vector in vectors {
      let window = try #require(windows[vector.window])
      var values = window.weights(Size(height: vector.size[0], width: vector.size[1]))
      if vector.window == "pyramid" {
        let largest = try #require(values.max())
        values = values.map { $0 / largest }
      }
      #expect(values.count == vector.values.count)
      for (value, other) in zip(values, vector.values) {
        #expect(abs(value - other) < 1e-6 && value > 0, "\(vector.window) \(vector.size)")
      }
    }
  }

  @Test("Cropping takes every pixel from the block that TorchIO takes it from")
  func crops() throws {
    let vectors = try Vectors.load().crops
    #expect(vectors.count > 20)
    for vector in vectors {
      var window = Window(kernelSize: Size(height: vector.kernel, width: 1))
      window.stride = Size(height: vector.stride, width: 1)
      window.edge = .shift
      let axis = try window.grid(on: Size(height: vector.size, width: 1)).rows
      var owners = [Int](repeating: -1, count: vector.size)
      for (block, range) in axis.croppedBlocks.enumerated() {
        for place in range {
          #expect(owners[place] == -1)
          owners[place] = block
        }
      }
      #expect(owners == vector.owners, "\(vector)")
    }
  }

  static let shapes = ["hann", "triangle", "gaussian", "kaiser", "pyramid", "crop"]

  private static let cuts = [
    #""kernel_size": 8, "stride": 3, "edge": "shift""#,
    #""kernel_size": [5, 7], "stride": [5, 2], "edge": "pad", "padding_mode": "reflect""#,
    #""kernel_size": 16, "stride": 1, "padding": 3, "edge": "shift", "padding_mode": "symmetric""#,
    #""kernel_size": 4, "stride": 4, "padding": "same""#,
    #""kernel_size": [1, 6], "stride": [1, 4], "edge": "pad", "halo": [2, 1]"#,
  ]

  @Test(
    "A constant image stays constant for every window, stride and edge policy", arguments: shapes)
  func constant(shape: String) throws {
    let workshop = try Workshop()
    for value in [0.1, 1, 254.7] {
      for size in [[1, 17, 23], [3, 16, 16]] {
        let image = TestArray(size, [Float](repeating: Float(value), count: size.reduce(1, *)))
        for cut in Self.cuts {
          for middle in ["", #"{"stage": "transform.quantize", "step": 1e-30}, "#] {
            let made = try workshop.array(
              #"{"stage": "unfold", \#(cut)}, \#(middle)"#
                + #"{"stage": "fold", "normalize": "window", "window": "\#(shape)"}, \#(npy)"#,
              on: image)
            #expect(made.distance(to: image) <= 1e-6 * value, "\(cut) \(middle)")
          }
        }
      }
    }
  }

  @Test("Blending is the sum of weighted values over the sum of weights", arguments: shapes)
  func reference(shape: String) throws {
    let workshop = try Workshop()
    let shapes: [String: FoldWindow] = [
      "hann": .hann, "triangle": .triangle, "gaussian": .gaussian, "kaiser": .kaiser(beta: 5),
      "pyramid": .pyramid, "crop": .crop,
    ]
    let window = try #require(shapes[shape])
    let beta = shape == "kaiser" ? #", "beta": 5"# : ""
    for (size, kernel, stride, step) in [
      ([2, 13, 19], Size(height: 5, width: 4), Size(height: 2, width: 3), 0.25),
      ([1, 9, 31], Size(height: 9, width: 8), Size(height: 1, width: 8), 0.125),
      ([3, 20, 7], Size(height: 6, width: 3), Size(height: 4, width: 1), 0.5),
    ] {
      let image = TestArray.noise(size, .float32, seed: 11)
      var cut = Window(kernelSize: kernel)
      cut.stride = stride
      cut.edge = .shift
      let grid = try cut.grid(on: Size(height: size[1], width: size[2]))
      // Rounding inside patches makes no difference between blocks, so the mean of patches blends the
      // same values; a sum of block numbers tells them apart.
      let keys =
        #""kernel_size": [\#(kernel.height), \#(kernel.width)], "#
        + #""stride": [\#(stride.height), \#(stride.width)], "edge": "shift""#
      let fold = #"{"stage": "fold", "normalize": "window", "window": "\#(shape)"\#(beta)}"#
      let made = try workshop.array(
        #"{"stage": "unfold", \#(keys)}, {"stage": "transform.mean_removal", "per": "channel"}, "#
          + "\(fold), \(npy)", on: image)
      var expected = image
      for c in 0..<size[0] {
        var sums = [Double](repeating: 0, count: size[1] * size[2])
        var divisors = sums
        for (r, y) in grid.rows.starts.enumerated() {
          for (k, x) in grid.columns.starts.enumerated() {
            var mean = 0.0
            let places = (0..<kernel.height * kernel.width).map { place in
              (y + place / kernel.width) * size[2] + x + place % kernel.width
            }
            for place in places { mean += image.values[c * sums.count + place] }
            mean /= Double(places.count)
            let weights: [Double]
            if window == .crop {
              let (rows, columns) = (grid.rows.croppedBlocks[r], grid.columns.croppedBlocks[k])
              weights = places.map {
                rows.contains($0 / size[2]) && columns.contains($0 % size[2]) ? 1 : 0
              }
            } else {
              weights = window.weights(kernel)
            }
            for (place, weight) in zip(places, weights) {
              sums[place] += weight * (image.values[c * sums.count + place] - mean)
              divisors[place] += weight
            }
          }
        }
        for place in sums.indices {
          expected.values[c * sums.count + place] = sums[place] / divisors[place]
        }
      }
      #expect(made.distance(to: expected) < 1e-6, "\(size) \(kernel) \(step)")
    }
  }

  @Test("Blocks that were let go leave their share to the others", arguments: shapes)
  func dropped(shape: String) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([2, 12, 15], .uint8, seed: 3)
    let made = try workshop.array(
      #"{"stage": "unfold", "kernel_size": 5, "stride": 2, "edge": "shift", "halo": 1}, "#
        + #"{"stage": "sample", "count": 20, "seed": 4}, "#
        + #"{"stage": "fold", "normalize": "window", "window": "\#(shape)", "uncovered": "zero"}, "#
        + npy, on: image)
    var held = 0
    for (value, other) in zip(made.values, image.values) {
      #expect(value == 0 || abs(value - other) < 1e-4)
      if value != 0 { held += 1 }
    }
    #expect(held > 100)
  }

  @Test("Cropped copies keep the type and the values", arguments: ElementType.allCases)
  func croppedCopies(type: ElementType) throws {
    let image = TestArray.noise([3, 21, 26], type, seed: 5)
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": [7, 9], "stride": [3, 4], "edge": "shift", "halo": 2}, "#
        + #"{"stage": "fold", "normalize": "window", "window": "crop"}, \#(npy)"#, on: image)
    #expect(made == image)
  }

  @Test(
    "Keys of windows that mean nothing are refused",
    arguments: [
      (#""normalize": "window""#, "\"window\""), (#""window": "hann""#, "window"),
      (#""normalize": "window", "window": "hann", "beta": 3"#, "beta"),
    ])
  func keys(text: String, word: String) throws {
    #expect {
      _ = try Workshop().planner(
        #"{"stage": "unfold", "kernel_size": 4}, {"stage": "fold", \#(text)}, \#(npy)"#)
    } throws: {
      "\($0)".contains(word)
    }
  }

  @Test("Pixels that cropping leaves to blocks that are gone are uncovered")
  func croppedHoles() throws {
    for (window, isRefused) in [("crop", true), ("hann", false)] {
      let error = try Workshop().refusal(
        #"{"stage": "unfold", "kernel_size": 4, "stride": 2}, "#
          + #"{"stage": "sample", "fraction": 0.95, "seed": 1}, "#
          + #"{"stage": "fold", "normalize": "window", "window": "\#(window)"}, \#(npy)"#,
        shape: ImageShape(channels: 1, height: 16, width: 16))
      #expect((error != nil) == isRefused)
    }
  }

  @Test("Pixels between windows become 0 where that is asked for", arguments: Self.shapes)
  func gapsBetweenWindows(shape: String) throws {
    let image = TestArray([1, 5, 4], [Float](repeating: 3, count: 20))
    for middle in ["", #"{"stage": "transform.quantize", "step": 1}, "#] {
      let made = try Workshop().array(
        #"{"stage": "unfold", "kernel_size": [1, 2], "stride": [2, 3]}, \#(middle){"stage": "fold", "#
          + #""normalize": "window", "window": "\#(shape)", "uncovered": "zero"}, \#(npy)"#,
        on: image)
      for (place, value) in made.values.enumerated() {
        #expect(value == (place / 4 % 2 == 0 && place % 4 < 2 ? 3 : 0))
      }
    }
  }

  @Test(
    "Pixels between windows become 0 in bands whose memory other rows have had, along one axis too",
    arguments: ["[2, 4], \"stride\": [5, 4]", "[4, 2], \"stride\": [4, 5]"])
  func gapsInBands(keys: String) throws {
    let workshop = try Workshop()
    workshop.banding = .init(height: 2, largeImage: 0)
    let image = TestArray([1, 32, 32], [Float](repeating: 3, count: 1024))
    for middle in ["", #"{"stage": "transform.quantize", "step": 1}, "#] {
      let made = try workshop.array(
        #"{"stage": "unfold", "kernel_size": \#(keys)}, \#(middle){"stage": "fold", "#
          + #""normalize": "window", "window": "crop", "uncovered": "zero"}, \#(npy)"#, on: image)
      let isOfRows = keys.hasPrefix("[2")
      for (place, value) in made.values.enumerated() {
        let along = isOfRows ? place / 32 : place % 32
        #expect(value == (along % 5 < 2 ? 3 : 0), "\(place)")
      }
    }
  }

  @Test("Weights of blocks mean nothing to a sum, nor where one block alone counts")
  func weighedBlocks() throws {
    for fold in [#""normalize": "sum""#, #""normalize": "window", "window": "crop""#] {
      let error = try Workshop().refusal(
        #"{"stage": "unfold", "kernel_size": 4}, "#
          + #"{"stage": "transform.dct_threshold", "sigma": 5, "weights": "adaptive"}, "#
          + #"{"stage": "fold", \#(fold)}, \#(npy)"#,
        shape: ImageShape(channels: 1, height: 16, width: 16))
      #expect("\(try #require(error))".contains("adaptive"))
    }
  }

  @Test("Cropping windows with gaps is refused")
  func gaps() throws {
    let error = try Workshop().refusal(
      #"{"stage": "unfold", "kernel_size": 3, "dilation": 2}, "#
        + #"{"stage": "fold", "normalize": "window", "window": "crop"}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 9, width: 9))
    #expect("\(try #require(error))".contains("dilation"))
  }
}
