import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraConfiguration

/// Stages that do not fit together, or not this image: errors of planning with figures in them.
struct RefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var stages: String
    var channels = 3
    var height = 20
    var width = 30
    var stageIndex: Int
    var key: String?
    var parts: [String]
    var testDescription: String { stages }
  }

  static let cases: [Case] = [
    Case(
      stages: #"{"stage": "unfold", "kernel_size": 8, "stride": 8}, {"stage": "fold"}, \#(npy)"#,
      stageIndex: 2, key: "uncovered",
      parts: ["4 rows", "6 columns", "20 × 30", "\"shift\"", "\"pad\"", "\"zero\""]),
    Case(
      stages: #"{"stage": "unfold", "kernel_size": 25}, \#(npy)"#, stageIndex: 1,
      key: "kernel_size", parts: ["height 20", "kernel 25", "0 blocks"]),
    Case(
      stages: #"{"stage": "unfold", "kernel_size": 7, "stride": 4, "edge": "error"}, \#(npy)"#,
      stageIndex: 1, key: "edge", parts: ["1 of 20 rows", "\"shift\""]),
    Case(
      stages:
        #"{"stage": "unfold", "kernel_size": 4}, {"stage": "convolve", "kernels": [[1, 1]]}, \#(npy)"#,
      stageIndex: 2, key: nil, parts: ["1 × 2", "4 × 4"]),
    Case(
      stages:
        #"{"stage": "unfold", "kernel_size": 2}, {"stage": "fold", "output_size": [9, 9], "kernel_size": 2}, \#(npy)"#,
      stageIndex: 2, key: "output_size", parts: ["551 blocks (19 × 29)", "64 (8 × 8)"]),
    Case(
      stages:
        #"{"stage": "unfold", "kernel_size": 2}, {"stage": "fold", "output_size": [21, 31], "kernel_size": [5, 3], "stride": 1}, \#(npy)"#,
      stageIndex: 2, key: "kernel_size", parts: ["12 values", "5 × 3"]),
    Case(
      stages:
        #"{"stage": "unfold", "kernel_size": 2}, {"stage": "convolve", "bank": {"name": "box", "kernel_size": 2}}, {"stage": "fold"}, {"stage": "compare"}"#,
      stageIndex: 4, key: nil, parts: ["3 × 19 × 29", "3 × 20 × 30"]),
    Case(
      stages: #"{"stage": "compare", "metrics": ["ssim"]}"#, height: 10, stageIndex: 1,
      key: "metrics", parts: ["11", "10 × 30"]),
    Case(
      stages: #"{"stage": "normalize", "mean": [1, 2], "std": 1}, \#(npy)"#, stageIndex: 1,
      key: "mean", parts: ["2 values", "3 channels"]),
    Case(
      stages: #"{"stage": "normalize", "preset": "imagenet"}, \#(npy)"#, channels: 1, stageIndex: 1,
      key: "preset", parts: ["3 values", "1 channel", "\"rgb\""]),
    Case(
      stages: #"{"stage": "encode", "format": "jpeg"}"#, channels: 4, stageIndex: 1,
      key: "format", parts: ["alpha", "\"matte\""]),
    Case(
      stages: #"{"stage": "encode", "format": "jpeg"}"#, height: 65_501, stageIndex: 1,
      key: "format", parts: ["65500"]),
    Case(
      stages: #"{"stage": "convolve", "kernels": [[[[1]], [[1]]]]}, \#(npy)"#, stageIndex: 1,
      key: "weights", parts: ["2 channels", "has 3"]),
    Case(
      stages: #"{"stage": "convolve", "kernels": [[1]], "bias": [1, 2]}, \#(npy)"#,
      stageIndex: 1, key: "bias", parts: ["2 values", "3 outputs"]),
    Case(
      stages:
        #"{"stage": "unfold", "kernel_size": 2}, {"stage": "transform.standardize"}, {"stage": "fold"}, {"stage": "compare"}"#,
      stageIndex: 4, key: nil, parts: ["stages[2] (transform.standardize)", "compare before it"]),
    Case(
      stages: npy, channels: 1_000_000_000, height: 1, width: 1, stageIndex: 0, key: nil,
      parts: ["1000000000 channels", "65536"]),
    Case(
      stages: #"{"stage": "normalize"}, \#(npy)"#, channels: 65_537, height: 1, width: 1,
      stageIndex: 0, key: nil, parts: ["65537 channels"]),
  ]

  @Test("What does not fit is refused at its stage, with the figures", arguments: cases)
  func refused(_ wanted: Case) throws {
    let error = try Workshop().refusal(
      wanted.stages,
      shape: ImageShape(channels: wanted.channels, height: wanted.height, width: wanted.width))
    #expect(error?.stageIndex == wanted.stageIndex)
    #expect(error?.key == wanted.key)
    // In this order, so that of two figures each is said of the right thing.
    var rest = Substring(error?.message ?? "nothing")
    for part in wanted.parts {
      let found = rest.firstRange(of: part)
      #expect(found != nil, "\(part) in: \(rest)")
      if let found { rest = rest[found.upperBound...] }
    }
  }

  @Test("Geometry of any size is refused or planned quickly, never a trap")
  func hugeGeometry() throws {
    let workshop = try Workshop()
    for window in [
      #""kernel_size": 65535, "dilation": 65535, "edge": "pad", "padding_mode": "reflect""#,
      #""kernel_size": 65535, "edge": "pad", "padding_mode": "circular", "padding": 65535"#,
      #""kernel_size": 1, "padding": 65535, "padding_mode": "symmetric", "stride": 65535"#,
      #""kernel_size": [1, 65535], "padding": [0, 65535], "dilation": [1, 65535], "edge": "shift""#,
    ] {
      let text =
        #"{"stage": "unfold", \#(window)}, {"stage": "fold", "uncovered": "zero"}, \#(npy)"#
      for shape in [(1, 1, 1), (3, 20, 30), (1_000_000, 1, 1), (4, 60_000, 60_000)] {
        let image = ImageShape(channels: shape.0, height: shape.1, width: shape.2)
        if try workshop.refusal(text, shape: image) == nil {
          #expect(try workshop.planner(text).plan(image).byteCount > 0)
        }
      }
    }
  }

  @Test("Weights of the wrong shape name the shape that was expected")
  func weights() throws {
    let workshop = try Workshop()
    try workshop.save(.noise([4, 5], .float32), as: "m.npy")
    try workshop.save(.noise([7], .float32), as: "v.npy")
    let shape = ImageShape(channels: 1, height: 8, width: 8)
    let linear = try workshop.refusal(
      #"{"stage": "unfold", "kernel_size": 2}, {"stage": "transform.linear", "weights": "m.npy"}, \#(npy)"#,
      shape: shape)
    #expect(linear?.message.contains("(M, 4)") == true)
    try workshop.save(.noise([3, 1, 2, 2], .float32), as: "g.npy")
    let groups = try workshop.refusal(
      #"{"stage": "convolve", "weights": "g.npy", "groups": 2, "alpha": "filter"}, \#(npy)"#,
      shape: ImageShape(channels: 2, height: 8, width: 8))
    #expect(groups?.key == "groups")
    #expect(groups?.message == "3 outputs do not divide into 2 groups")
    #expect(linear?.message.contains("[4, 5]") == true)
    try workshop.save(.noise([6, 1, 1, 2, 3], .float32), as: "l.npy")
    let local = try workshop.refusal(
      #"""
      {"stage": "unfold", "kernel_size": [3, 4]},
      {"stage": "convolve", "weights": "l.npy", "locally_connected": true}, \#(npy)
      """#, shape: shape)
    #expect(local?.message == "kernels of 2 × 3 meet patches of 3 × 4; they must be equal")
    let convolve = try workshop.refusal(
      #"{"stage": "convolve", "weights": "v.npy"}, \#(npy)"#, shape: shape)
    #expect(convolve?.message.contains("[7]") == true)
    #expect(throws: PipelineFileError.self) {
      try workshop.planner(#"{"stage": "convolve", "weights": "none.npy"}, \#(npy)"#)
    }
  }
}
