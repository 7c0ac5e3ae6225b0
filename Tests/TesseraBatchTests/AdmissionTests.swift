import Foundation
import Testing

@testable import TesseraBatch
@testable import TesseraThreads

/// In which order a budget of memory lets in who waits.
struct AdmissionTests {
  /// Somebody who asks for memory on a thread of its own.
  private final class Guest: Sendable {
    private let state = Monitor((asked: 0, isIn: Bool?.none))
    private let isCancelled = Locked(false)

    /// Begins to wait; it is in the line once this has returned.
    init(_ byteCount: Int, for budget: MemoryBudget) {
      Thread.detachNewThread { [self] in
        let isIn = try? budget.take(
          byteCount,
          stop: Cancellation { [self] in
            state.withLock { $0.asked += 1 }
            return isCancelled.withLock { $0 }
          })
        state.withLock { $0.isIn = isIn }
      }
      wait { $0.asked >= 1 || $0.isIn != nil }
    }

    /// Whether it has been let in, or has gone; `nil` while it waits through another round.
    var outcome: Bool? {
      let asked = state.withLock { $0.asked }
      wait { $0.asked >= asked + 2 || $0.isIn != nil }
      return state.withLock { $0.isIn }
    }

    /// How its waiting ends.
    var end: Bool? {
      wait { $0.isIn != nil }
      return state.withLock { $0.isIn }
    }

    func cancel() { isCancelled.withLock { $0 = true } }

    private func wait(until condition: ((asked: Int, isIn: Bool?)) -> Bool) {
      _ = state.wait(milliseconds: 30_000) { condition($0) ? true : nil }
    }
  }

  @Test("Who needs little does not overtake who came before and needs much")
  func order() throws {
    let budget = MemoryBudget(limit: 100)
    #expect(try budget.take(80, stop: Cancellation()))
    let large = Guest(50, for: budget)
    let small = Guest(10, for: budget)
    #expect(large.outcome == nil && small.outcome == nil)
    budget.release(80)
    #expect(large.end == true && small.end == true)
    // 60 are taken now.
    let next = Guest(41, for: budget)
    #expect(next.outcome == nil)
    budget.release(10)
    #expect(next.end == true)
  }

  @Test("Who goes away while it waits has taken nothing, and lets the next one go on")
  func cancelled() throws {
    let budget = MemoryBudget(limit: 100)
    #expect(try budget.take(80, stop: Cancellation()))
    let (large, small) = (Guest(50, for: budget), Guest(10, for: budget))
    large.cancel()
    #expect(large.end == false && small.end == true)
    #expect(Guest(10, for: budget).end == true)
    let last = Guest(1, for: budget)
    #expect(last.outcome == nil)
    last.cancel()
    #expect(last.end == false)
  }
}
