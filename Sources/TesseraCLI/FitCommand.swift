import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// `tessera fit`.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Learn mean, covariance and principal directions of the patches of a folder.",
    discussion: """
      Sends images through the stages before the first transform.pca or transform.zca, or else before \
      the first that takes patches out of the flow, and learns from what comes: the pipeline that uses \
      the statistics is the one to learn them with. Nothing else is written. The number of jobs changes \
      no byte.

      EXAMPLES
        tessera fit Pipelines/pca_denoise.json -i photos -o photos.safetensors
      """)

  @OptionGroup var pipeline: PipelineArguments

  @OptionGroup var inputs: InputArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The .safetensors file to write.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var output: String

  @OptionGroup var jobs: JobsArgument

  @Flag(help: "End with a summary as JSON on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show only errors.")
  var quiet = false

  @Flag(help: "Replace the file where it exists.")
  var overwrite = false

  func validate() throws {
    try UnnamedPath.check([output], as: "--output")
    guard output.lowercased().hasSuffix(".safetensors") else {
      throw ValidationError(
        "--output '\(output.printable)': expected the name of a .safetensors file")
    }
  }

  func run() throws {
    let fit: PatchFit
    do {
      fit = try PatchFit(try wholePipeline())
    } catch {
      throw failure(error)
    }
    let exists = FileStatus(of: output, followingLinks: false) != nil
    if exists, !overwrite {
      throw CommandFailure(
        .cannotCreate, "'\(output.printable)' exists already; --overwrite replaces it", file: output
      )
    }
    SignalWatch()
    let inputs = try inputs.discover(
      for: fit.processor, outputFolders: [], cancellation: SignalWatch.cancellation)
    let listing = Locked(FitListing(unreadable: inputs.unreadableFolders))
    let statistics: PatchStatistics
    do {
      statistics = try fit.run(
        on: inputs.items, jobs: jobs.count,
        cancellation: SignalWatch.cancellation
      ) { image in listing.withLock { $0.add(image) } }
    } catch {
      if let errors = listing.withLock({ $0.errors }) { Console.error(errors) }
      throw failure(error)
    }
    do {
      try statistics.write(to: output, overwrites: overwrite)
    } catch {
      throw CommandFailure(
        error.operation == .create ? .cannotCreate : .cannotWrite, error.description, file: output)
    }
    let told = listing.withLock { $0 }
    if !quiet { Console.note(told.overview(statistics, output, inputs)) }
    if let errors = told.errors { Console.error(errors) }
    if json { Console.emit(JSONWriter.compact(told.json(statistics, output))) }
    if told.errors != nil { throw CommandFailure(.failedInputs) }
  }

  /// The pipeline, which need not write anything.
  private func wholePipeline() throws -> Pipeline {
    let text = try PipelineArguments.text(of: pipeline.file)
    return try CommandFailure.pipeline { () throws(PipelineFileError) in
      try Pipeline(parsingToFit: text, file: pipeline.file, overrides: pipeline.overrides)
    }
  }

  /// How the command ends where nothing is learned.
  private func failure(_ error: any Error) -> any Error {
    switch error {
    case let error as PatchStatisticsError:
      switch error {
      case .noPatches:
        CommandFailure(
          .badPipeline, "\(pipeline.file.printable): \(error)", file: pipeline.file)
      case .noLinearAlgebra: CommandFailure(.system, error.description)
      case .tooFew, .tooLarge, .noEigenvectors:
        CommandFailure(.failedInputs, error.description)
      }
    case let error as PipelineFileError: CommandFailure(error)
    case let error as KernelSelectionError: CommandFailure(.usage, error.description)
    case is Cancelled:
      CommandFailure(.interrupted, "interrupted; nothing has been written")
    default: error
    }
  }
}

/// What is told of the images that were learned from.
private struct FitListing {
  private var imageCount = 0
  private var failureCount = 0
  private var examples: [String] = []
  /// Folders whose images are missing, in sentences.
  private let unreadable: [String]

  init(unreadable folders: FirstFound<FileError>) {
    unreadable = FailureList.lines(ofUnreadable: folders)
  }

  /// Failures that are told one by one.
  private static let mostExamples = 10

  mutating func add(_ image: PatchFit.Image) {
    imageCount += 1
    guard let failure = image.failure else { return }
    failureCount += 1
    if examples.count < Self.mostExamples {
      examples.append("\(image.item.name): \(failure.message)")
    }
  }

  /// The folders that could not be read, and the images that failed; `nil` where there are none.
  var errors: String? {
    var lines = unreadable
    if failureCount > 0 {
      let rest = failureCount - examples.count
      lines.append(failureCount.counted("input") + " failed:")
      lines += examples.map { "  " + $0 } + (rest > 0 ? ["  … and \(rest) more"] : [])
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  func overview(
    _ statistics: PatchStatistics, _ output: String, _ inputs: DiscoveredInputs
  ) -> String {
    let learned = imageCount - failureCount
    let images = learned.counted("image")
    var lines = [
      "\(images), \(statistics.count) patches of \(statistics.length) values → \(output.printable)"
    ]
    if statistics.leftOutCount > 0 {
      lines.append(
        "warning: \(statistics.leftOutCount) patches were left out, for they have values that are not finite"
      )
    }
    if inputs.skippedCount > 0 {
      lines.append(SummaryText.passedOver(inputs.skippedCount))
    }
    return (lines + inputs.warnings).joined(separator: "\n")
  }

  func json(_ statistics: PatchStatistics, _ output: String) -> JSONValue {
    func number(_ value: Int) -> JSONValue { JSONValue(.number(JSONNumber(value))) }
    return JSONValue(
      .object([
        JSONMember("output", JSONValue(.string(output))),
        JSONMember("images", number(imageCount - failureCount)),
        JSONMember("failed", number(failureCount)),
        JSONMember("patches", number(statistics.count)),
        JSONMember("left_out", number(statistics.leftOutCount)),
        JSONMember("length", number(statistics.length)),
        JSONMember(
          "errors", JSONValue(.array((unreadable + examples).map { JSONValue(.string($0)) }))),
      ]))
  }
}
