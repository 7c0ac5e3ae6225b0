import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `resize` against Pillow's algorithm, written down as it is published.
struct ResizeTests {
  static let filters = ResizeFilter.allCases.map(\.rawValue)

  /// Sizes before and after: one axis alone, both ways, next to nothing, and more than one vector.
  static let sizes: [(source: Size, target: Size)] = [
    (Size(1), Size(1)), (Size(1), Size(5)), (Size(7), Size(1)),
    (Size(height: 1, width: 300), Size(height: 3, width: 41)),
    (Size(height: 130, width: 3), Size(height: 9, width: 3)),
    (Size(height: 120, width: 17), Size(height: 20, width: 33)),
    (Size(height: 19, width: 70), Size(height: 19, width: 23)),
    (Size(height: 37, width: 90), Size(height: 21, width: 40)),
    (Size(height: 5, width: 6), Size(height: 40, width: 71)),
  ]

  @Test("Every value is that of the algorithm, whatever the bands", arguments: filters)
  func values(filter: String) throws {
    for type in ElementType.allCases {
      for (index, (source, target)) in Self.sizes.enumerated() {
        let image = TestArray.noise([3, source.height, source.width], type, seed: UInt64(index))
        let expected = resized(image, to: target, filter)
        for (height, workers) in [(nil, 1), (5, 2)] as [(Int?, Int)] {
          let workshop = try Workshop()
          workshop.banding = Banding(height: height, largeImage: 0)
          workshop.workers = workers
          let stage =
            #"{"stage": "resize", "size": [\#(target.height), \#(target.width)], "#
            + #""filter": "\#(filter)"}"#
          let result = try workshop.array("\(stage), \(npy)", on: image)
          #expect(result == expected, "\(type) \(source) to \(target), \(height ?? 0)")
        }
      }
    }
  }

  @Test("Planes and pixels side by side come to the same, with every set of kernels")
  func sideBySide() throws {
    for (channels, hasAlpha) in [(1, false), (2, true), (3, false), (4, true)] {
      for (source, target) in Self.sizes {
        let image = TestArray.noise([channels, source.height, source.width], .uint8)
        let workshop = try Workshop()
        let file = try workshop.savePNG(image, hasAlpha: hasAlpha, as: "input.png")
        let stage = #"{"stage": "resize", "size": [\#(target.height), \#(target.width)]}, \#(npy)"#
        workshop.rewrites = []
        workshop.kernels = .baseline
        let expected = try workshop.run(stage, onFile: file).outputs
        #expect(expected.first?.shape == [channels, target.height, target.width])
        for kernels in KernelSet.supported {
          workshop.kernels = kernels
          workshop.rewrites = Rewrites.all
          #expect(try workshop.run(stage, onFile: file).outputs == expected)
        }
      }
    }
  }

  @Test("What is no number spreads as far as its weights reach")
  func notANumber() throws {
    var image = TestArray([1, 20, 20], .float32, Array(repeating: 0.5, count: 400))
    image.values[20 * 10 + 10] = .nan
    let workshop = try Workshop()
    for (filter, reach) in [("nearest", 0...0), ("box", 1...1), ("bicubic", 4...5)] {
      let result = try workshop.array(
        #"{"stage": "resize", "size": 10, "filter": "\#(filter)"}, \#(npy)"#, on: image)
      let count = result.values.count(where: \.isNaN)
      #expect((reach.lowerBound * reach.lowerBound...reach.upperBound * reach.upperBound) ~= count)
      #expect(result.values.allSatisfy { $0.isNaN || abs($0 - 0.5) < 1e-6 })
    }
  }

  /// The keys of a stage, an image, and what it becomes.
  static let rules: [(keys: String, source: Size, target: Size)] = [
    (#""size": 224"#, Size(height: 300, width: 400), Size(height: 224, width: 298)),
    (#""size": 224"#, Size(height: 400, width: 300), Size(height: 298, width: 224)),
    (#""size": 5"#, Size(height: 1, width: 300), Size(height: 5, width: 1500)),
    (#""size": 5, "enlarge": false"#, Size(height: 1, width: 30), Size(height: 1, width: 30)),
    (#""size": 5, "enlarge": false"#, Size(height: 30, width: 10), Size(height: 15, width: 5)),
    (#""size": [20, 9]"#, Size(height: 7, width: 30), Size(height: 20, width: 9)),
    (#""size": [20, 9], "enlarge": false"#, Size(height: 7, width: 30), Size(height: 7, width: 9)),
    (#""longest_side": 10"#, Size(height: 300, width: 7), Size(height: 10, width: 1)),
    (#""longest_side": 10"#, Size(height: 29, width: 30), Size(height: 9, width: 10)),
    (#""longest_side": 60"#, Size(height: 20, width: 30), Size(height: 40, width: 60)),
    (#""longest_side": 60, "enlarge": false"#, Size(20), Size(20)),
    (#""scale": 0.5"#, Size(height: 5, width: 7), Size(height: 3, width: 4)),
    (#""scale": 0.01"#, Size(height: 5, width: 70), Size(height: 1, width: 1)),
    (#""scale": 2.5"#, Size(height: 3, width: 4), Size(height: 8, width: 10)),
    (#""scale": 2.5, "enlarge": false"#, Size(height: 3, width: 4), Size(height: 3, width: 4)),
  ]

  @Test("Sizes follow their rules", arguments: rules)
  func sizes(keys: String, source: Size, target: Size) throws {
    let plan = try Workshop().planner(#"{"stage": "resize", \#(keys)}, \#(npy)"#).plan(
      ImageShape(channels: 3, height: source.height, width: source.width))
    #expect(plan.stages[1].layout.size == target)
  }

  @Test("A normalization is undone after a resize, and bounds are told where they are known")
  func layouts() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 12, 16], .uint8)
    let before = try workshop.array(
      #"{"stage": "resize", "size": 6, "filter": "box"}, {"stage": "encode"}"#, on: image)
    let after = try workshop.array(
      #"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}, "#
        + #"{"stage": "resize", "size": 6, "filter": "box"}, {"stage": "encode"}"#, on: image)
    #expect(after.distance(to: before) <= 1)
    for (filter, bounds) in [("bilinear", 0.0...1.0), ("bicubic", -0.5...1.5)] {
      let plan = try workshop.planner(
        #"{"stage": "normalize"}, {"stage": "resize", "size": 6, "filter": "\#(filter)"}, \#(npy)"#
      ).plan(ImageShape(channels: 3, height: 12, width: 16))
      let values = plan.stages[2].layout.values
      #expect(bounds.contains(values.lower) && bounds.contains(values.upper))
      #expect((values == ValueInterval(0, 1)) == (filter == "bilinear"))
    }
  }

  @Test("Colours that nobody sees do not shine into others")
  func opacity() throws {
    // Red that is transparent beside opaque blue, in every type.
    for (type, whole) in [(ElementType.uint8, 255.0), (.uint16, 65_535), (.float32, 1)] {
      let plane = 8
      var values: [Double] = []
      for color in [[whole, 0], [0, 0], [0, whole], [0, whole]] {
        for index in 0..<plane { values.append(color[index % 4 / 2]) }
      }
      let result = try Workshop().array(
        #"{"stage": "resize", "size": [1, 3], "filter": "bilinear"}, \#(npy)"#,
        load: #", "npy_color": "rgba""#, on: TestArray([4, 2, 4], type, values))
      let opacity = result.values[9...]
      #expect(opacity.contains { $0 > 0 && $0 < whole }, "\(type)")
      for (index, share) in opacity.enumerated() where share > 0 {
        #expect(result.values[index] == 0, "\(type)")
        #expect(abs(result.values[6 + index] - whole) <= whole / 100, "\(type)")
      }
    }
  }

  @Test("An image that would be too large is that input's failure")
  func refusal() throws {
    let error = try Workshop().refusal(
      #"{"stage": "resize", "size": 1000000}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 1, width: 4000))
    #expect(error?.key == "size")
    #expect(
      error?.message
        == "the image of 1 × 4000 would become one of 1000000 × 4000000000, and an image "
        + "has at most 134217728 rows and columns")
  }

  @Test(
    "Keys that do not go together are mistakes",
    arguments: [
      #"{"stage": "resize"}"#, #"{"stage": "resize", "size": 3, "scale": 2}"#,
      #"{"stage": "resize", "size": 0}"#, #"{"stage": "resize", "size": [1]}"#,
      #"{"stage": "resize", "scale": 0}"#, #"{"stage": "resize", "longest_side": [3, 4]}"#,
      #"{"stage": "resize", "size": 3, "filter": "cubic"}"#,
    ])
  func mistakes(stage: String) throws {
    #expect(throws: PipelineFileError.self) {
      _ = try Workshop().planner("\(stage), \(npy)")
    }
  }
}
