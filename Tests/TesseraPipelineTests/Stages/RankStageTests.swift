import TesseraCore
import TesseraKernels
import TesseraTestSupport
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `median` and `rank` against sorted windows.
struct RankStageTests {
  /// What one stage makes of an image, plane by plane.
  private static func reference(
    _ image: TestArray, window: Size, rank: Int, mode: PaddingMode, planes: Range<Int>? = nil
  ) -> TestArray {
    let size = Size(height: image.shape[1], width: image.shape[2])
    let area = size.height * size.width
    var result = image
    for plane in planes ?? 0..<image.shape[0] {
      result.values.replaceSubrange(
        plane * area..<(plane + 1) * area,
        with: ReferenceKernels.rank(
          Array(image.values[plane * area..<(plane + 1) * area]), size: size, window: window,
          rank: rank, mode: mode, zero: 0, by: ReferenceKernels.isBefore))
    }
    return result
  }

  @Test("Random geometries, on every instruction set and in any bands", arguments: 0..<120)
  func geometries(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let type = ElementType.allCases[seed % 3]
    func odd(_ most: Int) -> Int { 2 * Int.random(in: 0...most / 2, using: &random) + 1 }
    let most = seed % 4 == 0 ? 33 : 9
    let window = Size(height: odd(most), width: odd(most))
    let isLarge = window.height * window.width > 81
    let shape = [
      isLarge ? 1 : Int.random(in: 1...3, using: &random), Int.random(in: 1...24, using: &random),
      Int.random(in: 1...(isLarge ? 24 : 90), using: &random),
    ]
    let count = window.height * window.width
    let rank = seed % 2 == 0 ? 0.5 : Double.random(in: 0...1, using: &random)
    let mode = PaddingMode.allCases[seed / 3 % PaddingMode.allCases.count]
    let image = TestArray.noise(shape, type, seed: UInt64(seed))
    let expected = Self.reference(
      image, window: window, rank: Int(rank * Double(count - 1) + 0.5), mode: mode)
    let keys =
      #""kernel_size": [\#(window.height), \#(window.width)], "padding_mode": "\#(mode.rawValue)""#
    let stage =
      seed % 2 == 0
      ? #"{"stage": "median", \#(keys)}"# : #"{"stage": "rank", "rank": \#(rank), \#(keys)}"#
    let bands: [(height: Int?, workers: Int)] = [
      (nil, 1), (1, 2), (3, 1), (7, 2), (nil, 2), (2, 1),
    ]
    for (index, band) in bands.enumerated() {
      let kernels = KernelSet.supported[index % KernelSet.supported.count]
      let workshop = try Workshop()
      workshop.kernels = kernels
      workshop.banding = Banding(height: band.height, largeImage: 0)
      workshop.workers = band.workers
      let made = try workshop.array("\(stage), \(npy)", on: image)
      #expect(made == expected, "\(shape), \(window), \(mode), rank \(rank), \(kernels.name)")
    }
  }

  @Test("Strips of wide images meet", arguments: ElementType.allCases, [3, 5, 7, 11])
  func wide(type: ElementType, size: Int) throws {
    let image = TestArray.noise([1, 2, 2201], type, seed: 9)
    let made = try Workshop().array(
      #"{"stage": "median", "kernel_size": \#(size)}, \#(npy)"#, on: image)
    let expected = Self.reference(
      image, window: Size(size), rank: size * size / 2, mode: .symmetric)
    #expect(made == expected)
  }

  @Test("NaN counts as the largest value, wherever bands end", arguments: [3, 5, 9, 17])
  func holes(size: Int) throws {
    var image = TestArray.noise([1, 19, 40], .float32, seed: 3)
    for index in stride(from: 0, to: image.values.count, by: 5) { image.values[index] = .nan }
    for index in stride(from: 3, to: image.values.count, by: 17) { image.values[index] = .infinity }
    for rank in [0, 0.5, 0.79, 0.9, 1] {
      let expected = Self.reference(
        image, window: Size(size), rank: Int(rank * Double(size * size - 1) + 0.5), mode: .reflect)
      #expect(expected.values.contains(where: \.isNaN) || rank < 0.9)
      for height in [nil, 4] as [Int?] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height)
        let made = try workshop.array(
          #"{"stage": "rank", "rank": \#(rank), "kernel_size": \#(size), "padding_mode": "reflect"}, \#(npy)"#,
          on: image)
        #expect(
          zip(made.values, expected.values).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
      }
    }
  }

  @Test("The median is the rank of a half, and ranks round to the nearest value")
  func ranks() throws {
    let image = TestArray.noise([1, 20, 30], .uint8, seed: 4)
    for size in [3, 5, 7, 11] {
      let keys = #""kernel_size": \#(size)"#
      let median = try Workshop().array(#"{"stage": "median", \#(keys)}, \#(npy)"#, on: image)
      let half = try Workshop().array(
        #"{"stage": "rank", "rank": 0.5, \#(keys)}, \#(npy)"#, on: image)
      #expect(median == half)
    }
    // ⌊0.3125 · 8 + ½⌋ = 3, and just below it is 2.
    for (rank, index) in [(0.3125, 3), (0.3124, 2), (0, 0), (1, 8), (0.95, 8)] {
      let made = try Workshop().array(
        #"{"stage": "rank", "rank": \#(rank)}, \#(npy)"#, on: image)
      let expected = Self.reference(image, window: Size(3), rank: index, mode: .symmetric)
      #expect(made == expected)
    }
  }

  @Test(
    "Opacity stays as it is, unless it is to be filtered as colours are",
    arguments: [[4, 13, 18], [2, 9, 71]], ["", #", "alpha": "keep""#, #", "alpha": "filter""#])
  func opacity(shape: [Int], key: String) throws {
    let image = TestArray.noise(shape, .uint8, seed: 6)
    for normalize in ["", #"{"stage": "normalize", "mean": 0.5, "std": 0.5},"#] {
      let workshop = try Workshop()
      let path = try workshop.savePNG(image, hasAlpha: true, as: "input.png")
      let outcome = try workshop.run(
        #"\#(normalize) {"stage": "median", "kernel_size": 5\#(key)}, {"stage": "encode", "format": "png"}"#,
        onFile: path)
      let planes = key.contains("filter") ? shape[0] : shape[0] - 1
      let expected = Self.reference(
        image, window: Size(5), rank: 12, mode: .symmetric, planes: 0..<planes)
      #expect(outcome.outputs.first == expected)
    }
  }

  @Test("Premultiplied colours and their opacity are filtered alike, and keep is refused")
  func premultiplied() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([4, 13, 18], .uint8, seed: 5)
    let path = try workshop.savePNG(image, hasAlpha: true, as: "input.png")
    let load = #", "alpha": "premultiply""#
    let outcome = try workshop.run(#"{"stage": "median"}, \#(npy)"#, load: load, onFile: path)
    let made = try #require(outcome.outputs.first)
    let area = 13 * 18
    let opacity = Array(image.values.suffix(area))
    var multiplied = image
    for index in 0..<3 * area { multiplied.values[index] *= opacity[index % area] / 255 }
    let expected = Self.reference(multiplied, window: Size(3), rank: 4, mode: .symmetric)
    #expect(Array(made.values.suffix(area)) == Array(expected.values.suffix(area)))
    for index in 0..<3 * area {
      let straight = expected.values[index] * 255 / expected.values[3 * area + index % area]
      #expect(abs(made.values[index] - straight) < 1e-3 && made.values[index] <= 255)
    }
    let error = try workshop.refusal(
      #"{"stage": "median", "alpha": "keep"}, \#(npy)"#, load: load,
      shape: ImageShape(channels: 4, height: 5, width: 5))
    #expect(error?.key == "alpha")
  }

  @Test("Units, bounds and type stay; zeros come among the values")
  func layout() throws {
    func layout(_ stages: String, load: String = "", channels: Int = 3) throws -> Layout {
      let plan = try Workshop().planner("\(stages), \(npy)", load: load)
        .plan(ImageShape(channels: channels, height: 20, width: 20))
      return try #require(plan.stages.last?.layout)
    }
    let plain = try layout(#"{"stage": "median"}"#)
    #expect(plain.elementType == .uint8 && plain.values == ValueInterval(0, 255))
    let normalize = #"{"stage": "normalize", "mean": 0.5, "std": 0.25}"#
    let bounds = try layout(normalize)
    var ranked = try layout(#"\#(normalize), {"stage": "rank", "rank": 0.1}"#)
    ranked.straightValues = bounds.straightValues
    #expect(ranked == bounds)
    let shifted = #"{"stage": "normalize", "mean": -0.5, "std": 0.25}"#
    #expect(try layout(shifted).values.lower > 0)
    let padded = try layout(#"\#(shifted), {"stage": "median", "padding_mode": "zeros"}"#)
    #expect(padded.values.lower == 0)
    let load = #", "alpha": "premultiply""#
    let straight = try layout(#"{"stage": "normalize"}"#, load: load, channels: 4)
    #expect(straight.straightValues.isBounded)
    let median = try layout(
      #"{"stage": "normalize"}, {"stage": "median"}"#, load: load, channels: 4)
    #expect(median.straightValues == straight.straightValues)
    let moved = try layout(#"\#(normalize), {"stage": "median"}"#, load: load, channels: 4)
    #expect(!moved.straightValues.isBounded)
  }

  @Test("Normalized pictures are restored to the median of the picture, bit for bit")
  func restored() throws {
    let image = TestArray.noise([3, 17, 40], .uint16, seed: 7)
    let outcome = try Workshop().run(
      #"{"stage": "normalize", "mean": [0.4, 0.5, 0.6], "std": 0.2}, {"stage": "median", "kernel_size": 5}, {"stage": "encode"}"#,
      on: image)
    #expect(
      outcome.outputs.first
        == Self.reference(image, window: Size(5), rank: 12, mode: .symmetric))
  }

  @Test("Only rows of the other side wait for the whole image; memory does not grow with height")
  func memory() throws {
    for type in ["", #"{"stage": "normalize"},"#] {
      for (mode, waits) in [("circular", true), ("symmetric", false), ("zeros", false)] {
        let planner = try Workshop().planner(
          #"\#(type) {"stage": "median", "kernel_size": 9, "padding_mode": "\#(mode)"}, \#(npy)"#)
        let short = try planner.plan(ImageShape(channels: 3, height: 600, width: 80))
        let tall = try planner.plan(ImageShape(channels: 3, height: 60_000, width: 80))
        #expect(short.table.contains("waits for the whole image") == waits)
        if !waits { #expect(short.work.byteCount == tall.work.byteCount) }
      }
    }
  }

  @Test(
    "Windows without a middle and ranks that no value has are mistakes",
    arguments: [
      #"{"stage": "median", "kernel_size": 4}"#, #"{"stage": "median", "kernel_size": 0}"#,
      #"{"stage": "median", "kernel_size": 257}"#, #"{"stage": "median", "kernel_size": [3, 2]}"#,
      #"{"stage": "median", "rank": 0.5}"#, #"{"stage": "rank"}"#,
      #"{"stage": "rank", "rank": 1.1}"#, #"{"stage": "rank", "rank": -0.1}"#,
      #"{"stage": "median", "padding_mode": "mirror"}"#,
    ])
  func mistakes(stage: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner("\(stage), \(npy)")
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
  }

  @Test("A window of one value is no work, and what is written reads back")
  func roundTrip() throws {
    let image = TestArray.noise([2, 5, 6], .uint8, seed: 8)
    let one = #"{"stage": "median", "kernel_size": 1, "padding_mode": "circular"}"#
    #expect(try Workshop().array("\(one), \(npy)", on: image) == image)
    for stage in [
      one, #"{"stage": "median", "kernel_size": [3, 255], "alpha": "filter"}"#,
      #"{"stage": "rank", "rank": 0.25, "padding_mode": "reflect"}"#,
    ] {
      let pipeline = try Workshop().planner("\(stage), \(npy)").pipeline
      let again = try Pipeline(parsing: pipeline.text)
      #expect(again.text == pipeline.text)
    }
  }
}
