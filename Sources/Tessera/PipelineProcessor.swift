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
  /// The datasets among them.
  let datasets: [DatasetOutput]
  /// The pipeline, ready to plan.
  public let planner: Planner
  /// Where inputs come from, where those are arrays of patches.
  let patches: PatchArrays?
  let plans = PlanCache()
  /// The image that speaks for all of a dataset, once they have been looked at.
  let reference = Locked<ReferenceImage?>(nil)
  private let permits: Permits

  /// Looks up where the pipeline writes.
  ///
  /// - Parameters:
  ///   - planner: the pipeline, ready to plan.
  ///   - outputDirectory: takes the place of the deepest folder that holds the `path` of every
  ///     `encode`; one without writes straight to it.
  /// - Throws: `PipelineFileError` where an `encode` has no folder, or two have the same files.
  public init(_ planner: Planner, outputDirectory: String? = nil) throws(PipelineFileError) {
    let destinations = try planner.pipeline.destinations(in: outputDirectory)
    self.init(planner, to: destinations, try planner.pipeline.datasets(to: destinations))
  }

  /// Writes where the pipeline says, and refuses one that says nothing in somebody's words.
  package init(_ planner: Planner, for audience: Audience) throws(PipelineFileError) {
    let destinations = try planner.pipeline.destinations(in: nil, for: audience)
    self.init(planner, to: destinations, try planner.pipeline.datasets(to: destinations))
  }

  /// Writes one input to one file.
  ///
  /// - Parameters:
  ///   - planner: the pipeline, ready to plan, with one `encode`, which makes no dataset.
  ///   - outputFile: the file, in place of `path` and `name`.
  public init(_ planner: Planner, outputFile: String) {
    let stages = planner.pipeline.outputStages
    precondition(
      stages.count == 1 && stages[0].files.dataset == nil, "one file is that of one stage")
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

  private init(
    _ planner: Planner, to destinations: [Destination], _ datasets: [DatasetOutput] = []
  ) {
    self.planner = planner
    self.destinations = destinations
    self.datasets = datasets
    patches = planner.source.patchInputs.map {
      PatchArrays($0, datasetFolder: $0.dataset.map(planner.pipeline.resolve))
    }
    permits = Permits(planner.workers)
  }

  /// An input with its header read.
  public struct Preparation: PreparedInput {
    /// What it would write, and the memory it takes.
    public let planned: PlannedInput
    let reader: ImageReader
    let openingTime: Duration
    let plan: Plan
    let item: Item
    /// Final names by stage.
    let outputs: [Int: [String]]
  }

  /// One name per `encode` for each of the items, or for all of them where they share a file.
  public func outputs(of place: ShardPlace, in items: ItemList) -> [OutputName] {
    let shared = datasets.filter { $0.files.imagesPerShard != nil }
      .flatMap { $0.paths(of: place).map { OutputName($0) } }
    let tiles = datasets.filter(\.holdsTiles)
    return shared
      + place.items.flatMap { index in
        ownDestinations.map { OutputName($0.basePath(for: items[index]), item: index) }
          + tiles.map {
            OutputName($0.tilePath(of: items[index], block: 0, columns: 1), item: index)
          }
      }
  }

  /// Destinations at which every input has files of its own.
  var ownDestinations: [Destination] {
    if datasets.isEmpty { return destinations }
    return destinations.filter { dataset(ofStage: $0.stageIndex) == nil }
  }

  private func dataset(ofStage index: Int) -> DatasetOutput? {
    datasets.first { $0.destination.stageIndex == index }
  }

  /// How many images share the files of datasets.
  public var itemsPerShard: Int { datasets.lazy.compactMap(\.files.imagesPerShard).first ?? 1 }

  /// What the items are called in datasets.
  public func keys(of item: Item) -> [String] { datasets.map { $0.key(of: item) } }

  /// The order of the items, parted as datasets are.
  public func arranged(_ items: ItemList) -> ArrangedItems {
    guard let dataset = datasets.first, let split = dataset.files.split else {
      return ArrangedItems(items)
    }
    var parts = split.names.map { _ in ItemList() }
    for item in items.withoutViews { parts[dataset.part(of: item)].append(item) }
    var all = ItemList()
    all.viewCount = items.viewCount
    let ends = parts.map { part in
      for item in part { all.append(item) }
      return all.count
    }
    return ArrangedItems(all, ends: ends)
  }

  /// Finds out what the images of datasets have in common: what the first of them has that can be
  /// planned.
  public func look(at items: ItemList, cancellation: Cancellation) {
    if datasets.isEmpty { return }
    var plan: Plan?
    for item in items where plan == nil && !cancellation.isCancelled {
      guard let opened = try? opened(item, cancellation) else { continue }
      plan = opened.plan
      reference.withLock { $0 = ReferenceImage(opened.reader.header, item.identity) }
    }
    for dataset in datasets {
      let stage = dataset.destination.stageIndex
      let reference = plan?.dataset(ofStage: stage)
      dataset.take(items, reference: reference) { item in
        if let reference, !reference.form.isJoined { return reference.blockCount }
        if cancellation.isCancelled { return 0 }
        return (try? opened(item, cancellation))?.plan.dataset(ofStage: stage)?.blockCount ?? 0
      }
    }
  }

  /// What tells of all datasets.
  public func index(of items: ItemList) -> (any RunIndex)? {
    var sharedFromEnd = 0
    let indices = datasets.reversed().map { dataset in
      if dataset.files.imagesPerShard != nil { sharedFromEnd += dataset.filesPerShard }
      return DatasetIndex(
        dataset, of: planner.pipeline, recipe: planner.pipeline.recipe,
        sharedFromEnd: sharedFromEnd)
    }
    return indices.isEmpty ? nil : DatasetIndices(indices.reversed())
  }

  /// Whether what was kept of an item still tells what it would be now.
  public func isCurrent(_ details: String) -> Bool {
    if datasets.isEmpty { return true }
    guard let report = try? JSONParser.parse(Array(details.utf8)) else { return false }
    return datasets.allSatisfy { dataset in
      let entry = report["dataset"]?[String(dataset.destination.stageIndex)]
      return entry == nil || entry?["basis"]?.string == dataset.common.digest
    }
  }

  /// Whether a stage would write there for the item, with however many channels.
  public func writes(_ path: String, for item: Item) -> Bool {
    ownDestinations.contains {
      $0.writes(path, for: item) || $0.writesPart(path, for: item)
    }
      || datasets.contains { $0.holdsTiles && $0.writesTile(path, for: item) }
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

  /// Lets buffers go that the next image may have no use for.
  public func releaseIdleMemory(keeping byteCount: Int) {
    planner.tools.workspace.release(keeping: byteCount)
  }

  /// Files that are named together, once all of them are whole.
  public func collector(
    for shard: Shard, plans: [PlannedInput?]
  ) throws(InputFailure) -> PipelineCollector {
    var shared: [PipelineCollector.Shared] = []
    let owners = datasets.filter { $0.files.imagesPerShard != nil }
    var names = shard.outputs.map(\.path)[...]
    for dataset in owners {
      let own = names.prefix(dataset.filesPerShard)
      names = names.dropFirst(own.count)
      do throws(FileError) {
        guard let file = try dataset.shardFile(at: Array(own), images: shard.items.count) else {
          continue
        }
        shared.append(
          PipelineCollector.Shared(stageIndex: dataset.destination.stageIndex, shard: file))
      } catch {
        throw InputFailure(output: error, stageIndex: dataset.destination.stageIndex)
      }
    }
    return PipelineCollector(shared)
  }

  /// Runs one input to its end.
  public func process(
    _ prepared: Preparation, into slot: PipelineCollector.Slot, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    var result = InputResult()
    result.decoder = prepared.reader.header.decoder
    result.source = prepared.plan.source.layout.shape
    result.blocks = prepared.plan.blockCount
    do throws(InputFailure) {
      let image = try run(prepared, cancellation, &result)
      try hand(over: image, of: prepared, to: slot, &result, cancellation)
    } catch {
      if error == .cancelled { throw Cancelled() }
      result.error = error
    }
    return result
  }

  private func run(
    _ prepared: Preparation, _ cancellation: Cancellation, _ result: inout InputResult
  ) throws(InputFailure) -> ImageResult {
    var image = ImageResult()
    defer { result.take(image, of: planner.pipeline) }
    do throws(RunFailure) {
      let execution = try ImageExecution(
        prepared.plan.work, reader: prepared.reader, openingTime: prepared.openingTime,
        outputs: names(of: prepared), planner.tools, cancellation: cancellation)
      try permits.withThreads(upTo: prepared.plan.work.workers) { (workers) throws(RunFailure) in
        try execution.execute(into: &image, workers: workers)
      }
      return image
    } catch {
      throw InputFailure(error)
    }
  }
}
