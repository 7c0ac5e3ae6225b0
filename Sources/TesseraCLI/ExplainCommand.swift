import ArgumentParser
import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
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
        tessera explain Pipelines/blur.json photo.jpg
        tessera explain Pipelines/blur.json --size 640x480 --json
      """)

  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp(
      "Width, height and channels (3 if left out) of an image, 8 bits.", valueName: "WxHxC"),
    transform: { try ImageSizeArgument($0) })
  var size: ImageSizeArgument?

  @Argument(
    help: ArgumentHelp("An image, as with --input.", valueName: "image"), completion: .file())
  var image: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("An image, or a folder whose first image counts.", valueName: "path"),
    completion: .file())
  var input: String?

  @Flag(help: "One JSON object on standard output.")
  var json = false

  func validate() throws {
    try UnnamedPath.check([input], as: "--input")
    try UnnamedPath.check([image], as: "an image")
    if [size != nil, input != nil, image != nil].filter({ $0 }).count > 1 {
      throw ValidationError("give one of --size, --input and an image")
    }
  }

  func run() throws {
    let planner = try pipeline.planner()
    // Nothing is written, wherever that would be.
    let processor = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try PipelineProcessor(planner, outputDirectory: ".")
    }
    let item = size == nil ? try item(for: processor) : nil
    do throws(FilePlanError) {
      let plan = try plan(item, by: processor)
      if json { Console.emit(Self.object(of: plan)) } else { Console.print(plan.table) }
    } catch .file(let error) {
      throw CommandFailure(.failedInputs, error.description.printable)
    } catch .stage(let error) where error.isBug {
      throw CommandFailure(.bug, error.description)
    } catch .stage(let error) {
      let place = planner.pipeline.location(stage: error.stageIndex, key: error.key)
      throw CommandFailure(
        .badPipeline, (place.map { "\($0.description): " } ?? "") + error.description,
        errors: [
          ErrorEntry(
            .pipeline, error.description, in: planner.pipeline, stage: error.stageIndex,
            key: error.key)
        ])
    }
  }

  /// The plan for programs, with the members that every command's object has.
  private static func object(of plan: Plan) -> String {
    JSONWriter.compact(
      JSONValue(
        .object(
          plan.object + [
            JSONMember("errors", JSONValue(.array([]))), JSONMember("exit_status", .integer(0)),
          ])))
  }

  /// The image whose plan is shown, where no size stands for one.
  private func item(for processor: PipelineProcessor) throws(CommandFailure) -> Item {
    let inputs = try InputArguments.discover(
      [input ?? image].compactMap(\.self), for: processor,
      outputFolders: processor.planner.pipeline.outputFolders)
    guard let first = inputs.items.first else { throw CommandFailure(.nothingToDo) }
    if !json { Console.note(first.source.path.printable) }
    return first
  }

  private func plan(
    _ item: Item?, by processor: PipelineProcessor
  ) throws(FilePlanError) -> Plan {
    if let item { return try processor.plan(item) }
    guard let size else { preconditionFailure("without a file there is a size") }
    do throws(PlanningError) {
      return try processor.planner.plan(size.shape)
    } catch {
      throw .stage(error)
    }
  }
}
