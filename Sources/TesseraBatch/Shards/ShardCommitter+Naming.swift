import TesseraFiles

/// How the files of shards get their names, step by step.
extension ShardCommitter {
  /// A shard on its way, and what became of it.
  struct Step {
    var shard: Finished
    let claims: [PathKey: [RunRecord.Claim]]
    var files: [OutputFile] = []
    var failure: InputFailure?
    /// Whether the records tell of it already.
    var isBegun = false
  }

  /// Shards whose files have their names, which are not known to be on the disk.
  struct Named {
    var steps: [Step] = []
    /// Folders that were made for them.
    var folders: [String] = []
    var since: ContinuousClock.Instant?
  }

  /// Gives the files of shards their names.
  ///
  /// - Parameters:
  ///   - shards: those whose turn it is.
  ///   - named: takes those that have their names then; those before are told of.
  /// - Returns: how the items ended of those that need not wait any longer.
  func commit(_ shards: [Finished], after named: inout Named) -> Outcomes {
    var steps = shards.map { Step(shard: $0, claims: runner.claims(of: $0)) }
    begin(&steps)
    let devices = synchronize(&steps)
    var outcomes = settle(&named, besides: devices)
    let folders = runner.takeNewFolders()
    runner.prepareNames()
    for index in steps.indices where steps[index].failure == nil { name(&steps[index]) }
    for step in steps {
      if let failure = step.failure { outcomes += give(up: step, because: failure) }
    }
    steps.removeAll { $0.failure != nil }
    named = Named(
      steps: steps, folders: named.folders + folders, since: steps.isEmpty ? nil : .now)
    return outcomes
  }

  /// Brings the names of shards to the disk, and tells how their items ended.
  ///
  /// - Parameters:
  ///   - named: the shards; none afterwards.
  ///   - devices: those whose disks have everything already.
  /// - Returns: how they ended.
  func settle(_ named: inout Named, besides devices: Set<UInt> = []) -> Outcomes {
    // Where nothing has a name, new folders wait for those that others get in them.
    if named.steps.isEmpty { return [] }
    defer { named = Named() }
    synchronizeFolders(of: &named, besides: devices)
    return record(&named.steps)
  }

  /// Keeps what is about to get a name: whatever ends this run, the next one knows whose it is.
  private func begin(_ steps: inout [Step]) {
    let records = runner.records
    let begun = steps.compactMap {
      records.begun($0.shard.items, hashes: $0.shard.opened.hashes, claims: $0.claims)
    }
    do throws(FileError) {
      try records.keep(begun)
      for index in steps.indices { steps[index].isBegun = true }
    } catch {
      fail(&steps, because: error)
    }
  }

  /// Brings all files to the disk, with what the records tell of them.
  ///
  /// - Returns: the devices whose disks have everything that was written before.
  private func synchronize(_ steps: inout [Step]) -> Set<UInt> {
    let files = steps.filter { $0.failure == nil }.flatMap(\.shard.opened.collector.files)
    let log = runner.records.folder
    if files.count > 2 {
      let descriptors = files.map(\.openDescriptor) + [log?.descriptor].compactMap(\.self)
      if let devices = DiskSync.fileSystems(of: descriptors) { return devices }
    }
    for index in steps.indices where steps[index].failure == nil {
      do throws(FileError) {
        for file in steps[index].shard.opened.collector.files { try file.synchronize() }
      } catch {
        steps[index].failure = InputFailure(output: error)
      }
    }
    guard let log else { return [] }
    do throws(FileError) {
      try DiskSync.file(log.descriptor, log.path)
    } catch {
      fail(&steps, because: error)
    }
    return []
  }

  private func name(_ step: inout Step) {
    do throws(InputFailure) {
      let opened = step.shard.opened
      step.files = try opened.collector.commit(besides: opened.takenNames)
      runner.removeSurplus(
        of: step.shard.work.index, besides: step.files.map(\.path), warning: &step.shard.results)
    } catch {
      step.failure = error
    }
  }

  /// Brings the names to the disk, and those of new folders: only then may records tell of them.
  private func synchronizeFolders(of named: inout Named, besides devices: Set<UInt>) {
    for folder in named.folders {
      do throws(FileError) {
        try DiskSync.folder(Path.folder(of: folder), besides: devices)
      } catch {
        let start = Array((folder + "/").utf8)
        for index in named.steps.indices
        where named.steps[index].files.contains(where: { $0.path.utf8.starts(with: start) }) {
          named.steps[index].failure = InputFailure(output: error)
        }
      }
    }
    var users: [PathKey: [Int]] = [:]
    let steps = named.steps
    for index in steps.indices where steps[index].failure == nil {
      for file in steps[index].files where !file.isAdopted {
        let folder = PathKey(Path.folder(of: file.path))
        if users[folder]?.last != index { users[folder, default: []].append(index) }
      }
    }
    for (folder, indices) in users {
      do throws(FileError) {
        try DiskSync.folder(folder.path, besides: devices)
      } catch {
        for index in indices { named.steps[index].failure = InputFailure(output: error) }
      }
    }
  }

  /// Keeps what was done, and tells how the items ended.
  private func record(_ steps: inout [Step]) -> Outcomes {
    let records = runner.records
    var ends: [(outcomes: [InputOutcome], record: RunRecord?)?] = steps.map { step in
      guard step.failure == nil else { return nil }
      return records.ended(
        step.shard.items, hashes: step.shard.opened.hashes, step.shard.results, step.files,
        holding: step.shard.written)
    }
    do throws(FileError) {
      try records.keep(ends.compactMap { $0?.record })
    } catch {
      fail(&steps, because: error)
    }
    var outcomes: Outcomes = []
    for index in steps.indices {
      let step = steps[index]
      if let failure = step.failure {
        ends[index] = nil
        outcomes += give(up: step, because: failure)
      } else if let end = ends[index] {
        outcomes += runner.stamped(end.outcomes, of: step.shard.work)
      }
    }
    return outcomes
  }

  private func give(up step: Step, because failure: InputFailure) -> Outcomes {
    let (shard, records) = (step.shard, runner.records)
    shard.opened.collector.discard()
    runner.heed(failure)
    if step.isBegun {
      // Where it cannot be kept, the next run compares what is there.
      try? records.keep([
        records.recalled(
          shard.items, hashes: shard.opened.hashes, claims: step.claims, written: shard.written,
          before: runner.planner.existing.record(of: shard.items))
      ])
    }
    return runner.failures(
      of: shard.work,
      shard.results.map { $0.error == nil ? InputResult(error: failure) : $0 })
  }

  /// Lets all shards fail that have not yet.
  private func fail(_ steps: inout [Step], because error: FileError) {
    for index in steps.indices where steps[index].failure == nil {
      steps[index].failure = InputFailure(output: error)
    }
  }
}
