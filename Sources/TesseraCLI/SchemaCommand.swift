import ArgumentParser
import Tessera
import TesseraPipeline

/// `tessera schema`.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of pipeline files.",
    discussion: """
      Editors check and complete a pipeline file that names the schema:

        tessera schema > pipeline.schema.json
        { "$schema": "pipeline.schema.json", "version": 1, "stages": [ … ] }
      """)

  func run() { Console.emit(PipelineSchema.text) }
}
