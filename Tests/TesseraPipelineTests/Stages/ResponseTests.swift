import Foundation
import TesseraCodecs
import TesseraCore
import TesseraKernels
import TesseraTestSupport
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// What becomes of the responses of a convolution.
@Suite struct ResponseTests {
  static let path = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/banks/responses.safetensors").path

  static let vectors: [String] = ((try? SafetensorsFile(path: path))?.tensors ?? []).map(\.name)
    .filter { $0 != "input" }.sorted()

  private static let gabor = #""bank": {"name": "gabor", "kernel_size": 5, "orientations": 3}"#

  /// Keys of a convolve for every response, with kernels of 5 × 5.
  static let responses = [
    #"\#(gabor), "response": "abs""#, #"\#(gabor), "response": "square""#,
    #"\#(gabor), "response": "magnitude""#, #"\#(gabor), "response": "max""#,
    #"\#(gabor), "response": "max", "groups_of": 3"#,
    #"\#(gabor), "response": "energy", "window": 3"#,
    #""bank": {"name": "box", "kernel_size": 5}, "response": "energy", "window": 9"#,
    #""bank": {"name": "gaussian", "kernel_size": 5}, "response": "square""#,
    #""bank": {"name": "log", "kernel_size": 5}, "response": "energy""#,
    #""bank": {"name": "mr8", "kernel_size": 5}"#,
  ]

  @Test("Responses on photographs are SciPy's and PyTorch's", arguments: vectors)
  func photographs(_ keys: String) throws {
    let file = try SafetensorsFile(path: Self.path)
    let input = try file.array(of: file.tensor(named: "input"))
    let expected = try file.array(of: file.tensor(named: keys))
    #expect(input.shape == [13, 1, 32, 36] && Self.vectors.count >= 8)
    let outputs = expected.shape[1]
    let peak = expected.values.reduce(1) { max($0, abs($1)) }
    for number in 0..<input.shape[0] {
      let area = 32 * 36
      let picture = TestArray(
        [1, 32, 36], .uint8,
        input.values[number * area..<(number + 1) * area].map { Double($0) })
      let found = try Workshop().array(
        #"{"stage": "convolve", \#(keys), "padding": "same", "padding_mode": "reflect"}, \#(npy)"#,
        on: picture)
      #expect(found.shape == [outputs, 32, 36])
      var index = number * outputs * 11 * 12
      for output in 0..<outputs {
        for row in stride(from: 0, to: 32, by: 3) {
          for column in stride(from: 0, to: 36, by: 3) {
            let value = found.values[(output * 32 + row) * 36 + column]
            #expect(abs(value - Double(expected.values[index])) <= 1e-6 * Double(peak))
            index += 1
          }
        }
      }
    }
  }

  @Test("The eight maximum responses are the maxima of the 38, on every instruction set")
  func maxima() throws {
    let picture = TestArray.noise([2, 23, 31], .uint8, seed: 4)
    let bank = MaximumResponse(kernelSize: 7)
    for kernels in KernelSet.supported {
      let workshop = try Workshop()
      workshop.kernels = kernels
      let list = try KernelText.nested(bank.kernels)
      let all = try workshop.array(
        #"{"stage": "convolve", "kernels": \#(list)}, \#(npy)"#, on: picture)
      let found = try workshop.array(
        #"{"stage": "convolve", "bank": {"name": "mr8", "kernel_size": 7}}, \#(npy)"#, on: picture)
      let area = all.shape[1] * all.shape[2]
      #expect(found.shape == [16, all.shape[1], all.shape[2]])
      var first = 0
      for (output, count) in ([6, 6, 6, 6, 6, 6, 1, 1] + [6, 6, 6, 6, 6, 6, 1, 1]).enumerated() {
        for pixel in 0..<area {
          let largest = (first..<first + count).map { all.values[$0 * area + pixel] }.max()
          #expect(found.values[output * area + pixel] == largest)
        }
        first += count
      }
    }
  }

  @Test(
    "Every way gives the same bits: on the image, of patches, with rewrites and without",
    arguments: responses, [[1, 12, 17], [3, 9, 7], [3, 40, 70]])
  func ways(_ keys: String, _ shape: [Int]) throws {
    for type in [ElementType.uint8, .uint16, .float32] {
      let picture = TestArray.noise(shape, type, seed: 9)
      let unfold = #"{"stage": "unfold", "kernel_size": 5, "padding": 2}"#
      let on = #"{"stage": "convolve", \#(keys), "padding": 2}, \#(npy)"#
      let of = #"\#(unfold), {"stage": "convolve", \#(keys)}, {"stage": "fold"}, \#(npy)"#
      let workshop = try Workshop()
      let expected = try workshop.array(on, on: picture)
      #expect(try workshop.array(of, on: picture) == expected)
      workshop.rewrites = []
      #expect(try workshop.array(on, on: picture) == expected)
      #expect(try workshop.array(of, on: picture) == expected)
      workshop.banding = Banding(largeImage: 0)
      workshop.workers = 3
      #expect(try workshop.array(on, on: picture) == expected)
    }
  }

  @Test(
    "Pictures in and out are the same with every rewrite and with none",
    arguments: [
      #""bank": "box""#, #""bank": "laplacian""#,
      #""bank": {"name": "emboss", "direction": "w"}"#, #""bank": "motion""#,
    ], Convolve.Response.allCases.filter { $0 != .magnitude })
  func pictures(_ bank: String, _ response: Convolve.Response) throws {
    let picture = TestArray.noise([3, 21, 34], .uint8, seed: 5)
    for normalize in ["", #"{"stage": "normalize"}, "#] {
      let stages =
        normalize
        + #"{"stage": "convolve", \#(bank), "padding": "same", "response": "\#(response.rawValue)"}, {"stage": "encode", "range": "symmetric"}"#
      let workshop = try Workshop()
      let path = try workshop.savePNG(picture, as: "p.png")
      let expected = try #require(workshop.run(stages, onFile: path).outputs.first)
      workshop.rewrites = []
      #expect(try workshop.run(stages, onFile: path).outputs.first == expected)
    }
  }

  @Test("With a stride, energy is that of neighbouring blocks", arguments: [1, 2, 3])
  func strides(_ stride: Int) throws {
    let picture = TestArray.noise([2, 30, 41], .uint8, seed: 3)
    let keys = #""bank": "sobel", "response""#
    let workshop = try Workshop()
    let window = #""stride": \#(stride), "padding": 1"#
    let found = try workshop.array(
      #"{"stage": "unfold", "kernel_size": 3, \#(window)}, {"stage": "convolve", \#(keys): "energy", "window": 5}, {"stage": "fold"}, \#(npy)"#,
      on: picture)
    let image = try workshop.array(
      #"{"stage": "convolve", \#(keys): "energy", "window": 5, \#(window)}, \#(npy)"#, on: picture)
    #expect(found == image)
    let plain = try workshop.array(
      #"{"stage": "convolve", \#(keys): "abs", \#(window)}, \#(npy)"#, on: picture)
    let (height, width) = (plain.shape[1], plain.shape[2])
    for channel in 0..<4 {
      for row in 0..<height {
        for column in 0..<width {
          var sum = 0.0
          for i in -2...2 {
            for j in -2...2 {
              let y = PaddingMode.reflect.source(of: row + i, size: height) ?? 0
              let x = PaddingMode.reflect.source(of: column + j, size: width) ?? 0
              sum += plain.values[(channel * height + y) * width + x]
            }
          }
          let value = found.values[(channel * height + row) * width + column]
          #expect(abs(value - sum / 25) <= 1e-6 * 1020)
        }
      }
    }
  }

  @Test(
    "Images of one row, one column or one pixel have responses, too", arguments: responses,
    [[1, 1, 1], [3, 1, 9], [2, 8, 1]])
  func tiny(_ keys: String, _ shape: [Int]) throws {
    let found = try Workshop().array(
      #"{"stage": "convolve", \#(keys), "padding": 2, "padding_mode": "replicate"}, \#(npy)"#,
      on: .noise(shape, .uint8))
    #expect(Array(found.shape.dropFirst()) == Array(shape.dropFirst()))
    #expect(found.values.allSatisfy { $0.isFinite })
  }

  @Test("NaN stays where a window meets it, and nowhere else", arguments: responses)
  func notNumbers(_ keys: String) throws {
    var picture = TestArray.noise([1, 60, 70], .float32, seed: 2)
    picture.values[30 * 70 + 35] = .nan
    for rewrites in [Rewrites.all, []] {
      let workshop = try Workshop()
      workshop.rewrites = rewrites
      let found = try workshop.array(
        #"{"stage": "convolve", \#(keys), "padding": 2}, \#(npy)"#, on: picture)
      let area = 60 * 70
      for (index, value) in found.values.enumerated() {
        let (row, column) = (index % area / 70, index % 70)
        let reach =
          keys.contains("energy")
          ? (keys.contains("window\": 3") ? 3 : keys.contains("window\": 9") ? 6 : 9) : 2
        let isNear = abs(row - 30) <= reach && abs(column - 35) <= reach
        #expect(value.isNaN == isNear, "\(row), \(column)")
      }
    }
  }

  @Test("Values lie within the bounds that the plan tells", arguments: responses)
  func bounds(_ keys: String) throws {
    let stages = #"{"stage": "convolve", \#(keys), "padding": 2}, \#(npy)"#
    let workshop = try Workshop()
    let plan = try workshop.planner(stages).plan(ImageShape(channels: 3, height: 20, width: 30))
    let interval = try #require(plan.stages.first { $0.name == "convolve" }?.layout.values)
    #expect(interval.isBounded)
    let picture = TestArray(
      [3, 20, 30], .uint8, TestArray.noise([3, 20, 30], .uint8).values.map { $0 < 128 ? 0 : 255 })
    for value in try workshop.array(stages, on: picture).values {
      #expect(value >= interval.lower - 1e-3 && value <= interval.upper + 1e-3)
    }
  }

  @Test("A square of values that were scaled is restored by the square of the factor")
  func restored() throws {
    let picture = TestArray.noise([1, 9, 11], .uint8, seed: 6)
    let square = #"{"stage": "convolve", "kernels": [[0.1]], "response": "square"}"#
    let workshop = try Workshop()
    let plain = try workshop.array(#"\#(square), {"stage": "encode"}"#, on: picture)
    let scaled = try workshop.array(
      #"{"stage": "normalize"}, \#(square), {"stage": "encode"}"#, on: picture)
    #expect(
      plain.type == .uint8 && zip(plain.values, scaled.values).allSatisfy { abs($0 - $1) <= 1 })
    for (value, found) in zip(picture.values, plain.values) {
      #expect(abs(min(255, value * value / 100) - found) <= 0.5 + 1e-3)
    }
    let refusal = try workshop.refusal(
      #"{"stage": "normalize", "mean": 0.5, "std": 0.5}, \#(square), {"stage": "encode"}"#,
      shape: ImageShape(channels: 1, height: 9, width: 9))
    #expect(refusal?.stageName == "encode")
  }

  @Test("Energy of some blocks only is refused, and what is chosen behind it is not")
  func chosen() throws {
    let shape = ImageShape(channels: 1, height: 12, width: 12)
    let unfold = #"{"stage": "unfold", "kernel_size": 3}"#
    let energy = #"{"stage": "convolve", "bank": "sobel", "response": "energy"}"#
    let sample = #"{"stage": "sample", "count": 5}"#
    let workshop = try Workshop()
    let refusal = try workshop.refusal("\(unfold), \(sample), \(energy), \(npy)", shape: shape)
    #expect(refusal?.stageName == "convolve" && refusal?.description.contains("energy") == true)
    #expect(try workshop.refusal("\(unfold), \(energy), \(sample), \(npy)", shape: shape) == nil)
  }

  @Test("Groups of weights in a file are held to their number when that is known")
  func groups() throws {
    let workshop = try Workshop()
    try workshop.save(.noise([4, 3, 3], .float32), as: "w.npy")
    let shape = ImageShape(channels: 1, height: 12, width: 12)
    let convolve = #"{"stage": "convolve", "weights": "w.npy", "response": "max", "groups_of""#
    #expect(try workshop.refusal("\(convolve): 2}, \(npy)", shape: shape) == nil)
    let refusal = try workshop.refusal("\(convolve): 3}, \(npy)", shape: shape)
    #expect(refusal?.description.contains("groups of 3") == true)
  }
}

/// Kernels as they stand in a pipeline file.
enum KernelText {
  static func nested(_ kernels: KernelArray) throws -> String {
    let taps = kernels.height * kernels.width
    let list = (0..<kernels.count).map { kernel in
      (0..<kernels.height).map { row in
        let first = kernel * taps + row * kernels.width
        return Array(kernels.values[first..<first + kernels.width])
      }
    }
    return String(decoding: try JSONEncoder().encode(list), as: UTF8.self)
  }
}
