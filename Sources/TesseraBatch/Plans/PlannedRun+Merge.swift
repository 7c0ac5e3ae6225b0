import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What was put together of shards.
package struct MergeSummary: Sendable {
  /// Shards.
  package let shardCount: Int
  /// Inputs.
  package let inputCount: Int
  /// Inputs that gave nothing.
  package let failedCount: Int
  /// The report.
  package let reportPath: String?
  /// The inputs, in the order of the report.
  package let items: ItemList

  /// How a command that merges ends.
  package var exitStatus: ExitStatus { failedCount > 0 ? .failedInputs : .done }
}

/// Puts what shards have left together, as if one machine had made it.
extension PlannedRun {
  /// Writes report, records, and what tells of all outputs.
  ///
  /// - Parameters:
  ///   - looksAtOutputs: whether all outputs have to be there, of the sizes that were written.
  ///   - cancellation: ends it early; it may be repeated.
  /// - Returns: counts.
  /// - Throws: ``PlanError`` where shards are missing, or what they have left is.
  package func merge(
    lookingAtOutputs looksAtOutputs: Bool = true, cancellation: Cancellation = Cancellation()
  ) throws(PlanError) -> MergeSummary {
    // Whoever waits, waits for shards that are begun again, too.
    if !options.waitsForLock { _ = try failedCountOfAll() }
    let inputs = try PlannedInputs(
      0..<plan.inputCount, of: plan, in: folder, lookingAtFiles: false)
    guard processor.take(common: plan.common, of: inputs) else {
      throw .malformed(
        folder.plan, line: nil, expected: "what its inputs have in common", found: "something else")
    }
    let items = ArrangedItems(inputs.items, ends: plan.ends.map { $0 * (plan.viewCount ?? 1) })
    var lost = LostShards(looking: looksAtOutputs)
    let failedCount = try write(items, &lost, cancellation)
    return MergeSummary(
      shardCount: plan.shards.count, inputCount: items.items.count, failedCount: failedCount,
      reportPath: options.reportPath, items: items.items)
  }

  /// How many inputs have failed.
  ///
  /// - Throws: ``PlanError/incomplete(_:)`` where shards are missing.
  private func failedCountOfAll() throws(PlanError) -> Int {
    var missing: [Int] = []
    var failedCount = 0
    for shard in plan.shards.indices {
      if let done = try CompleteShard(shard, of: plan, digest, in: folder) {
        failedCount += done.failedCount
      } else {
        missing.append(shard)
      }
    }
    guard missing.isEmpty else { throw .incomplete(ShardNumbers(missing)) }
    return failedCount
  }

  private func write(
    _ arranged: ArrangedItems, _ lost: inout LostShards, _ cancellation: Cancellation
  ) throws(PlanError) -> Int {
    let run = BatchRun(processor, on: arranged, options: options)
    guard let places = options.places else {
      preconditionFailure("a plan has a folder of outputs")
    }
    let index = processor.index(of: arranged.items)
    defer { index?.discard() }
    let out: RunFolder
    do throws(BatchError) {
      out = try RunFolder(places, others: run.foldersReferring, options)
    } catch {
      throw .batch(error)
    }
    defer { out.release() }
    // The folder is locked: where there are locks no shard begins any more, but one may have before.
    let failedCount: Int
    do throws(PlanError) {
      try Self.check(run, index)
      failedCount = try failedCountOfAll()
    } catch {
      out.withdraw()
      throw error
    }
    clean(arranged)
    AtomicFile.removeLeftovers(in: folder.path)
    var emptied = EmptyFolders(below: options)
    var report = try PlanError.writing { () throws(FileError) in
      try ReportWriter(at: options.reportPath)
    }
    for shard in plan.shards.indices {
      if cancellation.isCancelled { throw .interrupted }
      try add(shard, of: arranged, to: out, &report, index, &emptied, &lost)
    }
    if let error = lost.error {
      // From now on they are missing to all: whoever looks for what is left to do does them again.
      for shard in lost.numbers {
        try PlanError.writing { () throws(FileError) in
          try FileSystem.removeSurely(folder.done(ofShard: shard))
        }
      }
      throw error
    }
    try PlanError.writing { () throws(FileError) in try out.synchronize() }
    report.finish()
    if let error = report.error { throw .unwritable(error) }
    try PlanError.writing { () throws(FileError) in try index?.finish() }
    // Of a shard whose images all fail nothing is told, and what it was before may still be wanted.
    if let index, failedCount == 0 { run.removeSurplus(index, knowing: out.records) }
    emptied.remove()
    return failedCount
  }

  /// Refuses to replace what is somebody's.
  private static func check(
    _ run: BatchRun<Processor>, _ index: (any RunIndex)?
  ) throws(PlanError) {
    do throws(BatchError) {
      try run.checkReport()
      _ = try IndexPlaces(index, overwriting: false)
    } catch {
      throw .batch(error)
    }
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
