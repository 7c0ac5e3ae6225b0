import TesseraConfiguration

/// The JSON Schema of pipeline files, made from the tables of the stages.
public enum PipelineSchema {
  /// The schema, draft 2020-12, as the text of a file: the same for every call.
  public static var text: String { JSONWriter.pretty(schema) }

  private static var schema: JSONValue {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Tessera pipeline",
      "description": "A list of stages that images go through.",
      "type": "object",
      "properties": [
        "$schema": ["description": "The path of this schema, for editors.", "type": "string"],
        "version": [
          "description": "The version of the format.",
          "const": JSONValue(.number(JSONNumber(Pipeline.formatVersion))),
        ],
        "description": [
          "description": "What the pipeline is for.", "type": "string", "minLength": 1,
        ],
        "stages": [
          "description": "The stages, in the order in which they run.",
          "type": "array",
          "prefixItems": [first],
          "items": ["$ref": "#/$defs/stage"],
          "minItems": 2,
          "maxItems": .init(.number(JSONNumber(Limits.stages))),
          "contains": [
            "properties": ["stage": Schema.words(StageCatalogue.resultNames)],
            "required": ["stage"],
          ],
        ],
      ],
      "required": ["version", "stages"],
      "additionalProperties": false,
      "$defs": JSONValue(.object([JSONMember("stage", anyStage)] + stages)),
    ]
  }

  /// A stage that brings images in.
  private static var first: JSONValue {
    let sources = StageCatalogue.names(of: .source).map(reference)
    return sources.count == 1 ? sources[0] : Schema.any(of: sources)
  }

  /// An object whose key `stage` decides what else belongs there.
  private static var anyStage: JSONValue {
    let names = StageCatalogue.types.filter { $0.role != .source }.map(\.name)
    let choices: [JSONValue] = names.map { name in
      [
        "if": [
          "properties": ["stage": ["const": JSONValue(.string(name))]], "required": ["stage"],
        ],
        "then": reference(to: name),
      ]
    }
    return [
      "type": "object",
      "properties": ["stage": Schema.words(names)],
      "required": ["stage"],
      "allOf": JSONValue(.array(choices)),
    ]
  }

  private static var stages: [JSONMember] {
    StageCatalogue.types.map { JSONMember($0.name, $0.configuration.schema) }
  }

  private static func reference(to name: String) -> JSONValue {
    ["$ref": JSONValue(.string("#/$defs/\(name)"))]
  }
}
