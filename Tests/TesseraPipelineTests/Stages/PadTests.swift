import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `pad` against a slow reference that asks for every pixel where it comes from.
struct PadTests {
  /// What stands around an image.
  struct Frame: Sendable, CustomTestStringConvertible {
    var keys: String
    /// Rows and columns before the image, and the size that comes out, for 7 × 5.
    var before: (Int, Int)
    var size: (Int, Int)
    var testDescription: String { keys }
  }

  static let frames = [
    Frame(keys: #""amount": 2"#, before: (2, 2), size: (11, 9)),
    Frame(keys: #""amount": [1, 0, 3, 2]"#, before: (1, 3), size: (8, 10)),
    Frame(keys: #""amount": [9, 20, 0, 13]"#, before: (9, 0), size: (36, 18)),
    Frame(keys: #""amount": 0"#, before: (0, 0), size: (7, 5)),
    Frame(keys: #""to_multiple": 4"#, before: (0, 0), size: (8, 8)),
    Frame(keys: #""to_multiple": [7, 5]"#, before: (0, 0), size: (7, 5)),
    Frame(keys: #""to_multiple": [4, 8], "position": "center""#, before: (0, 1), size: (8, 8)),
    Frame(keys: #""size": 10"#, before: (1, 2), size: (10, 10)),
    Frame(keys: #""size": [8, 12]"#, before: (0, 3), size: (8, 12)),
    Frame(keys: #""size": [9, 6], "position": "top_left""#, before: (0, 0), size: (9, 6)),
  ]

  static let modes = PaddingMode.allCases.map(\.rawValue) + ["constant"]

  @Test(
    "Every pixel comes from where the mode says, in the type of the image", arguments: frames,
    modes)
  func pixels(frame: Frame, mode: String) throws {
    let fill = [3.0, 200, 77]
    for type in ElementType.allCases {
      let image = TestArray.noise([3, 7, 5], type, seed: 11)
      let value = mode == "constant" ? #", "value": [3, 200, 77]"# : ""
      let stage = #"{"stage": "pad", \#(frame.keys), "padding_mode": "\#(mode)"\#(value)}"#
      for (height, workers) in [(nil, 1), (1, 2), (3, 2)] as [(Int?, Int)] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        let padded = try workshop.array("\(stage), \(npy)", on: image)
        #expect(padded == Self.reference(image, frame, mode, fill), "\(type) \(height ?? 0)")
      }
    }
  }

  private static func reference(
    _ image: TestArray, _ frame: Frame, _ mode: String, _ fill: [Double]
  ) -> TestArray {
    var values: [Double] = []
    for channel in 0..<3 {
      for y in 0..<frame.size.0 {
        for x in 0..<frame.size.1 {
          let (row, column) = (y - frame.before.0, x - frame.before.1)
          let isInside = (0..<7).contains(row) && (0..<5).contains(column)
          let mirror = PaddingMode(rawValue: mode) ?? .zeros
          let from = (mirror.source(of: row, size: 7), mirror.source(of: column, size: 5))
          if !isInside, mode == "constant" {
            values.append(fill[channel])
          } else if let y = from.0, let x = from.1 {
            values.append(image.values[(channel * 7 + y) * 5 + x])
          } else {
            values.append(0)
          }
        }
      }
    }
    return TestArray([3, frame.size.0, frame.size.1], image.type, values)
  }

  @Test("Zeros stand in the units in force, and what was padded is restored with its image")
  func units() throws {
    let image = TestArray.noise([1, 4, 6], .uint8, seed: 3)
    let workshop = try Workshop()
    let outcome = try workshop.run(
      #"{"stage": "normalize", "mean": 0.5, "std": 0.25}, {"stage": "pad", "amount": 1},"#
        + #" {"stage": "encode"}"#, on: image)
    let picture = try #require(outcome.outputs.first)
    #expect(picture.shape == [1, 6, 8])
    // 0 after a mean of a half is the middle of 255: 127.5, to even.
    #expect(picture.values[0] == 128)
    #expect(picture.values[8 + 1] == image.values[0])
  }

  @Test(
    "What fits no image is that input's failure",
    arguments: [
      (#""size": 3"#, "size", "4 × 6"), (#""size": [9, 5]"#, "size", "9 × 5"),
      (#""amount": 1, "padding_mode": "constant", "value": [1, 2]"#, "value", "1 channel"),
      (#""amount": 1, "padding_mode": "constant", "value": 0.5"#, "value", "0…255"),
      (#""amount": 1, "padding_mode": "constant", "value": 256"#, "value", "0…255"),
      (#""amount": 1, "padding_mode": "constant", "value": -1"#, "value", "0…255"),
    ])
  func misfits(keys: String, key: String, part: String) throws {
    let error = try Workshop().refusal(
      #"{"stage": "pad", \#(keys)}, \#(npy)"#,
      shape: ImageShape(channels: 1, height: 4, width: 6))
    #expect(error?.key == key)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "nothing")")
  }

  @Test(
    "Keys that do not go together are mistakes",
    arguments: [
      #"{"stage": "pad"}"#, #"{"stage": "pad", "amount": 1, "size": 4}"#,
      #"{"stage": "pad", "amount": 1, "value": 3}"#,
      #"{"stage": "pad", "amount": 1, "padding_mode": "constant"}"#,
      #"{"stage": "pad", "amount": 1, "position": "center"}"#,
      #"{"stage": "pad", "amount": [1, 2]}"#, #"{"stage": "pad", "amount": -1}"#,
      #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": []}"#,
      #"{"stage": "pad", "to_multiple": 0}"#,
    ])
  func mistakes(stage: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner("\(stage), \(npy)")
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
  }

  @Test(
    "A size that no image has is that input's failure",
    arguments: [
      (#""size": [1000000000, 5]"#, "size", "1000000000 × 5"),
      (#""size": 134217729"#, "size", "134217729 × 134217729"),
      (#""to_multiple": [1, 65535]"#, "to_multiple", "3 × 134281215"),
      (#""amount": [0, 0, 65535, 0]"#, "amount", "3 × 134283263"),
    ])
  func sizes(keys: String, key: String, part: String) throws {
    let width = AxisGrid.largestSide
    let stages = #"{"stage": "pad", \#(keys)}, \#(npy)"#
    let shape = ImageShape(channels: 1, height: 3, width: key == "size" ? 5 : width)
    let error = try Workshop().refusal(
      stages, load: #", "max_pixels": 1000000000000"#, shape: shape)
    #expect(error?.key == key)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "nothing")")
    #expect(error?.message.contains("134217728 rows and columns") == true)
  }

  @Test(
    "Rows of the other side wait for the whole image, and explain says so",
    arguments: [
      (#""amount": 2"#, true), (#""amount": [1, 0, 0, 0]"#, true),
      (#""amount": [0, 1, 0, 0]"#, true), (#""amount": [0, 0, 2, 1]"#, false),
    ])
  func barrier(keys: String, isBarrier: Bool) throws {
    for (mode, waits) in [("circular", isBarrier), ("symmetric", false)] {
      let planner = try Workshop().planner(
        #"{"stage": "pad", \#(keys), "padding_mode": "\#(mode)"}, \#(npy)"#)
      let table = try planner.plan(ImageShape(channels: 3, height: 300, width: 40)).table
      #expect(table.contains("waits for the whole image") == waits, "\(table)")
    }
  }

  @Test("The schema asks for a constant where one is needed, and for one at least")
  func schema() throws {
    let schema = try JSONParser.parse(Array(PipelineSchema.text.utf8))
    let pad = try #require(schema["$defs"]?["pad"])
    let value = pad["properties"]?["value"]?["anyOf"]?.elements?.last
    #expect(value?["minItems"] == 1)
    let rule: JSONValue = [
      "if": [
        "properties": ["padding_mode": ["enum": ["constant"]]], "required": ["padding_mode"],
      ],
      "then": ["required": ["value"]],
    ]
    #expect(pad["allOf"]?.elements?.contains(rule) == true)
  }

  @Test("What is written reads back as the same stage")
  func roundTrip() throws {
    for frame in Self.frames {
      let planner = try Workshop().planner(#"{"stage": "pad", \#(frame.keys)}, \#(npy)"#)
      let again = try Pipeline(parsing: planner.pipeline.text)
      #expect(again.stages[1] as? Pad == planner.pipeline.stages[1] as? Pad)
    }
  }
}
