import TesseraFiles
import TesseraThreads

/// Prepares items, and holds what they would write against what others write and what exists.
struct ShardPlanner<Processor: InputProcessor>: Sendable {
  let processor: Processor
  let items: [Item]
  let shards: [Shard]
  let names: OutputNames
  let existing: ExistingOutputs

  /// What an item would give, or why it gives nothing.
  typealias Plan = Result<PlannedInput, InputFailure>

  /// Checks the outputs of a run, before anything is opened.
  ///
  /// - Throws: ``BatchError`` where the run is to be refused.
  init(
    _ processor: Processor, items: [Item], options: BatchOptions
  ) throws(BatchError) {
    self.processor = processor
    self.items = items
    shards = Shard.cut(items, for: processor)
    names = try OutputNames(of: shards, items)
    existing = try ExistingOutputs(
      of: shards, items, names: names, options: options,
      redoesChanged: processor.itemsPerShard > 1)
  }

  /// The items of a shard.
  func items(of shard: Int) -> ArraySlice<Item> { items[shards[shard].items] }

  /// An item with its plan, once its names are known to be free.
  func prepare(_ item: Int, of shard: Int) throws(InputFailure) -> Processor.Preparation {
    let base = names.basePaths[shard]
    let prepared = try processor.prepare(items[item])
    // Base paths have been checked for all shards; only files per channel have other names.
    for path in prepared.planned.outputs
    where !base.contains(where: { $0.utf8.elementsEqual(path.utf8) }) {
      if names.isOfOther(path, than: shard) {
        throw InputFailure(.outputOfOther(Path.name(of: path)), isPlanning: true)
      }
      if let objection = existing.objection(to: path, for: items(of: shard)) { throw objection }
    }
    return prepared
  }

  /// Plans every item of a shard, several at once; the headers are read again when their turn comes,
  /// so that a shard of thousands does not hold thousands of files open.
  func plans(of shard: Int, jobs: Int) -> [Plan] {
    let range = shards[shard].items
    let plans = Monitor([Plan?](repeating: nil, count: range.count))
    let next = Counter(limit: range.count)
    Workers.run(
      min(jobs, range.count),
      {
        while let position = next.take() {
          let plan = self.plan(range.lowerBound + position, of: shard)
          plans.withLock { $0[position] = plan }
        }
      }, attend: {})
    return plans.withLock { $0.compactMap { $0 } }
  }

  /// What one item would give.
  func plan(_ item: Int, of shard: Int) -> Plan {
    do throws(InputFailure) {
      return .success(try prepare(item, of: shard).planned)
    } catch {
      return .failure(error)
    }
  }

  /// What a run would do with the items of a shard.
  func planned(_ shard: Int) -> [PlannedOutcome] {
    let range = shards[shard].items
    if let record = existing.done[shard] {
      return zip(range, record.items).map { index, member in
        member.failure.map { .failed(items[index], $0) } ?? .done(items[index])
      }
    }
    return range.map { index in
      switch plan(index, of: shard) {
      case .success(let planned): .planned(items[index], planned)
      case .failure(let failure): .failed(items[index], failure)
      }
    }
  }
}
