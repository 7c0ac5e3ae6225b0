import TesseraBatch
import TesseraCodecs
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// What an image would give, known from its header.
extension PipelineProcessor {
  /// Opens one input and plans it from its header.
  public func prepare(
    _ item: Item, cancellation: Cancellation = Cancellation()
  ) throws(InputFailure) -> Preparation {
    let prepared = try opened(item, cancellation)
    try checkNames(prepared)
    for dataset in datasets {
      if let planned = prepared.plan.dataset(ofStage: dataset.destination.stageIndex) {
        try dataset.check(item, planned)
      }
    }
    return prepared
  }

  /// Refuses pictures of patches that have the names of other outputs of the image.
  private func checkNames(_ prepared: Preparation) throws(InputFailure) {
    guard datasets.contains(where: \.holdsTiles) else { return }
    var seen: Set<PathKey> = []
    for path in prepared.planned.outputs
    where !seen.insert(PathKey(Path.normalized(path))).inserted {
      throw InputFailure(
        .conflict,
        "two stages would both write '\(Path.name(of: path).printable)'; give one of them another `path` or "
          + "`name`", isPlanning: true)
    }
  }

  func opened(
    _ item: Item, _ cancellation: Cancellation
  ) throws(InputFailure) -> Preparation {
    let start = ContinuousClock.now
    let reader = try reader(of: item, cancellation)
    let openingTime = ContinuousClock.now - start
    do throws(PlanningError) {
      let plan = try plans.plan(
        reader.header, of: item.identity, by: planner, cancellation: cancellation)
      let owners = ownDestinations
      let outputs = owners.map { plan.outputs(of: item, to: $0) }
      var planned = PlannedInput(
        outputs: outputs.flatMap(\.self) + tilePaths(of: item, plan),
        memoryByteCount: plan.byteCount.saturating(plus: plan.heldByteCount),
        summary: plan.summary, outputByteCount: plan.outputByteCount)
      planned.openedFile = reader.file
      return Preparation(
        planned: planned, reader: reader, openingTime: openingTime, plan: plan, item: item,
        outputs: Dictionary(uniqueKeysWithValues: zip(owners.map(\.stageIndex), outputs)))
    } catch {
      throw InputFailure(error)
    }
  }

  /// Opens an item: an image, or patches that make up one.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - cancellation: asked while the header is read, and later between rows.
  /// - Returns: its rows.
  /// - Throws: `InputFailure` where it is refused.
  package func reader(
    of item: Item, _ cancellation: Cancellation
  ) throws(InputFailure) -> ImageReader {
    try item.checkArchive()
    do throws(CodecError) {
      if let patches {
        return try patches.reader(of: item, options: planner.decodeOptions, cancellation)
      }
      return try ImageReader(
        source: item.source, options: planner.decodeOptions, cancellation: cancellation)
    } catch {
      throw InputFailure(input: error)
    }
  }

  /// Names of the pictures of all patches.
  private func tilePaths(of item: Item, _ plan: Plan) -> [String] {
    datasets.filter(\.holdsTiles).flatMap { dataset -> [String] in
      guard let grid = plan.dataset(ofStage: dataset.destination.stageIndex)?.gridSize else {
        return []
      }
      return (0..<grid.height * grid.width).map {
        dataset.tilePath(of: item, block: $0, columns: grid.width)
      }
    }
  }
}

extension Plan {
  /// The names of the files that an `encode` writes for an input: one, one per channel, or one and those
  /// that go along.
  fileprivate func outputs(of item: Item, to destination: Destination) -> [String] {
    guard let count = channelFiles(ofStage: destination.stageIndex) else {
      guard let file = file(ofStage: destination.stageIndex), file.format == .npy else {
        return [destination.basePath(for: item)]
      }
      return [destination.basePath(for: item)]
        + file.companions.map { destination.path(for: item, part: $0.form.name) }
    }
    let names = file(ofStage: destination.stageIndex)?.channelNames
    return (0..<count).map { destination.path(for: item, channel: names?[$0] ?? String($0)) }
  }
}
