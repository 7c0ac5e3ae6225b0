import Glibc
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A plan with what works on it: does its shards, one at a time, and puts together what they have left.
package struct PlannedRun<Processor: PlannableProcessor> {
  package let plan: RunPlan
  let digest: String
  let folder: PlanFolder
  package let processor: Processor
  let options: BatchOptions

  /// Makes ready.
  ///
  /// - Parameters:
  ///   - plan: the plan; its roots and its output may have been moved.
  ///   - digest: what tells it from others.
  ///   - folder: where it is.
  ///   - processor: that of its pipeline.
  ///   - options: workers, memory, and the folder of the outputs.
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

  /// Where the report of all shards goes.
  package var reportPath: String? { options.reportPath }

  /// Shards some of whose inputs have failed.
  package var failedShards: ShardNumbers {
    get throws(PlanError) {
      var failed: [Int] = []
      for shard in plan.shards.indices {
        let done = try CompleteShard(shard, of: plan, digest, in: folder)
        if let done, done.failedCount > 0 { failed.append(shard) }
      }
      return ShardNumbers(failed)
    }
  }

  /// Does what is left of a shard.
  ///
  /// - Parameters:
  ///   - shard: its number.
  ///   - cancellation: ends it early; it goes on from there the next time.
  ///   - onProgress: called on the calling thread about ten times a second, and once at the end.
  /// - Returns: counts, failures and times.
  /// - Throws: ``PlanError`` where the shard is refused, or inputs are not those of the plan.
  package func run(
    _ shard: Int, cancellation: Cancellation, onProgress: (RunProgress) -> Void
  ) throws(PlanError) -> RunSummary {
    guard plan.shards.indices.contains(shard) else {
      throw .noSuchShard(shard, count: plan.shards.count)
    }
    let range = plan.shards[shard]
    let inputs = try PlannedInputs(range, of: plan, in: folder)
    try inputs.check(of: shard, in: plan)
    guard processor.take(common: plan.common, of: inputs) else {
      throw .malformed(
        folder.plan, line: nil, expected: "what its inputs have in common", found: "something else")
    }
    let failure = Locked<FileError?>(nil)
    let run = BatchRun(
      processor, on: arranged(inputs, range),
      options: options(of: shard, inputs) { error in failure.withLock { $0 = error } })
    let heartbeat = Heartbeat(shard, in: folder)
    defer { heartbeat.end() }
    let summary: RunSummary
    do throws(BatchError) {
      summary = try run.run(cancellation: cancellation) { progress in
        heartbeat.tell(progress)
        onProgress(progress)
      }
    } catch .folderInUse(let used) where PathKey(used) == PathKey(folder.folder(ofShard: shard)) {
      throw .shardInUse(shard)
    } catch {
      throw .batch(error)
    }
    if let error = failure.withLock({ $0 }) { throw .unwritable(error) }
    if case .inputChanged(let planned, let found)? = summary.endingFailure?.cause {
      let path = summary.failures.lazy.flatMap(\.examples).first { $0.failure.kind == .changed }?
        .path
      throw .input(path ?? "", planned: planned, found: found)
    }
    return summary
  }

  private func options(
    of shard: Int, _ inputs: PlannedInputs, _ failed: @escaping @Sendable (FileError) -> Void
  ) -> BatchOptions {
    var options = options
    options.stateFolder = folder.folder(ofShard: shard)
    options.reportPath = folder.report(ofShard: shard)
    options.planned = PlannedPart(
      identities: inputs.identities, viewCount: plan.viewCount ?? 1,
      done: folder.done(ofShard: shard),
      text: { [digest] summary, report in
        CompleteShard(
          shard: shard, plan: digest, inputCount: summary.progress.total,
          failedCount: summary.progress.failedCount, report: report,
          seconds: summary.progress.seconds, host: Host.name
        ).text
      }, report: folder.report(ofShard: shard), failed: failed)
    return options
  }

  /// The items of a shard in the parts of the whole.
  private func arranged(_ inputs: PlannedInputs, _ range: Range<Int>) -> ArrangedItems {
    let views = plan.viewCount ?? 1
    var (ends, numbers) = ([Int](), [Int]())
    var start = 0
    for end in plan.ends {
      let part = (start..<end).clamped(to: range)
      ends.append((ends.last ?? 0) + part.count * views)
      numbers.append(part.isEmpty ? 0 : (part.lowerBound - start) * views / plan.itemsPerFile)
      start = end
    }
    var arranged = ArrangedItems(inputs.items, ends: ends)
    arranged.firstNumbers = numbers
    return arranged
  }
}

extension RunPlan {
  /// Refuses other versions and other pipelines.
  func check(_ options: BatchOptions) throws(PlanError) {
    guard version == options.version else {
      throw .version(planned: version, found: options.version)
    }
    guard recipe == options.recipe else {
      throw .pipeline(planned: recipe, found: options.recipe)
    }
  }
}

extension PlannedInputs {
  /// Refuses inputs of other sizes than those of the plan; one that is missing fails by itself, but not
  /// all of them.
  fileprivate func check(of shard: Int, in plan: RunPlan) throws(PlanError) {
    let items = items.withoutViews
    // Those that could not be read when they were planned need not be there now.
    var isAnyThere = items.isEmpty || plan.hasDigests && identities.allSatisfy { $0.hash == nil }
    for (item, identity) in zip(items, identities) {
      guard FileStatus(of: item.source.path) != nil else { continue }
      isAnyThere = true
      if item.byteCount == identity.byteCount { continue }
      let found = Identity(
        byteCount: item.byteCount,
        hash: identity.hash.flatMap { _ in FileDigest(ofFile: item.source)?.hash })
      throw .input(item.shownPath, planned: identity.description, found: found.description)
    }
    guard isAnyThere else {
      throw .noInputs(
        shard: shard, count: items.count, folder: plan.roots.first?.path ?? "")
    }
  }
}

extension RunSummary {
  /// Whether nothing of it need be done again: every input is done, or has failed in a way of its own.
  var isComplete: Bool {
    notRunCount == 0 && reportError == nil
      && !failures.contains { [.create, .write, .bug, .changed, .exists].contains($0.kind) }
  }
}

/// Tells others from time to time that somebody works on a shard.
private final class Heartbeat {
  private let shard: Int
  private let path: String
  private var next = ContinuousClock.now
  private var isBegun = false

  init(_ shard: Int, in folder: PlanFolder) {
    self.shard = shard
    path = folder.running(ofShard: shard)
  }

  func tell(_ progress: RunProgress) {
    if ContinuousClock.now < next { return }
    next = ContinuousClock.now + .seconds(RunningShard.interval)
    isBegun = true
    RunningShard(
      shard: shard, host: Host.name, process: Int(getpid()), endedCount: progress.endedCount,
      failedCount: progress.failedCount, inputCount: progress.total,
      rate: progress.imagesPerSecond
    ).write(to: path)
  }

  func end() { if isBegun { RunningShard.remove(path) } }
}
