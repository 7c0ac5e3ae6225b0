import Dispatch

/// A thread of its own for work that happens in order and may go on beside everything else: a
/// decoder, an encoder.
///
/// At most one piece of work is under way.
final class Lane {
  private let queue: DispatchQueue?
  private let group = DispatchGroup()
  private let outcome = Outcome()

  /// What the piece of work under way ended with.
  ///
  /// Written by it, read after it was waited for: that is the invariant behind `@unchecked
  /// Sendable`.
  private final class Outcome: @unchecked Sendable {
    var failure: (any Error)?
    var elapsed = Duration.zero
  }

  /// Work that crosses to the lane's thread, which alone touches what it captures until the lane
  /// was waited for: that is the invariant behind `@unchecked Sendable`.
  private struct Work: @unchecked Sendable {
    var body: () throws -> Void
  }

  /// - Parameter isConcurrent: whether there is a thread; without one, work is done on the spot.
  init(isConcurrent: Bool) {
    queue = isConcurrent ? DispatchQueue(label: "tessera.lane") : nil
  }

  /// Time that all work so far has taken.
  var elapsed: Duration { outcome.elapsed }

  /// Starts a piece of work once the one before it has ended.
  ///
  /// - Throws: what the one before, or on the spot this one, has thrown.
  func start(_ body: @escaping () throws -> Void) throws {
    try wait()
    let outcome = outcome
    let work = Work(body: body)
    let run: @Sendable () -> Void = {
      let start = ContinuousClock.now
      do { try work.body() } catch { outcome.failure = error }
      outcome.elapsed += ContinuousClock.now - start
    }
    guard let queue else {
      run()
      return try wait()
    }
    queue.async(group: group, execute: run)
  }

  /// Waits until the work under way has ended.
  ///
  /// - Throws: what it has thrown.
  func wait() throws {
    if queue != nil { group.wait() }
    if let failure = outcome.failure {
      outcome.failure = nil
      throw failure
    }
  }

  deinit { if queue != nil { group.wait() } }
}
