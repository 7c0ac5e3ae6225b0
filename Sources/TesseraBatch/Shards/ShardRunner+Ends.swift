import TesseraFiles

/// How a shard begins and how it ends.
extension ShardRunner {
  /// Plans a shard, waits until memory is free for it, and makes ready for its files.
  ///
  /// - Parameters:
  ///   - work: the shard; threads that wait for it go on afterwards.
  ///   - kept: takes the preparation of an item that is the only one, to go on with.
  /// - Returns: how its items ended where there is nothing more to do; `nil` where there is.
  func open(
    _ work: ShardWork<Processor>, keeping kept: inout Processor.Preparation?
  ) -> Outcomes? {
    if let record = planner.existing.done[work.index] {
      work.open(nil)
      return recorded(record, of: work)
    }
    let hashes = records.hashes(of: planner.items(of: work.index))
    if let record = planner.existing.proof(
      of: planner.items(of: work.index), named: planner.names.basePaths[work.index], hashes: hashes)
    {
      work.open(nil)
      records.renew(record)
      return recorded(record, of: work)
    }
    let plans = plans(of: work, keeping: &kept).map { $0.admitted(by: budget) }
    do throws(InputFailure) {
      let isHopeless = plans.allSatisfy { if case .failure = $0 { true } else { false } }
      let opened = isHopeless ? nil : try self.opened(work, plans, hashes)
      work.open(opened)
      if opened != nil { return nil }
      return isHopeless ? failures(of: work, plans.map { .failed($0) }) : []
    } catch {
      work.open(nil)
      return failures(of: work, plans.map { .failed($0, otherwise: error) })
    }
  }

  private func recorded(_ record: RunRecord, of work: ShardWork<Processor>) -> Outcomes {
    zip(work.shard.items, record.items).map { index, member in
      (index, InputOutcome(recorded: member))
    }
  }

  private func plans(
    of work: ShardWork<Processor>, keeping kept: inout Processor.Preparation?
  ) -> [ShardPlanner<Processor>.Plan] {
    guard work.shard.items.count == 1 else { return planner.plans(of: work.index, jobs: jobs) }
    do throws(InputFailure) {
      let prepared = try planner.prepare(work.shard.items.lowerBound, of: work.index)
      kept = prepared
      return [.success(prepared.planned)]
    } catch {
      return [.failure(error)]
    }
  }

  /// The shard with its memory taken and its outputs claimed; `nil` where the run was cancelled while
  /// it waited for memory.
  private func opened(
    _ work: ShardWork<Processor>, _ plans: [ShardPlanner<Processor>.Plan], _ hashes: [UInt64?]
  ) throws(InputFailure) -> ShardWork<Processor>.Opened? {
    let planned = plans.map { try? $0.get() }
    let (width, need) = try planner.demand(of: work.index, plans, within: budget, jobs: jobs)
    guard budget.take(need, stop: stop) else { return nil }
    do throws(InputFailure) {
      let standings = try planner.standings(of: work.index, planned)
      try makeFolders(for: planned, of: work.index)
      var claims = standings.mapValues(\.claim)
      // Whatever ends this run, the next one still knows whose those are.
      for (path, claim) in planner.surplus(
        of: work.index, besides: planned.flatMap { $0?.outputs ?? [] })
      where claims[PathKey(path)] == nil {
        claims[PathKey(path)] = claim.isTrue(of: path) ? claim : .foreign
      }
      do throws(FileError) {
        try records.begin(planner.items(of: work.index), hashes: hashes, claims: claims)
      } catch {
        throw InputFailure(output: error)
      }
      return .init(
        collector: try planner.processor.collector(for: work.shard, plans: planned), plans: plans,
        width: width, byteCount: need, hashes: hashes, claims: claims,
        takenNames: TakenNames(
          Set(standings.filter { $0.value == .foreign }.keys), named: planner.existing.shown))
    } catch {
      budget.release(need)
      throw error
    }
  }

  /// Gives the files of a shard their names, unless it was cancelled or nothing came of it.
  func end(_ work: ShardWork<Processor>) -> Outcomes {
    guard let ended = work.end() else { return [] }
    let (opened, items) = (ended.opened, planner.items(of: work.index))
    defer { budget.release(opened.byteCount) }
    var results = ended.results.compactMap { $0 }
    guard results.count == ended.results.count, results.contains(where: { $0.error == nil }) else {
      opened.collector.discard()
      records.release(items, before: planner.existing.record(of: items))
      return failures(of: work, ended.results)
    }
    do throws(InputFailure) {
      let files = try opened.collector.commit(besides: opened.takenNames)
      removeSurplus(of: work.index, besides: files.map(\.path), warning: &results)
      do throws(FileError) {
        let outcomes = try records.finish(items, hashes: opened.hashes, results, files)
        return stamped(outcomes, of: work)
      } catch {
        throw InputFailure(output: error)
      }
    } catch {
      heed(error)
      records.recall(
        items, hashes: opened.hashes, claims: opened.claims,
        before: planner.existing.record(of: items))
      return failures(of: work, results.map { $0.error == nil ? InputResult(error: error) : $0 })
    }
  }

  /// Removes what an earlier run has made of the items of a shard and this one has not; what has been
  /// changed since stays, with a warning.
  private func removeSurplus(
    of shard: Int, besides paths: [String], warning results: inout [InputResult]
  ) {
    for (path, claim) in planner.surplus(of: shard, besides: paths) {
      // What a killed run was about to make may be somebody's by now: nothing tells.
      guard case .content = claim else { continue }
      if claim.isTrue(of: path) {
        FileSystem.remove(path)
      } else if let first = results.firstIndex(where: { $0.error == nil }) {
        results[first].warnings.append(
          "'\(records.name(of: path))' is of an earlier run, which had more outputs of this input; "
            + "it stays, for it has been changed since")
      }
    }
  }

  /// The outcomes of the items that failed.
  private func failures(of work: ShardWork<Processor>, _ results: [InputResult?]) -> Outcomes {
    zip(work.shard.items, results).compactMap { index, result in
      guard let result, let failure = result.error else { return nil }
      heed(failure)
      var outcome = InputOutcome(failed: planner.items[index], result, failure)
      outcome.seconds = work.seconds(of: index - work.shard.items.lowerBound)
      return (index, outcome)
    }
  }

  private func stamped(_ outcomes: [InputOutcome], of work: ShardWork<Processor>) -> Outcomes {
    zip(work.shard.items, outcomes).map { index, outcome in
      var outcome = outcome
      outcome.seconds = work.seconds(of: index - work.shard.items.lowerBound)
      return (index, outcome)
    }
  }
}

extension InputResult {
  /// The result of an item that did not come further than its plan; `nil` where the plan is good.
  fileprivate static func failed(
    _ plan: Result<PlannedInput, InputFailure>, otherwise: InputFailure? = nil
  ) -> InputResult? {
    switch plan {
    case .failure(let failure): InputResult(error: failure)
    case .success: otherwise.map { InputResult(error: $0) }
    }
  }
}
