import Glibc

/// Threads that work side by side and end together.
///
/// They are threads of the system rather than tasks: a worker blocks in codecs and files, and as many
/// of them run as were asked for, on any number of processors.
package enum Workers {
  /// Runs `work` on `count` threads, and `attend` on the calling one until all have ended.
  ///
  /// - Parameters:
  ///   - count: Number of threads, at least 1. Where the system has fewer, fewer do the work.
  ///   - work: What each of them does.
  ///   - attend: Called about ten times a second.
  package static func run(
    _ count: Int, _ work: @escaping @Sendable () -> Void, attend: () -> Void
  ) {
    let running = Monitor(count)
    let job = Job(work) { running.withLock { $0 -= 1 } }
    var started = 0
    while started < count, start(job) { started += 1 }
    if started == 0 { work() }
    let missing = count - started
    while running.wait(milliseconds: 100, for: { $0 <= missing ? true : nil }) == nil {
      attend()
    }
  }

  /// Calls `body` with pieces of the numbers below `limit`, on several threads, until all are done.
  ///
  /// - Parameters:
  ///   - count: Number of threads, at least 1; for a single piece the calling one will do.
  ///   - limit: How many numbers there are.
  ///   - body: Called with pieces that follow each other, in any order.
  package static func run(
    _ count: Int, piecesBelow limit: Int, _ body: @escaping @Sendable (Range<Int>) -> Void
  ) {
    let size = 1024
    guard limit > size else { return body(0..<limit) }
    let next = Counter(limit: (limit + size - 1) / size)
    run(
      count,
      {
        while let piece = next.take() { body(piece * size..<min((piece + 1) * size, limit)) }
      }, attend: {})
  }

  /// Does `work` on a thread of its own, and does not wait for it; where the system has no thread left,
  /// the calling one does it.
  package static func start(_ work: @escaping @Sendable () -> Void) {
    if !startIfPossible(work) { work() }
  }

  /// Does `work` on a thread of its own; `false` where the system has none left, and nothing is done.
  package static func startIfPossible(_ work: @escaping @Sendable () -> Void) -> Bool {
    start(Job(work, end: {}))
  }

  private final class Job: Sendable {
    let work: @Sendable () -> Void
    let end: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void, end: @escaping @Sendable () -> Void) {
      self.work = work
      self.end = end
    }
  }

  /// What a thread's stack takes, and what is left for others: none is to have the last of the addresses.
  private static let threadBytes = 12 << 20

  /// Starts a thread that nobody waits for; `false` where the system has none left.
  private static func start(_ job: Job) -> Bool {
    guard MemoryReservation.isPossible(threadBytes) else { return false }
    var thread = pthread_t()
    let reference = Unmanaged.passRetained(job)
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        var job: Job? = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
        job?.work()
        let end = job?.end
        // What the work holds is let go before anybody learns that it is done.
        job = nil
        end?()
        return nil
      }, reference.toOpaque())
    if result == 0 { pthread_detach(thread) } else { reference.release() }
    return result == 0
  }
}
