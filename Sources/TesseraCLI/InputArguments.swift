import ArgumentParser
import Tessera
import TesseraBatch
import TesseraPipeline
import TesseraThreads

/// Where a command's inputs come from.
struct InputArguments: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A folder, a file, a glob, @FILE for a list of paths, or - for a list on standard input; "
        + "in place of the pipeline's. May be repeated.",
      valueName: "path"),
    completion: .file())
  var input: [String] = []

  @Argument(
    help: ArgumentHelp("More inputs, as with --input.", valueName: "inputs"), completion: .file())
  var more: [String] = []

  func validate() throws {
    try UnnamedPath.check(input, as: "--input")
    try UnnamedPath.check(more, as: "an input")
  }

  /// All inputs that the command names, or else those of the pipeline, by the pipeline's rules.
  func discover(
    for processor: PipelineProcessor, outputFolders: [String], cancellation: Cancellation
  ) throws(CommandFailure) -> DiscoveredInputs {
    try Self.discover(
      input + more, for: processor, outputFolders: outputFolders, cancellation: cancellation)
  }

  /// The sources that the command names, or else those of the pipeline.
  ///
  /// "-" is a list on standard input, "@FILE" a list in a file.
  private static func sources(
    _ arguments: [String], or source: any SourceStage, of pipeline: Pipeline
  ) throws(CommandFailure) -> [InputSource] {
    if !arguments.isEmpty {
      return arguments.map { argument in
        if argument == "-" { return .list("-") }
        if argument.hasPrefix("@"), argument.utf8.count > 1 {
          return .list(String(argument.dropFirst()))
        }
        return .path(argument)
      }
    }
    let inputs = source.inputs
    if let path = inputs.path { return [.path(pipeline.resolve(path))] }
    if let dataset = source.patchInputs?.dataset { return [.path(pipeline.resolve(dataset))] }
    if let list = inputs.list { return [.list(list == "-" ? list : pipeline.resolve(list))] }
    let place = pipeline.location(stage: 0).map { "\($0.description): " } ?? ""
    let message =
      "\(place)stages[0] (\(type(of: source).name)): expected \"path\", \"list\" or --input, found "
      + "none of them"
    throw CommandFailure(
      .badPipeline, message, errors: [ErrorEntry(.pipeline, message, in: pipeline, stage: 0)])
  }

  /// All inputs that the command names, or else those of the pipeline, by the pipeline's rules.
  static func discover(
    _ arguments: [String], for processor: PipelineProcessor, outputFolders: [String],
    cancellation: Cancellation = Cancellation()
  ) throws(CommandFailure) -> DiscoveredInputs {
    let (source, pipeline) = (processor.planner.source, processor.planner.pipeline)
    let sources = try Self.sources(arguments, or: source, of: pipeline)
    do throws(DiscoveryError) {
      return try processor.inputs(
        in: sources, outputFolders: outputFolders, cancellation: cancellation)
    } catch {
      switch error {
      case .unreadable, .listOfWideCharacters:
        if arguments.isEmpty { throw Self.missing(error, named: source, in: pipeline) }
      case .nothingMatches, .outputFolderIsInput, .outputFolderUnknown, .malformed, .cancelled:
        break
      }
      throw CommandFailure(error)
    }
  }

  /// Inputs that the pipeline names: who runs somebody's pipeline has not typed that path.
  private static func missing(
    _ error: DiscoveryError, named source: any SourceStage, in pipeline: Pipeline
  ) -> CommandFailure {
    let isDataset = source.inputs.path == nil && source.patchInputs?.dataset != nil
    let key = source.inputs.path != nil ? "path" : isDataset ? "dataset" : "list"
    let place = pipeline.location(stage: 0, key: key).map { "\($0.description): " } ?? ""
    let message = "\(place)\(error); --input names other images than \"\(key)\" of load"
    return CommandFailure(
      .nothingToDo, message,
      errors: [ErrorEntry(.unreadable, message, in: pipeline, stage: 0, key: key)])
  }
}
