import ArgumentParser
import Tessera
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// `tessera explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what every stage makes of an image: shape, type, values, memory.",
    discussion: """
      The image is that of --size or --input, or else the first one that the pipeline loads. No \
      pixel is read.

      EXAMPLES
        tessera explain Pipelines/vit_patchify.json --size 640x480x3
        tessera explain Pipelines/blur.json --input photo.jpg
      """)

  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp(
      "Width, height and channels (3 if left out) of an image, 8 bits.", valueName: "WxHxC"))
  var size: ImageSizeArgument?

  @Option(
    help: ArgumentHelp("An image, or a folder whose first image counts.", valueName: "path"),
    completion: .file())
  var input: String?

  func validate() throws {
    if size != nil, input != nil { throw ValidationError("give --size or --input, not both") }
  }

  func run() throws {
    let planner = try pipeline.planner()
    let plan: Plan
    do {
      if let size {
        plan = try planner.plan(size.shape)
      } else {
        let sources = try InputArguments.sources(
          input.map { [$0] } ?? [], or: planner.source, of: planner.pipeline)
        let inputs = try InputArguments.discover(
          sources, by: planner.source.inputs, outputFolders: [])
        guard let first = inputs.items.first else { throw CommandFailure(.nothingToDo) }
        Console.note(first.source.path.printable)
        plan = try planner.plan(contentsOf: first.source)
      }
    } catch let error as PlanningError {
      let place = planner.pipeline.location(stage: error.stageIndex, key: error.key)
      throw CommandFailure(
        .badPipeline, (place.map { "\($0.description): " } ?? "") + error.description)
    } catch let error as CodecError {
      throw CommandFailure(.failedInputs, error.description)
    }
    Console.print(plan.table)
  }
}
