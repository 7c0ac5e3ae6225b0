import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `crop` against a slow reference that asks for every pixel where it comes from.
struct CropTests {
  /// Where a window lies.
  struct Place: Sendable, CustomTestStringConvertible {
    var keys: String
    /// The window's first row and column, and its size, in 7 × 5.
    var start: (Int, Int)
    var size: (Int, Int)
    var testDescription: String { keys }
  }

  static let places = [
    Place(keys: #""size": 3"#, start: (2, 1), size: (3, 3)),
    Place(keys: #""size": [4, 2]"#, start: (1, 1), size: (4, 2)),
    // 7 − 4 = 3 is the one that torchvision rounds up; 5 − 4 = 1 goes down.
    Place(keys: #""size": [4, 4], "rounding": "half_even""#, start: (2, 0), size: (4, 4)),
    Place(keys: #""size": [7, 5]"#, start: (0, 0), size: (7, 5)),
    Place(keys: #""size": [6, 4], "position": "top_left""#, start: (0, 0), size: (6, 4)),
    Place(keys: #""size": [6, 4], "position": "top_right""#, start: (0, 1), size: (6, 4)),
    Place(keys: #""size": [6, 4], "position": "bottom_left""#, start: (1, 0), size: (6, 4)),
    Place(keys: #""size": [6, 4], "position": "bottom_right""#, start: (1, 1), size: (6, 4)),
    Place(keys: #""size": [1, 1], "offset": [6, 4]"#, start: (6, 4), size: (1, 1)),
    Place(keys: #""size": 2, "offset": 3"#, start: (3, 3), size: (2, 2)),
    // Zeros around: the odd pixel at the top and the left, or at the bottom and the right.
    Place(keys: #""size": 10"#, start: (-2, -3), size: (10, 10)),
    Place(keys: #""size": 10, "rounding": "half_even""#, start: (-1, -2), size: (10, 10)),
    Place(keys: #""size": [3, 8]"#, start: (2, -2), size: (3, 8)),
    Place(keys: #""size": [9, 8], "position": "top_left""#, start: (0, 0), size: (9, 8)),
    Place(keys: #""size": [9, 8], "position": "bottom_right""#, start: (-2, -3), size: (9, 8)),
    Place(keys: #""size": [9, 8], "position": "random""#, start: (-1, -2), size: (9, 8)),
    Place(keys: #""size": [4, 9], "offset": [5, 2]"#, start: (5, 2), size: (4, 9)),
  ]

  @Test("Every pixel comes from where the window lies, in the type of the image", arguments: places)
  func pixels(place: Place) throws {
    for type in ElementType.allCases {
      let image = TestArray.noise([3, 7, 5], type, seed: 11)
      for (height, workers) in [(nil, 1), (1, 2), (3, 2)] as [(Int?, Int)] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        let found = try workshop.array(#"{"stage": "crop", \#(place.keys)}, \#(npy)"#, on: image)
        let expected = Self.window(of: image, place.start, place.size)
        #expect(found == expected, "\(type) \(height ?? 0)")
      }
    }
  }

  /// Asks for every pixel of a window by itself.
  static func window(
    of image: TestArray, _ start: (Int, Int), _ size: (Int, Int)
  ) -> TestArray {
    let (channels, height, width) = (image.shape[0], image.shape[1], image.shape[2])
    var values: [Double] = []
    for channel in 0..<channels {
      for y in start.0..<start.0 + size.0 {
        for x in start.1..<start.1 + size.1 {
          let isInside = (0..<height).contains(y) && (0..<width).contains(x)
          values.append(isInside ? image.values[(channel * height + y) * width + x] : 0)
        }
      }
    }
    return TestArray([channels, size.0, size.1], image.type, values)
  }

  @Test("Halves round as Python's do", arguments: 0..<13)
  func halves(rest: Int) throws {
    // round(rest / 2) of Python 3.
    let start = [0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6][rest]
    let image = TestArray([1, 1, rest + 2], .uint8, (0..<rest + 2).map { Double($0) })
    let keys = #""size": [1, 2], "rounding": "half_even""#
    let found = try Workshop().array(#"{"stage": "crop", \#(keys)}, \#(npy)"#, on: image)
    #expect(found.values == [Double(start), Double(start + 1)])
  }

  @Test("Random windows lie everywhere, and hang on seed, name and view alone")
  func random() throws {
    let image = TestArray([1, 4, 5], .uint8, (0..<20).map { Double($0) })
    let header = ImageShape(channels: 1, height: 4, width: 5)
    func start(_ keys: String, _ identity: ImageIdentity) throws -> Double {
      let planner = try Workshop().planner(
        #"{"stage": "crop", "size": [2, 3], "position": "random"\#(keys)}, \#(npy)"#)
      let result = try planner.run(
        on: image.values.map { UInt8($0) }, shape: header, as: identity)
      return result.outputs[0].array.values(as: UInt8.self).map { Double($0[0]) } ?? -1
    }
    let starts = try (0..<200).map { try start("", ImageIdentity(key: "a/b", view: $0)) }
    #expect(Set(starts) == [0, 1, 2, 5, 6, 7, 10, 11, 12])
    for place in Set(starts) { #expect(starts.count { $0 == place } >= 8, "\(place)") }
    let again = try (0..<20).map { try start("", ImageIdentity(key: "a/b", view: $0)) }
    #expect(again == Array(starts[..<20]))
    let others = try (0..<20).map { try start("", ImageIdentity(key: "a/c", view: $0)) }
    let seeded = try (0..<20).map {
      try start(#", "seed": 1"#, ImageIdentity(key: "a/b", view: $0))
    }
    #expect(Set([again, others, seeded]).count == 3)
  }

  @Test(
    "What leaves the image is that input's failure",
    arguments: [
      (#""size": [3, 4], "small": "error""#, "size", "3 × 4"),
      (#""size": [5, 1], "small": "error""#, "size", "5 × 1"),
      (#""size": 1, "offset": [4, 0]"#, "offset", "[4, 0]"),
      (#""size": 2, "offset": [3, 0], "small": "error""#, "offset", "[3, 0]"),
    ])
  func misfits(keys: String, key: String, part: String) throws {
    let error = try Workshop().refusal(
      #"{"stage": "crop", \#(keys)}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 4, width: 3))
    #expect(error?.key == key)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "nothing")")
  }

  @Test(
    "Keys that do not go together are mistakes",
    arguments: [
      #"{"stage": "crop"}"#, #"{"stage": "crop", "size": 0}"#,
      #"{"stage": "crop", "size": 3, "offset": [0, 1], "position": "center"}"#,
      #"{"stage": "crop", "size": 3, "seed": 1}"#,
      #"{"stage": "crop", "size": 3, "position": "random", "rounding": "half_even"}"#,
      #"{"stage": "crop", "size": 3, "offset": [0, 1], "rounding": "floor"}"#,
      #"{"stage": "crop", "size": 3, "offset": [0, -1]}"#,
      #"{"stage": "crop", "size": 3, "offset": [0]}"#,
    ])
  func mistakes(stage: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner("\(stage), \(npy)")
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
  }

  @Test("Zeros beside opacity are transparent, and zeros after a mean are the mean colour")
  func units() throws {
    let image = TestArray.noise([1, 4, 6], .uint8, seed: 3)
    let outcome = try Workshop().run(
      #"{"stage": "normalize", "mean": 0.5, "std": 0.25}, {"stage": "crop", "size": [6, 8]},"#
        + #" {"stage": "encode"}"#, on: image)
    let picture = try #require(outcome.outputs.first)
    #expect(picture.shape == [1, 6, 8])
    // 0 after a mean of a half is the middle of 255: 127.5, to even.
    #expect(picture.values[0] == 128)
    #expect(picture.values[8 + 1] == image.values[0])
  }
}
