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
    let name = Path.name(of: output)
    let fileExtension = Path.split(name: name).fileExtension.lowercased()
    guard FileStatus(of: output)?.kind != .folder else {
      self = .folder(output)
      return
    }
    guard let format = ImageFormat.allCases.first(where: { $0.extensions.contains(fileExtension) })
    else {
      if Self.otherExtensions.contains(fileExtension) {
        throw Self.notWritten(output, fileExtension, by: pipeline)
      }
      self = .folder(output)
      return
    }
    guard !OwnNames.isReserved(name) else {
      throw Self.refusal(
        output, "has a name that Tessera keeps for its own files; give it another name")
    }
    let stages = pipeline.outputStages
    guard stages.count == 1 else {
      throw Self.notOne(output, "the pipeline has \(stages.count) that write files")
    }
    guard stages[0].files.dataset == nil else {
      throw Self.notOne(output, "stages[\(stages[0].index)] makes a dataset of many images")
    }
    guard format.extensions.contains(stages[0].files.fileExtension) else {
      throw Self.notWritten(output, fileExtension, by: pipeline, as: format)
    }
    self = .file(output)
  }

  /// Extensions of images that are not written: nobody gives them to a folder.
  private static let otherExtensions: Set<String> = [
    "avif", "bmp", "dib", "exr", "gif", "hdr", "heic", "heif", "ico", "j2k", "jp2", "jxl", "jxr",
    "pam", "pbm", "pcx", "pgm", "pnm", "ppm", "psd", "qoi", "svg", "tga",
  ]

  /// What a file's extension should have been, and what else may be meant by it.
  private static func notWritten(
    _ output: String, _ fileExtension: String, by pipeline: Pipeline, as format: ImageFormat? = nil
  ) -> CommandFailure {
    let stages = pipeline.outputStages
    let asFolder = "'\(output.printable)/' for a folder of this name"
    guard let (index, files) = stages.first, stages.count == 1 else {
      return refusal(
        output,
        "ends in .\(fileExtension), and Tessera writes \(ImageFormat.kinds); give \(asFolder)")
    }
    let own = files.fileExtension
    let wayOut: String
    if let format {
      // Another format may lack what the pipeline needs, as patches need that of arrays.
      let change = "stages[\(index)].format=\(format.rawValue)"
      let isTaken = (try? Pipeline(parsing: Array(pipeline.text.utf8), overrides: [change])) != nil
      wayOut = isTaken ? ", or --set format=\(format.rawValue)" : ""
    } else {
      wayOut = ", or \(asFolder)"
    }
    return refusal(
      output,
      "ends in .\(fileExtension), and stages[\(index)] writes .\(own); give it the extension "
        + ".\(own)\(wayOut)")
  }

  private static func refusal(_ output: String, _ reason: String) -> CommandFailure {
    CommandFailure(.usage, "--output '\(output.printable)' \(reason)", file: output)
  }

  private static func notOne(_ output: String, _ reason: String) -> CommandFailure {
    refusal(
      output,
      "names one file, and \(reason); give a folder, or '\(output.printable)/' for a folder of this "
        + "name")
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
    case .pipeline: try PipelineProcessor(planner, for: .command)
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
