import TesseraCore
import Testing

@testable import TesseraPipeline

/// Patches of so many values that each is a tile of its own.
struct LongPatchTests {
  /// A transform of patches, the channels that share its figures, and what it makes of those values.
  struct Transform: CustomTestStringConvertible {
    var keys: String
    var sharing = 3
    var make: @Sendable ([Double]) -> [Double]

    var testDescription: String { keys }
  }

  static let transforms = [
    Transform(keys: "") { $0 },
    Transform(keys: #"{"stage": "transform.mean_removal"}, "#, make: centred),
    Transform(
      keys: #"{"stage": "transform.mean_removal", "per": "channel"}, "#, sharing: 1, make: centred),
    Transform(keys: #"{"stage": "transform.standardize"}, "#, make: standardized),
    Transform(
      keys: #"{"stage": "transform.standardize", "per": "channel"}, "#, sharing: 1,
      make: standardized),
    Transform(keys: #"{"stage": "transform.quantize", "step": 0.25}, "#) { values in
      values.map { ($0 * 4).rounded(.toNearestOrEven) / 4 }
    },
  ]

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
  }

  private static func standardized(_ values: [Double]) -> [Double] {
    let centred = centred(values)
    let variance = centred.reduce(0) { $0 + $1 * $1 } / Double(values.count - 1)
    return centred.map { $0 / (variance + 1e-6).squareRoot() }
  }

  @Test(
    "Patches of 3 × 256 × 256 are what each of them gives by itself",
    arguments: transforms, ["torch", "tokens_channels_last", "fold"])
  func values(transform: Transform, sink: String) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 260, 300], .float32)
    let window = #"{"stage": "unfold", "kernel_size": 256, "stride": 256, "edge": "shift"}, "#
    let patches = [(0, 0), (0, 44), (4, 0), (4, 44)].map { (y, x) in
      transform.patch(of: image, y, x)
    }
    let depth = patches[0].count
    let stages: String
    let expected: TestArray
    switch sink {
    case "torch":
      stages = window + transform.keys + #"\#(npy.dropLast()), "layout": "torch"}"#
      expected = TestArray(
        [depth, 4], .float32, (0..<depth).flatMap { row in patches.map { $0[row] } })
    case "tokens_channels_last":
      stages = window + transform.keys + #"\#(npy.dropLast()), "layout": "tokens_channels_last"}"#
      let order = (0..<depth).map { $0 % 3 * 65_536 + $0 / 3 }
      expected = TestArray(
        [4, depth], .float32, patches.flatMap { patch in order.map { patch[$0] } })
    default:
      stages = window + transform.keys + #"{"stage": "fold"}, \#(npy)"#
      expected = Self.mean(of: patches)
    }
    let result = try workshop.array(stages, on: image)
    #expect(result.distance(to: expected) < 2e-5)
  }

  /// What fold makes of the four patches.
  private static func mean(of patches: [[Double]]) -> TestArray {
    var sums = [Double](repeating: 0, count: 3 * 260 * 300)
    var counts = sums
    for (patch, (top, left)) in zip(patches, [(0, 0), (0, 44), (4, 0), (4, 44)]) {
      for (index, value) in patch.enumerated() {
        let (c, rest) = index.quotientAndRemainder(dividingBy: 65_536)
        let place = (c * 260 + top + rest / 256) * 300 + left + rest % 256
        sums[place] += value
        counts[place] += 1
      }
    }
    return TestArray([3, 260, 300], .float32, zip(sums, counts).map { $0 / $1 })
  }
}

extension LongPatchTests.Transform {
  /// The transformed block at a row and column of an image.
  func patch(of image: TestArray, _ top: Int, _ left: Int) -> [Double] {
    let values = (0..<3).map { c in
      (0..<65_536).map { image.values[(c * 260 + top + $0 / 256) * 300 + left + $0 % 256] }
    }
    if sharing == 1 { return values.flatMap(make) }
    return make(values.flatMap { $0 })
  }
}
