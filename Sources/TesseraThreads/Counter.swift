import Synchronization

/// Hands out the numbers from 0 up to a limit, each once.
package final class Counter: Sendable {
  private let next = Atomic(0)
  private let limit: Int

  package init(limit: Int) { self.limit = limit }

  package func take() -> Int? {
    let index = next.add(1, ordering: .relaxed).oldValue
    return index < limit ? index : nil
  }
}
