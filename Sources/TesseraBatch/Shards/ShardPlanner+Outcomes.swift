import TesseraFiles
import TesseraThreads

/// What a run would do with a shard, and what it takes.
extension ShardPlanner {
  /// What a shard takes of the memory of a run: for as many of its items at once as may be.
  ///
  /// - Throws: the failure of all of its items where that is more than there is.
  func demand(
    of shard: Int, _ plans: [Plan], within budget: MemoryBudget, jobs: Int
  ) throws(InputFailure) -> (width: Int, byteCount: Int) {
    let planned = plans.map { try? $0.get() }
    let fixed = processor.collectorByteCount(for: shards[shard], plans: planned)
    let needs = planned.compactMap { $0?.memoryByteCount }
    let width = budget.width(of: needs, beside: fixed, upTo: jobs > 1 ? 2 * jobs : 1)
    let byteCount = fixed + needs.sorted(by: >).prefix(width).reduce(0, +)
    if let objection = budget.objection(to: byteCount) { throw objection }
    return (width, byteCount)
  }

  /// The plan, with the outputs in it that are there and nobody's.
  private func compared(_ planned: PlannedInput, of shard: Int) -> PlannedInput {
    var planned = planned
    let items = items(of: shard)
    planned.comparedOutputs = planned.outputs.filter {
      existing.standing(of: $0, for: items, isShared: false) == .foreign
    }
    planned.sharedOutputs = shards[shard].outputs.filter { $0.item == nil }.map(\.path)
    planned.comparedOutputs += planned.sharedOutputs.filter {
      existing.standing(of: $0, for: items, isShared: true) == .foreign
    }
    return planned
  }

  /// The record that proves a shard done by what its items hold.
  private func proof(of shard: Int, _ stop: Cancellation) -> RunRecord? {
    let items = items(of: shard)
    guard let record = existing.record(of: items), record.hasSizes(of: items) else {
      return nil
    }
    return existing.proof(
      of: items, named: shards.basePaths(of: shard),
      hashes: items.map { FileDigest(ofFile: $0.source, cancellation: stop)?.hash })
  }

  /// What a run would do with the items of a shard.
  func planned(
    _ shard: Int, within budget: MemoryBudget, jobs: Int, _ stop: Cancellation
  ) -> [PlannedOutcome] {
    let range = shards.range(of: shard)
    if let record = done(shard) ?? proof(of: shard, stop) {
      return zip(range, record.items).map { index, member in
        member.failure.map { .failed(items[index], $0) } ?? .done(items[index])
      }
    }
    let plans = range.map { item -> Plan in
      let plan = plan(item, of: shard, stop).admitted(by: budget)
      guard case .success(let planned) = plan else { return plan }
      do throws(InputFailure) {
        try checkFolders(for: planned, of: shard)
        return plan
      } catch {
        return .failure(error)
      }
    }
    if stop.isCancelled { return [] }
    var refusal: InputFailure?
    do throws(InputFailure) {
      _ = try demand(of: shard, plans, within: budget, jobs: jobs)
      for output in shards[shard].outputs where output.item == nil {
        if let objection = objection(to: output.path, of: shard) { throw objection }
      }
    } catch {
      refusal = error
    }
    let outcomes = zip(range, plans).map { index, plan -> PlannedOutcome in
      switch plan {
      case .success(let planned):
        refusal.map { .failed(items[index], $0) }
          ?? .planned(items[index], compared(planned, of: shard))
      case .failure(let failure): .failed(items[index], failure)
      }
    }
    // What was to be compared may not have been.
    return stop.isCancelled ? [] : outcomes
  }
}

extension Result<PlannedInput, InputFailure> {
  /// The plan, unless it can never have the memory that it needs.
  func admitted(by budget: MemoryBudget) -> Self {
    guard case .success(let planned) = self,
      let objection = budget.objection(to: planned.memoryByteCount)
    else { return self }
    return .failure(objection)
  }
}
