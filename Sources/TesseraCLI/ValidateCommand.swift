import ArgumentParser
import Tessera
import TesseraBatch
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// `tessera validate`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check pipeline files, and the arrays that they name.",
    discussion: """
      All mistakes are shown at once, each with its place, what was expected and what was found. \
      What depends on an image, such as a window larger than it, is checked by explain and run. A \
      JSON Schema among the files is passed over.

      EXAMPLES
        tessera validate Pipelines/blur.json
        tessera validate Pipelines/*.json
      """)

  @Argument(help: "Pipeline files.", completion: .file(extensions: ["json"]))
  var files: [String]

  func validate() throws { try UnnamedPath.check(files, as: "a pipeline") }

  func run() throws {
    var status = ExitStatus.done
    var schemaCount = 0
    for file in files {
      do throws(CommandFailure) {
        let text = try PipelineArguments.text(of: file)
        if PipelineArguments.isSchema(text) {
          Console.note("\(file.printable): passed over, a JSON Schema and no pipeline")
          schemaCount += 1
          continue
        }
        let planner = try PipelineArguments.planner(of: text, in: file)
        Console.print("\(file.printable): ok, \(planner.pipeline.stages.count) stages")
      } catch {
        if error.status == .interrupted { throw error }
        if let message = error.message { Console.error(message) }
        // A wrong file weighs more than one that is missing.
        if status != .badPipeline { status = error.status }
      }
    }
    if schemaCount == files.count { throw CommandFailure(.nothingToDo, "no pipeline to check") }
    if status != .done { throw CommandFailure(status) }
  }
}
