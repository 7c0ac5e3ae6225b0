import ArgumentParser
import Tessera
import TesseraBatch
import TesseraFiles
import TesseraPipeline

/// `tessera validate`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check pipeline files, and the arrays that they name.",
    discussion: """
      All mistakes are shown at once, each with its place, what was expected and what was found. \
      What depends on an image, such as a window larger than it, is checked by explain and run.
      """)

  @Argument(help: "Pipeline files.", completion: .file(extensions: ["json"]))
  var files: [String]

  func run() throws {
    var status = ExitStatus.done
    for file in files {
      do throws(CommandFailure) {
        let planner = try PipelineArguments.planner(for: file)
        Console.print("\(file.printable): ok, \(planner.pipeline.stages.count) stages")
      } catch {
        if let message = error.message { Console.error(message) }
        // A wrong file weighs more than one that is missing.
        if status != .badPipeline { status = error.status }
      }
    }
    if status != .done { throw CommandFailure(status) }
  }
}
