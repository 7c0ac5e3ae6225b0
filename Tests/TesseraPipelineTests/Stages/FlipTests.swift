import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `flip` against a slow reference, and how it chooses.
struct FlipTests {
  static func mirrored(_ image: TestArray, _ axis: String) -> TestArray {
    let (height, width) = (image.shape[1], image.shape[2])
    var values: [Double] = []
    for channel in 0..<image.shape[0] {
      for y in 0..<height {
        for x in 0..<width {
          let (row, column) = axis == "vertical" ? (height - 1 - y, x) : (y, width - 1 - x)
          values.append(image.values[(channel * height + row) * width + column])
        }
      }
    }
    return TestArray(image.shape, image.type, values)
  }

  @Test(
    "Left and right, or top and bottom, are exchanged",
    arguments: ["horizontal", "vertical"], [[3, 7, 5], [1, 1, 1], [2, 1, 30], [4, 30, 1]])
  func pixels(axis: String, shape: [Int]) throws {
    for type in ElementType.allCases {
      let image = TestArray.noise(shape, type, seed: 5)
      let stage = #"{"stage": "flip", "axis": "\#(axis)", "probability": 1}"#
      for (height, workers) in [(nil, 1), (1, 2), (3, 2)] as [(Int?, Int)] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        let found = try workshop.array("\(stage), \(npy)", on: image)
        #expect(found == Self.mirrored(image, axis), "\(type) \(height ?? 0)")
        let twice = try workshop.array("\(stage), \(stage), \(npy)", on: image)
        #expect(twice == image)
      }
    }
  }

  /// Which of so many views of an image are mirrored, by each of some stages that follow one another.
  private func choices(_ stages: String, count: Int) throws -> [[Double]] {
    let planner = try Workshop().planner("\(stages), \(npy)")
    return try (0..<count).map { view in
      let result = try planner.run(
        on: [0, 1, 2, 3] as [UInt8], shape: ImageShape(channels: 1, height: 2, width: 2),
        as: ImageIdentity(key: "photo", view: view))
      return (result.outputs[0].array.values(as: UInt8.self) ?? []).map { Double($0) }
    }
  }

  @Test(
    "As many are mirrored as the probability says", arguments: [0.0, 0.1, 0.5, 0.9, 1.0])
  func probability(_ probability: Double) throws {
    let stage = #"{"stage": "flip", "probability": \#(probability)}"#
    let views = try choices(stage, count: 1000)
    let flipped = views.count { $0 == [1, 0, 3, 2] }
    #expect(flipped + views.count { $0 == [0, 1, 2, 3] } == 1000)
    // Four deviations of the binomial distribution.
    let bound = 4 * (1000 * probability * (1 - probability)).squareRoot()
    #expect(abs(Double(flipped) - 1000 * probability) <= bound)
  }

  @Test("Two stages of one seed choose independently of each other")
  func independence() throws {
    let views = try choices(
      #"{"stage": "flip"}, {"stage": "flip", "axis": "vertical"}"#, count: 1000)
    let counts = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]].map { picture in
      views.count { $0 == picture.map { Double($0) } }
    }
    #expect(counts.reduce(0, +) == 1000)
    #expect(counts.allSatisfy { (195...305).contains($0) }, "\(counts)")
  }

  @Test("A vertical flip waits for the whole image, a horizontal one does not")
  func barrier() throws {
    for (axis, isBarrier) in [("horizontal", false), ("vertical", true)] {
      let planner = try Workshop().planner(
        #"{"stage": "flip", "axis": "\#(axis)", "probability": 1}, \#(npy)"#)
      let plan = try planner.plan(ImageShape(channels: 3, height: 400, width: 300))
      #expect(plan.work.nodes.contains { $0.isBarrier } == isBarrier)
    }
  }

  @Test("A plan says whose choices it shows, where there are any")
  func table() throws {
    let shape = ImageShape(channels: 3, height: 4, width: 3)
    let random = try Workshop().planner(#"{"stage": "flip"}, \#(npy)"#).plan(shape)
    #expect(random.table.hasSuffix("\nrandom choices: those of \"example\", view 0"))
    let certain = try Workshop().planner(#"{"stage": "flip", "probability": 1}, \#(npy)"#)
    #expect(try !certain.plan(shape).table.contains("random"))
  }
}
