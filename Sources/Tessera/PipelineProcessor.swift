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
  /// Where the pipeline writes, one per `encode`, in order of the stages.
  public let destinations: [Destination]
  private let planner: Planner
  private let plans = PlanCache()
  private let permits: Permits

  /// Looks up where the pipeline writes.
  ///
  /// - Parameters:
  ///   - planner: the pipeline, ready to plan.
  ///   - outputDirectory: takes the place of the deepest folder that holds the `path` of every
  ///     `encode`; one without writes straight to it.
  /// - Throws: `PipelineFileError` where an `encode` has no folder, or two have the same files.
  public init(_ planner: Planner, outputDirectory: String? = nil) throws(PipelineFileError) {
    self.init(planner, to: try planner.pipeline.destinations(in: outputDirectory))
  }

  /// Writes where the pipeline says, and refuses one that says nothing in somebody's words.
  package init(_ planner: Planner, for audience: Audience) throws(PipelineFileError) {
    self.init(planner, to: try planner.pipeline.destinations(in: nil, for: audience))
  }

  /// Writes one input to one file.
  ///
  /// - Parameters:
  ///   - planner: the pipeline, ready to plan, with one `encode`.
  ///   - outputFile: the file, in place of `path` and `name`.
  public init(_ planner: Planner, outputFile: String) {
    let stages = planner.pipeline.outputStages
    precondition(stages.count == 1, "one file is that of one stage")
    let folder = Path.folder(of: outputFile)
    self.init(
      planner,
      to: stages.map { index, files in
        Destination(
          stageIndex: index, directory: folder.isEmpty ? "." : folder,
          fileExtension: files.fileExtension,
          nameTemplate: NameTemplate(literal: Path.name(of: outputFile)))
      })
  }

  private init(_ planner: Planner, to destinations: [Destination]) {
    self.planner = planner
    self.destinations = destinations
    permits = Permits(planner.workers)
  }

  /// An input with its header read.
  public struct Preparation: PreparedInput {
    /// What it would write, and the memory it takes.
    public let planned: PlannedInput
    fileprivate let reader: ImageReader
    fileprivate let openingTime: Duration
    fileprivate let plan: Plan
    /// Final names by stage.
    fileprivate let outputs: [Int: [String]]
  }

  /// One name per `encode` for each of the items.
  public func outputs(of range: Range<Int>, in items: ItemList) -> [OutputName] {
    range.flatMap { index in
      destinations.map { OutputName($0.basePath(for: items[index]), item: index) }
    }
  }

  /// Whether a stage would write there for the item, with however many channels.
  public func writes(_ path: String, for item: Item) -> Bool {
    destinations.contains { $0.writes(path, for: item) }
  }

  /// A `name` for the stage whose outputs collide.
  public func advice(separating items: ItemList) -> String? {
    let colliding = destinations.first { destination in
      var paths: Set<String> = []
      return !items.allSatisfy { paths.insert(destination.basePath(for: $0)).inserted }
    }
    guard let colliding, let template = colliding.template(separating: items) else { return nil }
    return "stages[\(colliding.stageIndex)].name=\(template)"
  }

  /// Opens one input and plans it from its header.
  public func prepare(
    _ item: Item, cancellation: Cancellation = Cancellation()
  ) throws(InputFailure) -> Preparation {
    let start = ContinuousClock.now
    let reader: ImageReader
    let openingTime: Duration
    do throws(CodecError) {
      reader = try ImageReader(
        source: item.source, options: planner.decodeOptions, cancellation: cancellation)
      openingTime = ContinuousClock.now - start
    } catch {
      throw InputFailure(input: error)
    }
    do throws(PlanningError) {
      let plan = try plans.plan(
        reader.header, of: item.identity, by: planner, cancellation: cancellation)
      let outputs = destinations.map { plan.outputs(of: item, to: $0) }
      return Preparation(
        planned: PlannedInput(
          outputs: outputs.flatMap(\.self), memoryByteCount: plan.byteCount, summary: plan.summary,
          outputByteCount: plan.outputByteCount),
        reader: reader, openingTime: openingTime, plan: plan,
        outputs: Dictionary(uniqueKeysWithValues: zip(destinations.map(\.stageIndex), outputs)))
    } catch {
      throw InputFailure(error)
    }
  }

  /// Lets buffers go that the next image may have no use for.
  public func releaseIdleMemory(keeping byteCount: Int) {
    planner.tools.workspace.release(keeping: byteCount)
  }

  /// Files that are named together, once all of them are whole.
  public func collector(for shard: Shard, plans: [PlannedInput?]) -> FileCollector {
    FileCollector()
  }

  /// Runs one input to its end.
  public func process(
    _ prepared: Preparation, into slot: FileCollector.Slot, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    var result = InputResult()
    result.decoder = prepared.reader.header.decoder
    result.source = prepared.plan.source.layout.shape
    result.blocks = prepared.plan.blockCount
    do throws(RunFailure) {
      let execution = try ImageExecution(
        prepared.plan.work, reader: prepared.reader, openingTime: prepared.openingTime,
        outputs: prepared.outputs, planner.tools, cancellation: cancellation)
      try permits.withThreads(upTo: prepared.plan.work.workers) { (workers) throws(RunFailure) in
        var image = ImageResult()
        defer { result.take(image, of: planner.pipeline) }
        try execution.execute(into: &image, workers: workers)
        for file in image.files { slot.add(file.file, shape: file.shape, dtype: file.dtype) }
      }
    } catch {
      if error.error == .cancelled { throw Cancelled() }
      result.error = InputFailure(error)
    }
    return result
  }
}

extension Item {
  /// What random choices follow from: the name without its extension.
  package var identity: ImageIdentity {
    let (stem, _) = Path.split(name: Path.name(of: name))
    return ImageIdentity(key: Path.join(Path.folder(of: name), stem))
  }
}

extension Plan {
  /// The names of the files that an `encode` writes for an input: one, or one per channel.
  fileprivate func outputs(of item: Item, to destination: Destination) -> [String] {
    guard let count = channelFiles(ofStage: destination.stageIndex) else {
      return [destination.basePath(for: item)]
    }
    return (0..<count).map { destination.path(for: item, channel: $0) }
  }
}
