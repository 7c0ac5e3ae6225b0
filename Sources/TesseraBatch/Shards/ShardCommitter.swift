import TesseraFiles
import TesseraThreads

/// Gives the files of shards their names, those of many shards at once.
///
/// What was written has to reach the disk before it has a name, or a loss of power would leave names
/// of files without content; and the names have to, before records tell of them. The disk takes as
/// long for one file as for many, so shards wait until there are 64 files, or for a second, while
/// others are worked on; and their names wait for the disk together with the files of the next ones.
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

    /// Whether there is enough to do, or no more will come; files that have their names already wait
    /// since another moment.
    func isDue(besides named: ContinuousClock.Instant?) -> Bool {
      guard let since = [since, named].compactMap(\.self).min() else { return isClosed }
      return isClosed || fileCount >= min(64, OpenFileLimit.waiting)
        || ContinuousClock.now - since >= .seconds(1)
    }
  }

  let runner: ShardRunner<Processor>
  private let tell: @Sendable (Outcomes) -> Void
  private let queue = Monitor(Queue())
  /// Held by who gives names on a thread of his own.
  private let alone = Locked(())

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
    var named = Named()
    while true {
      let due = queue.wait(milliseconds: 100) { queue in
        queue.isDue(besides: named.since) ? queue : nil
      }
      guard let due else { continue }
      if due.waiting.isEmpty {
        tell(settle(&named))
      } else {
        tell(commit(due.waiting, after: &named))
      }
      let isOver = queue.withLock { queue in
        queue.waiting.removeFirst(due.waiting.count)
        queue.fileCount -= due.fileCount
        queue.since = queue.waiting.isEmpty ? nil : .now
        queue.isOver = queue.isClosed && queue.waiting.isEmpty && named.steps.isEmpty
        return queue.isOver
      }
      if isOver { return }
    }
  }

  /// Takes a shard; waits where many files have no names yet.
  func add(_ shard: Finished) {
    if queue.withLock({ $0.isAlone }) {
      return alone.withLock { _ in
        var named = Named()
        tell(commit([shard], after: &named))
        tell(settle(&named))
      }
    }
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
