import TesseraFiles
import TesseraThreads

/// Gives the files of shards their names, those of many shards at once.
///
/// What was written has to reach the disk before it has a name, or a loss of power would leave names
/// of files without content; and the disk takes as long for one file as for many. So shards wait until
/// there are 64 files, or for a second, while others are worked on.
final class ShardCommitter<Processor: InputProcessor>: Sendable {
  typealias Outcomes = ShardRunner<Processor>.Outcomes

  /// A shard whose files are whole.
  struct Finished {
    let work: ShardWork<Processor>
    let items: [Item]
    let opened: ShardWork<Processor>.Opened
    var results: [InputResult]
    /// What the files hold, by their final names.
    let written: [PathKey: RunRecord.Claim]
  }

  private struct Queue {
    var waiting: [Finished] = []
    var fileCount = 0
    var since: ContinuousClock.Instant?
    var isClosed = false
    var isOver = false
    /// Whether there is no thread that shards could wait for.
    var isAlone = false

    /// Whether there is enough to do, or no more will come.
    var isDue: Bool {
      guard let since else { return isClosed }
      return isClosed || fileCount >= min(64, OpenFileLimit.waiting)
        || ContinuousClock.now - since >= .seconds(1)
    }
  }

  private let runner: ShardRunner<Processor>
  private let tell: @Sendable (Outcomes) -> Void
  private let queue = Monitor(Queue())

  /// Begins to wait for shards, on a thread of its own where there is one.
  ///
  /// - Parameters:
  ///   - runner: the run.
  ///   - tell: called with how the items of each shard ended.
  init(_ runner: ShardRunner<Processor>, tell: @escaping @Sendable (Outcomes) -> Void) {
    self.runner = runner
    self.tell = tell
    if !Workers.startIfPossible({ self.work() }) { queue.withLock { $0.isAlone = true } }
  }

  /// Takes shards until ``close()``.
  private func work() {
    while true {
      let due = queue.wait(milliseconds: 100) { queue in
        queue.isDue ? queue : nil
      }
      guard let due else { continue }
      if !due.waiting.isEmpty { tell(commit(due.waiting)) }
      let isOver = queue.withLock { queue in
        queue.waiting.removeFirst(due.waiting.count)
        queue.fileCount -= due.fileCount
        queue.since = queue.waiting.isEmpty ? nil : .now
        queue.isOver = queue.isClosed && queue.waiting.isEmpty
        return queue.isOver
      }
      if isOver { return }
    }
  }

  /// Takes a shard; waits where many files have no names yet.
  func add(_ shard: Finished) {
    if queue.withLock({ $0.isAlone }) { return tell(commit([shard])) }
    // Every file that waits is open.
    let count = max(shard.written.count, 1)
    queue.withLock(when: { $0.fileCount == 0 || $0.fileCount + count <= OpenFileLimit.waiting }) {
      queue in
      queue.waiting.append(shard)
      queue.fileCount += count
      queue.since = queue.since ?? .now
    }
  }

  /// Tells that no more shards come, and waits until all have ended.
  ///
  /// - Parameter attend: called about ten times a second.
  func close(attend: () -> Void) {
    queue.withLock {
      $0.isClosed = true
      $0.isOver = $0.isAlone
    }
    while queue.wait(milliseconds: 100, for: { $0.isOver ? true : nil }) == nil { attend() }
  }
}

extension ShardCommitter {
  /// A shard on its way, and what became of it.
  private struct Step {
    var shard: Finished
    let claims: [PathKey: RunRecord.Claim]
    var files: [OutputFile] = []
    var failure: InputFailure?
    /// Whether the records tell of it already.
    var isBegun = false
  }

  private func commit(_ shards: [Finished]) -> Outcomes {
    var steps = shards.map { Step(shard: $0, claims: runner.claims(of: $0)) }
    begin(&steps)
    synchronize(&steps)
    for index in steps.indices where steps[index].failure == nil { name(&steps[index]) }
    synchronizeFolders(of: &steps)
    return record(&steps)
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
  private func synchronize(_ steps: inout [Step]) {
    let files = steps.filter { $0.failure == nil }.flatMap(\.shard.opened.collector.files)
    let log = runner.records.folder
    if files.count > 2 {
      let descriptors = files.map(\.openDescriptor) + [log?.descriptor].compactMap(\.self)
      if DiskSync.fileSystems(of: descriptors) { return }
    }
    for index in steps.indices where steps[index].failure == nil {
      do throws(FileError) {
        for file in steps[index].shard.opened.collector.files { try file.synchronize() }
      } catch {
        steps[index].failure = InputFailure(output: error)
      }
    }
    guard let log else { return }
    do throws(FileError) {
      try DiskSync.file(log.descriptor, log.path)
    } catch {
      fail(&steps, because: error)
    }
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
  private func synchronizeFolders(of steps: inout [Step]) {
    do throws(FileError) {
      for folder in runner.takeNewFolders() { try DiskSync.folder(Path.folder(of: folder)) }
    } catch {
      fail(&steps, because: error)
    }
    var users: [PathKey: [Int]] = [:]
    for index in steps.indices where steps[index].failure == nil {
      for file in steps[index].files where !file.isAdopted {
        let folder = PathKey(Path.folder(of: file.path))
        if users[folder]?.last != index { users[folder, default: []].append(index) }
      }
    }
    for (folder, indices) in users {
      do throws(FileError) {
        try DiskSync.folder(folder.path)
      } catch {
        for index in indices { steps[index].failure = InputFailure(output: error) }
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
