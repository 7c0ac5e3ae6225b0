import TesseraFiles
import TesseraThreads

/// Takes items through planning, admission, work and records, shard by shard.
///
/// Threads come with one item after the other, in their order. The first of a shard opens it, the
/// last one ends it.
struct ShardRunner<Processor: InputProcessor>: Sendable {
  let planner: ShardPlanner<Processor>
  let records: ShardRecords
  let budget: MemoryBudget
  /// Threads that the run may use.
  let jobs: Int
  let failsFast: Bool
  let stop: Cancellation
  private let planned: PlannedPart?

  private let hasNames = Locked(false)
  private let beforeNames: @Sendable () -> Void

  /// Makes ready for the first name that is given.
  func prepareNames() {
    hasNames.withLock { hasNames in
      if !hasNames { beforeNames() }
      hasNames = true
    }
  }

  /// How some items ended, by their place in the run.
  typealias Outcomes = [(index: Int, outcome: InputOutcome)]

  /// Shards of several items that are in work, and how many of their items have not come yet.
  private let inWork = Locked<[Int: (work: ShardWork<Processor>, missing: Int)]>([:])

  /// Folders of files per channel that were made.
  private let made = Locked<[String]>([])

  /// Folders that were made and are not known to be on the disk.
  private let new = Locked<[String]>([])

  /// Outputs of earlier runs that this one does not make, as they were when they were known to be what
  /// the records tell.
  let surplus = Locked<[PathKey: (status: FileStatus?, claim: RunRecord.Claim)]>([:])

  /// Takes the folders that were made since it was asked last.
  func takeNewFolders() -> [String] {
    new.withLock { new in
      defer { new = [] }
      return new
    }
  }

  /// Folders that were made beside those of the names that were known before, each before those in it.
  var madeFolders: [String] { made.withLock { $0 } }

  init(
    _ planner: ShardPlanner<Processor>, folder: RunFolder?, options: BatchOptions,
    stop: Cancellation, beforeNames: @escaping @Sendable () -> Void
  ) {
    self.planner = planner
    self.beforeNames = beforeNames
    self.stop = stop
    jobs = options.jobs
    failsFast = options.failsFast
    planned = options.planned
    budget = MemoryBudget(options, for: planner.processor)
    records = ShardRecords(
      folder: folder, recipe: options.recipe, version: options.version, jobs: options.jobs,
      stop: stop)
  }

  /// Runs an item.
  ///
  /// - Parameters:
  ///   - item: the item.
  ///   - committer: takes its shard, once all items have been run and there are files.
  /// - Returns: the outcomes of its shard where it has ended otherwise; items that the run ended
  ///   before are not among them.
  func run(_ item: Int, _ committer: ShardCommitter<Processor>) -> Outcomes {
    let clock = ContinuousClock()
    let start = clock.now
    let work = work(of: item)
    let position = item - work.items.lowerBound
    var kept: Processor.Preparation?
    switch work.arrive() {
    case .over: return []
    case .open: break
    case .first:
      if var outcomes = open(work, keeping: &kept) {
        for index in outcomes.indices where !outcomes[index].outcome.isRecorded {
          outcomes[index].outcome.seconds = (clock.now - start).seconds
        }
        return outcomes
      }
    }
    var result: InputResult?
    var slot: Processor.Output.Slot?
    switch work.enter(position) {
    case .failure(let failure): result = failure == .cancelled ? nil : InputResult(error: failure)
    case .success(let place):
      result = process(item, of: work.index, kept, knowing: place.file, into: place.slot)
      slot = place.slot
    }
    kept = nil
    let (failures, isLast) = work.leave(
      position, slot, result, seconds: (clock.now - start).seconds)
    for failure in failures { heed(failure) }
    return isLast ? end(work, committer) : []
  }

  /// Ends the shards that a cancelled run has not come through: of them only failures are told.
  func endRest(_ committer: ShardCommitter<Processor>) -> Outcomes {
    inWork.withLock { Array($0.values) }.flatMap { end($0.work, committer) }
  }

  /// The shard of an item, which several threads may be working on.
  private func work(of item: Int) -> ShardWork<Processor> {
    let index = planner.shards.index(of: item)
    let items = planner.shards.range(of: index)
    guard items.count > 1 else { return ShardWork(index, items) }
    return inWork.withLock { inWork in
      let (work, missing) = inWork[index] ?? (ShardWork(index, items), items.count)
      // Where every item has come, the last one to leave ends the shard.
      inWork[index] = missing > 1 ? (work, missing - 1) : nil
      return work
    }
  }

  /// Whether the items of a shard are to be those of a plan, whatever becomes of them.
  var isPlanned: Bool { planned != nil }

  /// Refuses items that are not those of the plan.
  func check(_ items: Range<Int>, hashes: [UInt64?]) throws(InputFailure) {
    guard let planned else { return }
    for (item, hash) in zip(items, hashes) {
      try planned.check(planner.items[item], at: item, hash: hash)
    }
  }

  /// Ends the run where a failure asks for it.
  func heed(_ failure: InputFailure) {
    if failsFast || failure.endsRun { stop.cancel() }
  }

  /// Makes folders that only the plans of a shard tell of.
  func makeFolders(for planned: [PlannedInput?], of shard: Int) throws(InputFailure) {
    try planner.makeFolders(for: planned, of: shard) { folder in
      made.withLock { $0.append(folder) }
      new.withLock { $0.append(folder) }
    }
    do throws(FileError) {
      for folder in planner.folders(of: planned, in: shard) {
        try records.folder?.begin(in: folder)
      }
    } catch {
      throw InputFailure(output: error)
    }
  }

  private func process(
    _ item: Int, of shard: Int, _ kept: Processor.Preparation?, knowing file: FileStatus?,
    into slot: Processor.Output.Slot
  ) -> InputResult? {
    do throws(InputFailure) {
      let prepared = if let kept { kept } else { try planner.prepare(item, of: shard, stop) }
      // Records would know it by what another file holds that had its name.
      if records.folder != nil, let opened = prepared.planned.openedFile,
        file.map(opened.holdsTheSame) != true
      {
        throw InputFailure(
          .unreadable,
          "it was written to, or another file took its place, while it was read; once it rests, run "
            + "again")
      }
      do throws(Cancelled) {
        return try planner.processor.process(prepared, into: slot, cancellation: stop)
      } catch {
        return nil
      }
    } catch {
      return error == .cancelled ? nil : InputResult(error: error)
    }
  }
}

extension MemoryBudget {
  /// A budget within what the system lets this process have, for the items of a processor.
  convenience init(_ options: BatchOptions, for processor: some InputProcessor) {
    self.init(
      limit: options.memoryLimit, machine: .current,
      memory: Memory(
        keep: { byteCount in
          processor.releaseIdleMemory(keeping: byteCount)
          if byteCount == 0 { MemoryReservation.giveBackFreed() }
        }, threads: 2 * options.jobs, countsAddresses: MachineMemory.countsAddresses))
  }
}
