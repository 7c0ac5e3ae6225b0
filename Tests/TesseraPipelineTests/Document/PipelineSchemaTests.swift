import Foundation
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

@Suite struct PipelineSchemaTests {
  private func schema() throws -> JSONValue {
    try JSONParser.parse(Array(PipelineSchema.text.utf8))
  }

  @Test("The schema is that in Pipelines/, which another process wrote, and JSON")
  func isDeterministic() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Pipelines/pipeline.schema.json").standardized
    #expect(try String(contentsOf: file, encoding: .utf8) == PipelineSchema.text)
    #expect(try schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema")
  }

  @Test("Every key of every stage is in it with a description, and no others are let in")
  func isComplete() throws {
    let definitions = try #require(try schema()["$defs"])
    for type in StageCatalogue.types {
      let definition = try #require(definitions[type.name])
      let properties = try #require(definition["properties"]?.members)
      #expect(properties.map(\.key) == ["stage"] + type.configuration.parameters.map(\.key))
      #expect(properties.dropFirst().allSatisfy { $0.value["description"]?.string != nil })
      #expect(definition["additionalProperties"] == false)
    }
  }

  @Test("Every reference leads somewhere")
  func references() throws {
    let schema = try schema()
    let definitions = try #require(schema["$defs"]?.members).map(\.key)
    func check(_ value: JSONValue) {
      for member in value.members ?? [] {
        if member.key == "$ref", let target = member.value.string {
          #expect(definitions.contains { "#/$defs/\($0)" == target })
        }
        check(member.value)
      }
      value.elements?.forEach(check)
    }
    check(schema)
  }

  @Test("Ranges, defaults and required keys come from the tables")
  func details() throws {
    let unfold = try #require(try schema()["$defs"]?["unfold"])
    #expect(unfold["required"] == ["stage", "kernel_size"])
    #expect(unfold["properties"]?["kernel_size"]?["default"] == nil)
    #expect(unfold["properties"]?["stride"]?["default"] == 1)
    #expect(
      unfold["properties"]?["padding_mode"]?["enum"]
        == ["zeros", "reflect", "symmetric", "replicate", "circular"])
    let quality = try schema()["$defs"]?["encode"]?["properties"]?["quality"]
    #expect(quality?["minimum"] == 1)
    #expect(quality?["maximum"] == 100)
  }
}
