import ArgumentParser
import Glibc
import Tessera
import TesseraBatch
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// `tessera view`.
struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Show what every stage makes of one image, in a page for the browser.",
    discussion: """
      The page holds all that it shows: pictures, shapes, values and their histograms, the pipeline \
      and its plan. Nothing else is written, whatever the pipeline's encode says.

      EXAMPLES
        tessera view Pipelines/blur.json photo.jpg --output view.html
        tessera view vit.json photos --output view.html
      """)

  @OptionGroup var pipeline: PipelineArguments

  @Argument(
    help: ArgumentHelp(
      "An image, or a folder whose first image counts; that of the pipeline if left out.",
      valueName: "image"), completion: .file())
  var image: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page.", valueName: "file"), completion: .file(extensions: ["html"]))
  var output: String

  @Flag(help: "Replace a file that is no such page.")
  var overwrite = false

  @OptionGroup var jobs: JobsArgument

  func validate() throws {
    try UnnamedPath.check([image], as: "an image")
    try UnnamedPath.check([output], as: "--output")
  }

  func run() throws {
    try check()
    let planner = try PipelineArguments.planner(
      for: pipeline.file, overrides: pipeline.overrides, workers: jobs.count)
    // Nothing is written, wherever that would be.
    let processor = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try PipelineProcessor(planner, outputDirectory: ".")
    }
    SignalWatch()
    let inputs = try InputArguments.discover(
      [image].compactMap(\.self), for: processor,
      outputFolders: planner.pipeline.outputFolders, cancellation: SignalWatch.cancellation)
    guard let item = inputs.items.first else { throw CommandFailure(.nothingToDo) }
    processor.look(at: inputs.items, cancellation: SignalWatch.cancellation)
    do {
      let page = try ViewPage(of: item, by: processor, cancellation: SignalWatch.cancellation)
      try page.write(to: output, replacing: overwrite)
      Console.note(
        "\(output.printable): \(page.stageCount.counted("stage")) of \(item.name.printable)")
    } catch let failure as InputFailure {
      throw Self.failure(failure, of: item, in: planner.pipeline)
    } catch let error as FileError {
      throw CommandFailure(
        error.code == EEXIST ? .cannotCreate : .cannotWrite, error.description, file: output)
    }
  }

  /// Refuses a place for the page before anything is read.
  private func check() throws(CommandFailure) {
    guard
      ["html", "htm"].contains(
        Path.split(name: Path.name(of: output)).fileExtension.lowercased())
    else {
      throw CommandFailure(
        .usage, "--output '\(output.printable)': expected the name of an .html file", file: output)
    }
    try ReportTarget.checkPlace(output, isFree: overwrite || ViewPage.isPage(output)) {
      "exists and is no page of this command; --overwrite replaces it"
    }
  }

  /// Why the image cannot be shown.
  private static func failure(
    _ failure: InputFailure, of item: Item, in pipeline: Pipeline
  ) -> CommandFailure {
    if failure == .cancelled {
      return CommandFailure(.interrupted, "interrupted; nothing has been written")
    }
    let place = failure.stageIndex.flatMap { pipeline.location(stage: $0, key: failure.key) }
    return CommandFailure(
      failure.kind == .bug ? .bug : .failedInputs,
      (place.map { "\($0.description): " } ?? "")
        + "\(item.name.printable): \(failure.message(for: .command).printable)")
  }
}
