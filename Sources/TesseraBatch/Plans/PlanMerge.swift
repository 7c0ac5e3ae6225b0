import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Puts what shards have left together, as if one machine had made it.
package struct PlanMerge<Processor: PlannableProcessor> {
  /// What was put together.
  package struct Summary: Sendable {
    /// Shards.
    package let shardCount: Int
    /// Inputs.
    package let inputCount: Int
    /// Inputs that gave nothing.
    package let failedCount: Int
    /// The report.
    package let reportPath: String?

    /// How a command that merges ends.
    package var exitStatus: ExitStatus { failedCount > 0 ? .failedInputs : .done }
  }

  let plan: RunPlan
  private let digest: String
  let folder: PlanFolder
  let processor: Processor
  private let options: BatchOptions

  /// Makes ready.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - digest: what tells it from others.
  ///   - folder: where it is.
  ///   - processor: that of its pipeline.
  ///   - options: the folder of the outputs, and others that the pipeline writes to.
  /// - Throws: ``PlanError`` where version or pipeline are not those of the plan.
  package init(
    _ plan: RunPlan, digest: String, in folder: PlanFolder, _ processor: Processor,
    options: BatchOptions
  ) throws(PlanError) {
    try plan.check(options)
    self.plan = plan
    self.digest = digest
    self.folder = folder
    self.processor = processor
    self.options = options
  }

  /// Writes report, records, and what tells of all outputs.
  ///
  /// - Parameter cancellation: ends it early; it may be repeated.
  /// - Returns: counts.
  /// - Throws: ``PlanError`` where shards are missing, or what they have left is.
  package func merge(cancellation: Cancellation = Cancellation()) throws(PlanError) -> Summary {
    var missing: [Int] = []
    var failedCount = 0
    for shard in plan.shards.indices {
      if let done = CompleteShard(shard, of: digest, in: folder) {
        failedCount += done.failedCount
      } else {
        missing.append(shard)
      }
    }
    guard missing.isEmpty else { throw .incomplete(ShardNumbers(missing)) }
    var inputs = try PlannedInputs(
      0..<plan.inputCount, of: plan, in: folder, lookingAtFiles: false)
    inputs.items.viewCount = plan.viewCount
    guard processor.take(common: plan.common, of: inputs) else {
      throw .malformed(
        folder.plan, line: nil, expected: "what its inputs have in common", found: "something else")
    }
    let items = ArrangedItems(inputs.items, ends: plan.ends.map { $0 * (plan.viewCount ?? 1) })
    try write(items, removesSurplus: failedCount == 0, cancellation)
    return Summary(
      shardCount: plan.shards.count, inputCount: items.items.count, failedCount: failedCount,
      reportPath: options.reportPath)
  }

  private func write(
    _ arranged: ArrangedItems, removesSurplus: Bool, _ cancellation: Cancellation
  ) throws(PlanError) {
    let run = BatchRun(processor, on: arranged, options: options)
    guard let places = options.places else {
      preconditionFailure("a plan has a folder of outputs")
    }
    let index = processor.index(of: arranged.items)
    defer { index?.discard() }
    let out: RunFolder
    do throws(BatchError) {
      out = try RunFolder(places, others: run.foldersReferring, options)
      try run.checkReport()
      _ = try IndexPlaces(index, overwriting: false)
    } catch {
      throw .batch(error)
    }
    defer { out.release() }
    clean(arranged)
    var emptied = EmptyFolders(below: options)
    var report = try PlanError.writing { () throws(FileError) in
      try ReportWriter(at: options.reportPath)
    }
    for shard in plan.shards.indices {
      if cancellation.isCancelled { throw .interrupted }
      try add(shard, of: arranged, to: out, &report, index, &emptied)
    }
    try PlanError.writing { () throws(FileError) in try out.synchronize() }
    report.finish()
    if let error = report.error { throw .unwritable(error) }
    try PlanError.writing { () throws(FileError) in try index?.finish() }
    // Of a shard whose images all fail nothing is told, and what it was before may still be wanted.
    if let index, removesSurplus { run.removeSurplus(index, knowing: out.records) }
    emptied.remove()
  }

  /// Removes what attempts that were killed have left.
  private func clean(_ arranged: ArrangedItems) {
    let shards = ShardList(arranged, for: processor)
    var seen: Set<PathKey> = []
    func clean(_ folder: String) {
      let key = PathKey(Path.normalized(folder))
      if seen.insert(key).inserted { AtomicFile.removeLeftovers(in: folder) }
    }
    for index in shards.indices {
      for output in shards[index].outputs { clean(Path.folder(of: output.path)) }
    }
    for shard in plan.shards.indices { clean(folder.folder(ofShard: shard)) }
    clean(Path.folder(of: folder.done(ofShard: 0)))
  }
}
