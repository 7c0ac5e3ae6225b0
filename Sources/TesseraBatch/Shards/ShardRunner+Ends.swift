import Glibc
import TesseraFiles
import TesseraThreads

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
    if let record = planner.done(work.index), isAsPlanned(record, work) {
      work.open(nil)
      return recorded(record, of: work)
    }
    let items = planner.items(of: work.index)
    // What they were before they are hashed.
    let files = items.map { FileStatus(of: $0.source.path) }
    // Without a record nothing is proved, nor by items of other sizes; and what has no header need not
    // be read to its end.
    var hashes = planner.existing.record(of: items).flatMap { record in
      record.hasSizes(of: items) ? records.hashes(of: items, stop) : nil
    }
    if let hashes,
      let record = planner.existing.proof(
        of: items, named: planner.shards.basePaths(of: work.index), hashes: hashes)
    {
      work.open(nil)
      do throws(InputFailure) {
        try check(work.items, hashes: hashes)
      } catch {
        return failures(of: work, items.map { _ in InputResult(error: error) })
      }
      records.renew(record)
      return recorded(record, of: work)
    }
    let plans = plans(of: work, keeping: &kept).map { $0.admitted(by: budget) }
    do throws(InputFailure) {
      let isHopeless = plans.allSatisfy { if case .failure = $0 { true } else { false } }
      if !isHopeless || isPlanned, hashes == nil { hashes = records.hashes(of: items, stop) }
      try check(work.items, hashes: hashes ?? [])
      let isEnded = isHopeless || stop.isCancelled
      let hashed = zip(files, items).map { before, item in
        let holdsTheSame = FileStatus(of: item.source.path).map { before?.holdsTheSame(as: $0) }
        return holdsTheSame == true ? before : nil
      }
      let opened = isEnded ? nil : try self.opened(work, plans, hashes ?? [], hashed)
      work.open(opened)
      if opened != nil { return nil }
      return isHopeless ? failures(of: work, plans.map { .failed($0) }) : []
    } catch {
      work.open(nil)
      // What is not the input that was planned is not looked at any further.
      let results = error.endsRun ? plans.map { _ in InputResult(error: error) } : nil
      return failures(of: work, results ?? plans.map { .failed($0, otherwise: error) })
    }
  }

  /// Whether a record is of items that a plan knows as they were then; without one, every record is.
  private func isAsPlanned(_ record: RunRecord, _ work: ShardWork<Processor>) -> Bool {
    (try? check(work.items, hashes: record.items.map(\.hash))) != nil
  }

  private func recorded(_ record: RunRecord, of work: ShardWork<Processor>) -> Outcomes {
    zip(work.items, record.items).map { index, member in
      (index, InputOutcome(recorded: member))
    }
  }

  private func plans(
    of work: ShardWork<Processor>, keeping kept: inout Processor.Preparation?
  ) -> [ShardPlanner<Processor>.Plan] {
    guard work.items.count == 1 else {
      return planner.plans(of: work.index, jobs: jobs, stop)
    }
    do throws(InputFailure) {
      let prepared = try planner.prepare(work.items.lowerBound, of: work.index, stop)
      kept = prepared
      return [.success(prepared.planned)]
    } catch {
      return [.failure(error)]
    }
  }

  /// The shard with its memory taken and its outputs claimed; `nil` where the run was cancelled before
  /// it had its memory, or before it was known what is there.
  private func opened(
    _ work: ShardWork<Processor>, _ plans: [ShardPlanner<Processor>.Plan], _ hashes: [UInt64?],
    _ files: [FileStatus?]
  ) throws(InputFailure) -> ShardWork<Processor>.Opened? {
    let planned = plans.map { try? $0.get() }
    let (width, need) = try planner.demand(of: work.index, plans, within: budget, jobs: jobs)
    guard try budget.take(need, stop: stop) else { return nil }
    do throws(InputFailure) {
      let standings = try planner.standings(of: work.index, planned)
      if stop.isCancelled {
        budget.release(need)
        return nil
      }
      try makeFolders(for: planned, of: work.index)
      return .init(
        collector: try planner.processor.collector(for: planner.shards[work.index], plans: planned),
        plans: plans,
        width: width, byteCount: need, hashes: hashes, files: files, standings: standings,
        takenNames: TakenNames(
          standings, overwrites: planner.overwrites, named: planner.existing.shown, stop))
    } catch {
      budget.release(need)
      throw error
    }
  }

  /// Hands a shard on whose files are to get their names, unless it was cancelled or nothing came of
  /// it.
  func end(_ work: ShardWork<Processor>, _ committer: ShardCommitter<Processor>) -> Outcomes {
    guard let ended = work.end() else { return [] }
    var opened = ended.opened
    // What is left to be done takes no memory of the plan.
    budget.release(opened.byteCount)
    let results = ended.results.compactMap { $0 }
    guard results.count == ended.results.count, results.contains(where: { $0.error == nil }) else {
      opened.collector.discard()
      return failures(of: work, ended.results)
    }
    do throws(InputFailure) {
      try opened.collector.close()
      let files = opened.collector.files
      // Here many threads compare; only one gives names.
      try opened.takenNames.compare(files)
      let written = try contents(of: files)
      try proveSurplus(of: work.index, besides: files.map(\.path))
      committer.add(
        .init(
          work: work, items: planner.items(of: work.index), opened: opened, results: results,
          written: written))
      return []
    } catch {
      opened.collector.discard()
      return failures(
        of: work, results.map { $0.error == nil ? InputResult(error: error) : $0 })
    }
  }

  /// What files hold that are whole, by their final names.
  private func contents(
    of files: [AtomicFile]
  ) throws(InputFailure) -> [PathKey: RunRecord.Claim] {
    var contents: [PathKey: RunRecord.Claim] = [:]
    do throws(FileError) {
      for file in files {
        let digest = try FileDigest(
          of: file.temporaryPath, workers: jobs, cancellation: stop)
        contents[PathKey(file.path)] = .content(byteCount: digest.byteCount, hash: digest.hash)
      }
    } catch {
      throw error.isCancelled ? .cancelled : InputFailure(output: error)
    }
    return contents
  }

  /// Finds out which outputs of an earlier run, and of no later one, still are what the records tell.
  private func proveSurplus(of shard: Int, besides paths: [String]) throws(InputFailure) {
    for (path, claims) in planner.surplus(of: shard, besides: paths) {
      // As it was before it was read: what is written meanwhile makes a difference.
      guard let status = FileStatus(of: path, followingLinks: false) else { continue }
      do throws(Cancelled) {
        if let claim = try claims.first(trueOf: path, stop) {
          surplus.withLock { $0[PathKey(path)] = (status.isSettled ? status : nil, claim) }
        }
      } catch {
        throw .cancelled
      }
    }
  }

  /// What an output of an earlier run holds, if it is as it was when it was last read.
  private func proved(_ path: String) -> RunRecord.Claim? {
    let proved = surplus.withLock { $0[PathKey(path)] }
    guard let proved else { return nil }
    // What has only just been changed is read again: another change might not show.
    let isTrue =
      proved.status.map { $0 == FileStatus(of: path, followingLinks: false) }
      ?? ((try? proved.claim.isTrue(of: path, stop)) == true)
    return isTrue ? proved.claim : nil
  }

  /// What the records keep of every name of a shard while its files get theirs.
  func claims(of shard: ShardCommitter<Processor>.Finished) -> [PathKey: [RunRecord.Claim]] {
    var claims: [PathKey: [RunRecord.Claim]] = [:]
    // Whatever ends this run, the next one knows whose those are, as they were and as they will be.
    for (path, standing) in shard.opened.standings {
      let old: [RunRecord.Claim]
      switch standing {
      case .free: old = planner.existing.contents(of: path.path, for: shard.items)
      case .ours(let claim): old = [claim]
      case .foreign:
        claims[path] = [.foreign]
        continue
      }
      guard let new = shard.written[path] else { continue }
      claims[path] = old.contains(new) ? old : old + [new]
    }
    for (path, _) in planner.surplus(
      of: shard.work.index, besides: shard.written.keys.map(\.path))
    where claims[PathKey(path)] == nil {
      claims[PathKey(path)] = [proved(path) ?? .foreign]
    }
    return claims
  }

  /// Removes what an earlier run has made of the items of a shard and this one has not; what has been
  /// changed since stays, with a warning.
  func removeSurplus(
    of shard: Int, besides paths: [String], warning results: inout [InputResult]
  ) {
    for (path, claims) in planner.surplus(of: shard, besides: paths) {
      // What a killed run of an earlier version was about to make may be somebody's: nothing tells.
      guard claims != [.new] else { continue }
      defer { surplus.withLock { $0[PathKey(path)] = nil } }
      if proved(path) != nil {
        FileSystem.remove(path)
      } else if let first = results.firstIndex(where: { $0.error == nil }) {
        results[first].warnings.append(
          "'\(records.name(of: path))' is of an earlier run, which had more outputs of this input; "
            + "it stays, for it has been changed since")
      }
    }
  }

  /// The outcomes of the items that failed; those that the run ended before are none of them.
  func failures(of work: ShardWork<Processor>, _ results: [InputResult?]) -> Outcomes {
    zip(work.items, results).compactMap { index, result in
      guard let result, let failure = result.error, failure != .cancelled else { return nil }
      heed(failure)
      var outcome = InputOutcome(failed: planner.items[index], result, failure)
      outcome.seconds = work.seconds(of: index - work.items.lowerBound)
      return (index, outcome)
    }
  }

  func stamped(_ outcomes: [InputOutcome], of work: ShardWork<Processor>) -> Outcomes {
    zip(work.items, outcomes).map { index, outcome in
      var outcome = outcome
      outcome.seconds = work.seconds(of: index - work.items.lowerBound)
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
    case .failure(let failure): failure == .cancelled ? nil : InputResult(error: failure)
    case .success: otherwise.map { InputResult(error: $0) }
    }
  }
}
