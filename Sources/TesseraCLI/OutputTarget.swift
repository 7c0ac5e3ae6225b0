import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// What a command is told to write to.
enum OutputTarget {
  /// Where the pipeline says.
  case pipeline
  /// A folder in place of the pipeline's.
  case folder(String)
  /// One file, of the one input.
  case file(String)

  /// Tells a file from a folder: it has the extension of an image, and no folder has its name.
  ///
  /// - Throws: ``CommandFailure`` where it is a file that the pipeline does not write.
  init(_ output: String?, of pipeline: Pipeline) throws(CommandFailure) {
    guard let output else {
      self = .pipeline
      return
    }
    guard !output.isEmpty else {
      throw CommandFailure(.usage, "--output needs the name of a folder or a file, found nothing")
    }
    let fileExtension = Path.split(name: Path.name(of: output)).fileExtension.lowercased()
    guard let format = ImageFormat.allCases.first(where: { $0.extensions.contains(fileExtension) }),
      FileStatus(of: output)?.kind != .folder
    else {
      self = .folder(output)
      return
    }
    let stages = pipeline.outputStages
    guard stages.count == 1 else {
      throw Self.notOne(output, "the pipeline has \(stages.count) that write files")
    }
    guard format.extensions.contains(stages[0].files.fileExtension) else {
      throw CommandFailure(
        .usage,
        "--output '\(output.printable)' ends in .\(fileExtension), and "
          + "stages[\(stages[0].index)] writes .\(stages[0].files.fileExtension); give "
          + "another extension, or --set format=\(format.rawValue)")
    }
    self = .file(output)
  }

  private static func notOne(_ output: String, _ reason: String) -> CommandFailure {
    CommandFailure(
      .usage,
      "--output '\(output.printable)' names one file, and \(reason); give a folder, or "
        + "'\(output.printable)/' for a folder of this name")
  }

  /// Checks that one file is asked of one input.
  func check(_ inputs: DiscoveredInputs) throws(CommandFailure) {
    if case .file(let path) = self, inputs.items.count != 1 {
      throw Self.notOne(path, "there are \(inputs.items.count) inputs")
    }
  }

  /// What runs the pipeline and writes there.
  func processor(_ planner: Planner) throws(PipelineFileError) -> PipelineProcessor {
    switch self {
    case .pipeline: try PipelineProcessor(planner)
    case .folder(let path): try PipelineProcessor(planner, outputDirectory: path)
    case .file(let path): PipelineProcessor(planner, outputFile: path)
    }
  }

  /// Folders in which nothing is an input.
  func folders(of processor: PipelineProcessor) -> [String] {
    switch self {
    case .pipeline: processor.destinations.map(\.directory)
    case .folder(let path): processor.destinations.map(\.directory) + [path]
    case .file: []
    }
  }

  /// Where report and records go: one of each, for all stages that write files.
  func options(
    recipe: String, processor: PipelineProcessor, state: String?, jobs: Int
  ) -> BatchOptions {
    let folders = processor.destinations.map(\.directory)
    switch self {
    case .folder(let path):
      var options = BatchOptions(recipe: recipe, folder: path, jobs: jobs)
      options.stateFolder = state
      return options
    case .pipeline:
      var options = BatchOptions(recipe: recipe, folder: folders.first, jobs: jobs)
      options.stateFolder = state
      options.otherFolders = folders
      return options
    case .file:
      // Nothing lies beside the file.
      var options = BatchOptions(
        recipe: recipe, folder: state == nil ? nil : folders.first, jobs: jobs)
      options.stateFolder = state
      options.reportPath = state.map { Path.join($0, OwnNames.report) }
      options.writesOneFile = true
      return options
    }
  }
}
