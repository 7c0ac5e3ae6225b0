/// Threads that a run may use, shared among the images that are worked on.
package final class Permits: Sendable {
  private let free: Locked<Int>

  package init(_ count: Int) { free = Locked(count) }

  /// Runs `body` with as many threads as are free, up to `most`, and with one in any case.
  package func withThreads<Result, Failure: Error>(
    upTo most: Int, _ body: (Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let taken = free.withLock { free in
      let taken = max(1, min(most, free))
      free -= taken
      return taken
    }
    defer { free.withLock { $0 += taken } }
    return try body(taken)
  }
}
