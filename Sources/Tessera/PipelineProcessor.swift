import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// Runs a pipeline on one file at a time, for any number of workers.
public struct PipelineProcessor: InputProcessor {
  /// Where the pipeline writes.
  public let destinations: [Destination]
  private let planner: Planner
  private let plans = PlanCache()
  private let permits: Permits

  /// Creates a processor.
  ///
  /// - Parameters:
  ///   - planner: the pipeline, ready to plan.
  ///   - outputDirectory: takes the place of the `path` of every `encode`.
  /// - Throws: `PipelineFileError` where an `encode` has no folder, or two have the same files.
  public init(_ planner: Planner, outputDirectory: String? = nil) throws(PipelineFileError) {
    self.planner = planner
    permits = Permits(planner.workers)
    destinations = try planner.pipeline.destinations(in: outputDirectory)
  }

  /// An input with its header read.
  public struct Preparation: PreparedInput {
    /// What it would write, and the memory it takes.
    public let planned: PlannedInput
    fileprivate let reader: ImageReader
    fileprivate let plan: Plan
    /// Final names by stage.
    fileprivate let outputs: [Int: [String]]
  }

  /// Opens one input and plans it from its header.
  public func prepare(_ input: InputFile) throws(InputFailure) -> Preparation {
    let reader: ImageReader
    do throws(CodecError) {
      reader = try ImageReader(path: input.path, options: planner.decodeOptions)
    } catch {
      throw InputFailure(input: error)
    }
    do throws(PlanningError) {
      let plan = try plans.plan(reader.header, by: planner)
      let outputs = destinations.map { plan.outputs(of: input, to: $0) }
      return Preparation(
        planned: PlannedInput(
          outputs: outputs.flatMap(\.self), memoryByteCount: plan.byteCount, summary: plan.summary),
        reader: reader, plan: plan,
        outputs: Dictionary(uniqueKeysWithValues: zip(destinations.map(\.stageIndex), outputs)))
    } catch {
      throw InputFailure(
        .plan, error.description, stageIndex: error.stageIndex, key: error.key, isPlanning: true)
    }
  }

  /// Runs one input to its end.
  public func process(
    _ prepared: Preparation, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    var result = InputResult()
    result.decoder = prepared.reader.header.decoder
    result.source = prepared.plan.source.layout.shape
    result.blocks = prepared.plan.blockCount
    do throws(RunError) {
      let execution = try ImageExecution(
        prepared.plan.work, reader: prepared.reader, outputs: prepared.outputs, planner.tools,
        cancellation: cancellation)
      try permits.withThreads(upTo: prepared.plan.work.workers) { (workers) throws(RunError) in
        var image = ImageResult()
        defer { result.take(image) }
        try execution.execute(into: &image, workers: workers)
      }
    } catch .cancelled {
      throw Cancelled()
    } catch {
      result.error = InputFailure(error)
    }
    return result
  }
}

extension InputResult {
  /// Takes over what the run of an image gave.
  fileprivate mutating func take(_ image: ImageResult) {
    warnings += image.warnings
    isPartial = image.isPartial
    outputs = image.outputs.map {
      OutputFile(path: $0.path, byteCount: $0.byteCount, shape: $0.shape, dtype: $0.dtype)
    }
    metrics = image.figures.map { Metric($0.metric.rawValue, $0.value) }
    stageTimes = image.secondsByStage.map {
      StageTime(stageIndex: $0.stageIndex, seconds: $0.seconds)
    }
    if image.counts.quantized > 0 {
      saturatedFraction = Double(image.counts.saturated) / Double(image.counts.quantized)
    }
  }
}

extension Pipeline {
  /// One destination per `encode`.
  fileprivate func destinations(
    in outputDirectory: String?
  ) throws(PipelineFileError) -> [Destination] {
    var destinations: [Destination] = []
    var diagnostics: [Diagnostic] = []
    for (index, stage) in stages.enumerated() {
      guard let files = (stage as? any OutputStage)?.files else { continue }
      guard let directory = outputDirectory ?? files.folder.map(resolve) else {
        diagnostics.append(
          diagnostic(
            stage: index, key: nil, expected: "\"path\", or an output folder in the command",
            found: "neither"))
        continue
      }
      let destination = Destination(
        stageIndex: index, directory: directory, fileExtension: files.fileExtension,
        nameTemplate: files.name)
      if let first = destinations.first(where: { $0.writesSameFiles(as: destination) }) {
        diagnostics.append(
          diagnostic(
            stage: index, key: "path",
            expected: "a folder, format or name of its own",
            found: "those of stages[\(first.stageIndex)], so that both would write the same files"))
      }
      destinations.append(destination)
    }
    guard diagnostics.isEmpty else { throw PipelineFileError(diagnostics, file: file) }
    return destinations
  }
}

extension Destination {
  /// Whether every input has one output for both.
  fileprivate func writesSameFiles(as other: Destination) -> Bool {
    Path.normalizedParts(directory) == Path.normalizedParts(other.directory)
      && fileExtension == other.fileExtension && nameTemplate == other.nameTemplate
  }
}

extension Plan {
  /// The names of the files that an `encode` writes for an input: one, or one per channel.
  fileprivate func outputs(of input: InputFile, to destination: Destination) -> [String] {
    guard let count = channelFiles(ofStage: destination.stageIndex) else {
      return [destination.basePath(for: input)]
    }
    return (0..<count).map { destination.path(for: input, channel: $0) }
  }
}

extension InputFailure {
  /// What ended the run of an image.
  fileprivate init(_ error: RunError) {
    switch error {
    case .input(let error): self.init(input: error)
    case .output(let error, let stage): self.init(output: error, stageIndex: stage)
    case .encoder: self.init(.write, error.description)
    case .missed, .pictureReadBack, .arrayReadBack, .arrayDiffers:
      self.init(.requirement, error.description)
    case .cancelled, .bug: self.init(.bug, error.description)
    }
  }

  /// What a decoder refused.
  fileprivate init(input error: CodecError) {
    let kind: Kind =
      switch error {
      case .unknownFormat, .malformed: .malformed
      case .unsupported: .unsupported
      case .tooManyPixels, .overLimit: .limit
      case .truncated: .truncated
      case .damaged: .damaged
      case .warning: .warning
      case .notAFile, .io: .unreadable
      }
    self.init(kind, error.description)
  }
}
