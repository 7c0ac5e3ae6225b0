import TesseraFiles
import TesseraThreads

/// What a run would do.
extension BatchRun {
  /// What a run would do, without writing anything.
  ///
  /// - Parameters:
  ///   - cancellation: Ends the planning early.
  ///   - onOutcome: Called with what becomes of each item, one after the other and in their order, on
  ///     threads of the planning.
  /// - Throws: ``BatchError`` where the run would be refused.
  public func plan(
    cancellation: Cancellation = Cancellation(),
    _ onOutcome: @escaping @Sendable (PlannedOutcome) -> Void
  ) throws(BatchError) {
    var options = options
    options.stop = cancellation
    processor.look(at: inputs.items, cancellation: cancellation)
    var planning = try ShardPlanner(processor, items: arranged, options: options)
    try checkReport()
    _ = try IndexPlaces(processor.index(of: inputs.items), overwriting: options.overwrites)
    if let places = options.places { try RunFolder.check(places, others: foldersReferring) }
    try planning.checkInputs()
    do throws(FileError) {
      planning.look(knowing: try options.places?.read() ?? RunRecords())
    } catch {
      throw .file(error)
    }
    let planner = planning
    let budget = MemoryBudget(options, for: processor)
    let outcomes = Monitor(OrderedOutcomes(onOutcome))
    let next = Counter(limit: planner.shards.indices.count)
    let jobs = options.jobs
    Workers.run(
      jobs,
      {
        while !cancellation.isCancelled, let shard = next.take() {
          let planned = planner.planned(shard, within: budget, jobs: jobs, cancellation)
          outcomes.withLock { $0.add(planned, at: shard) }
        }
      }, attend: {})
  }

  /// What a run would do with each item, all at once.
  ///
  /// - Throws: ``BatchError`` where the run would be refused.
  public func plan(
    cancellation: Cancellation = Cancellation()
  ) throws(BatchError) -> [PlannedOutcome] {
    let outcomes = Locked<[PlannedOutcome]>([])
    try plan(cancellation: cancellation) { outcome in outcomes.withLock { $0.append(outcome) } }
    return outcomes.withLock { $0 }
  }
}

/// Outcomes that come in any order and are told in that of the items.
private struct OrderedOutcomes {
  private let tell: (PlannedOutcome) -> Void
  private var waiting: [Int: [PlannedOutcome]] = [:]
  private var next = 0

  init(_ tell: @escaping (PlannedOutcome) -> Void) { self.tell = tell }

  /// Takes those of a shard.
  mutating func add(_ outcomes: [PlannedOutcome], at shard: Int) {
    waiting[shard] = outcomes
    while let outcomes = waiting.removeValue(forKey: next) {
      outcomes.forEach(tell)
      next += 1
    }
  }
}

/// What a run would do with one item.
public enum PlannedOutcome: Sendable {
  /// It would write this.
  case planned(Item, PlannedInput)
  /// It has been done before: nothing.
  case done(Item)
  /// It would fail.
  case failed(Item, InputFailure)
}
