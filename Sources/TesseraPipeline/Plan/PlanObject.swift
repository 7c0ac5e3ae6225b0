import TesseraConfiguration
import TesseraCore

extension Plan {
  /// The plan as an object for programs: what ``table`` tells people, in numbers.
  package var object: [JSONMember] {
    let rows = stages.map { stage -> JSONValue in
      let file = stage.file.map { file -> JSONValue in
        [
          "shape": .sides(file.shape), "dtype": JSONValue(.string(file.storedType.rawValue)),
          "values": .interval(file.bounds),
          "files": .integer(file.channelFiles ?? 1),
        ]
      }
      let steps = stage.steps.map { step -> JSONValue in
        JSONValue(
          .object(
            [JSONMember("stage", JSONValue(.string(step.name)))] + step.layout.members
              + [JSONMember("text", JSONValue(.string(step.text)))]))
      }
      return JSONValue(
        .object(
          [
            JSONMember("index", .integer(stage.index)),
            JSONMember("stage", JSONValue(.string(stage.name))),
          ] + stage.layout.members
            + [
              JSONMember("file", file ?? .init(.null)),
              JSONMember("memory_bytes", .integer(work.byteCount(ofStage: stage.index))),
              JSONMember("manner", JSONValue(.string(manner(of: stage)))),
              JSONMember("steps", JSONValue(.array(steps))),
            ]))
    }
    return [
      JSONMember("stages", JSONValue(.array(rows))),
      JSONMember("blocks", .integer(blockCount)),
      JSONMember("memory_bytes", .integer(byteCount)),
      JSONMember("rewrites", JSONValue(.array(rewrites.map { JSONValue(.string($0)) }))),
    ]
  }
}

extension Layout {
  /// What flows: the shape, the grid of patches, the type and the values.
  fileprivate var members: [JSONMember] {
    let sides =
      switch flowShape {
      case .image(let shape): shape.sides
      case .patches(let length, let blocks): [length, blocks.height * blocks.width]
      }
    return [
      JSONMember("shape", .sides(sides)),
      JSONMember("grid", grid.map { .sides([$0.size.height, $0.size.width]) } ?? .init(.null)),
      JSONMember("dtype", JSONValue(.string(elementType.rawValue))),
      JSONMember("values", .interval(allValues)),
      JSONMember(
        "channel_names",
        channelNames.map { JSONValue(.array($0.map { JSONValue(.string($0)) })) } ?? .init(.null)),
    ]
  }
}

extension JSONValue {
  fileprivate static func sides(_ sides: [Int]) -> JSONValue {
    JSONValue(.array(sides.map { JSONValue.integer($0) }))
  }

  /// Both ends, or `null` where values may be any.
  fileprivate static func interval(_ values: ValueInterval) -> JSONValue {
    guard values.isBounded else { return .init(.null) }
    return JSONValue(
      .array([values.lower, values.upper].map { JSONValue(.number(JSONNumber($0))) }))
  }
}
