import ArgumentParser
import Glibc
import Tessera
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline

/// The pipeline file and changes to it.
struct PipelineArguments: ParsableArguments {
  @Argument(
    help: "The pipeline file.", completion: .file(extensions: ["json"]))
  var file: String

  @OptionGroup var changes: PipelineChanges

  var overrides: [String] { changes.overrides }

  func validate() throws { try UnnamedPath.check([file], as: "the pipeline") }

  /// The pipeline, and all that it needs but images.
  func planner(workers: Int = 1) throws(CommandFailure) -> Planner {
    try Self.planner(for: file, overrides: overrides, workers: workers)
  }

  /// The pipeline in a file, and all that it needs but images.
  static func planner(
    for file: String, overrides: [String] = [], workers: Int = 1
  ) throws(CommandFailure) -> Planner {
    let text = try text(of: file)
    if let format = ImageFormat.sniff(text) {
      throw CommandFailure(
        .badPipeline,
        "\(file.printable): expected a pipeline file, found an input (\(format.name)): inputs come "
          + "behind the pipeline", file: file)
    }
    guard !isSchema(text) else {
      throw CommandFailure(
        .badPipeline,
        "\(file.printable): expected a pipeline file, found the JSON Schema of one, which is there "
          + "for editors", file: file)
    }
    return try planner(of: text, in: file, overrides: overrides, workers: workers)
  }

  /// The bytes of a pipeline file, which may come through a pipe: from whoever writes in his own time.
  static func text(of file: String) throws(CommandFailure) -> [UInt8] {
    // A file is read in a moment: until then a signal ends the process as it would any other.
    let watch = FileStatus(of: file)?.kind == .file ? nil : SignalWatch()
    defer { watch?.end() }
    do throws(FileError) {
      let text = try FileSystem.content(
        of: file, as: [.file, .pipe, .socket], limit: mostBytes,
        cancellation: SignalWatch.cancellation)
      // Who asked while the last bytes came is heard, too; and from here on a signal is the run's.
      watch?.end()
      if watch == nil || !SignalWatch.isRequested { return text }
    } catch {
      if !error.isCancelled { throw CommandFailure(error) }
    }
    throw CommandFailure(
      .interrupted,
      "interrupted while reading the pipeline '\(file.printable)'; nothing has been written",
      file: file)
  }

  private static let site = "json-schema.org"

  /// The most bytes of a pipeline file: nobody writes as many.
  private static let mostBytes = 16_000_000

  /// Whether a file is a JSON Schema, as editors want it beside pipeline files.
  static func isSchema(_ text: [UInt8]) -> Bool {
    // Most files do not even name the site: they are read once, as pipelines.
    guard text.firstRange(of: Array(site.utf8)) != nil,
      let root = try? JSONParser.parse(text), root["stages"] == nil
    else { return false }
    return root["$schema"]?.string?.contains("//\(site)/") ?? false
  }

  /// The pipeline that a file's text describes, and all that it needs but images.
  static func planner(
    of text: [UInt8], in file: String, overrides: [String] = [], workers: Int = 1
  ) throws(CommandFailure) -> Planner {
    let kernels = try CommandFailure.usage { () throws(KernelSelectionError) in
      try KernelSet.selected()
    }
    return try planner(kernels: kernels, workers: workers) { () throws(PipelineFileError) in
      try Pipeline(parsing: text, file: file, overrides: overrides, label: "--set")
    }
  }

  /// A pipeline, and all that it needs but images.
  static func planner(
    kernels: KernelSet, workers: Int, _ pipeline: () throws(PipelineFileError) -> Pipeline
  ) throws(CommandFailure) -> Planner {
    let rewrites = try CommandFailure.usage { () throws(RewriteSelectionError) in
      try Rewrites.selected()
    }
    var planner = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try Planner(pipeline(), kernels: kernels, workers: workers)
    }
    planner.rewrites = rewrites
    return planner
  }
}

/// Changes to a pipeline.
struct PipelineChanges: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Change one value for this run, such as 'stages[2].stride=4', or quality=80 where one stage "
        + "has that key. May be repeated.",
      valueName: "path=value"))
  var overrides: [String] = []
}

/// The pipeline file and changes to it, where a plan may have one in its place.
struct PlannablePipelineArguments: ParsableArguments {
  @Argument(
    help: "The pipeline file; none with a plan, which has its own.",
    completion: .file(extensions: ["json"]))
  var file: String?

  @OptionGroup var changes: PipelineChanges

  var overrides: [String] { changes.overrides }

  func validate() throws { try UnnamedPath.check([file], as: "the pipeline") }

  /// Refuses to go on without one.
  func check() throws {
    if file == nil { throw ValidationError("Missing expected argument '<file>'") }
  }

  /// The pipeline, and all that it needs but images.
  func planner(workers: Int) throws(CommandFailure) -> Planner {
    try PipelineArguments.planner(for: file ?? "", overrides: overrides, workers: workers)
  }
}
