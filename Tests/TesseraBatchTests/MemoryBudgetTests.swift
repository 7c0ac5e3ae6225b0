import Glibc
import Synchronization
import Testing

@testable import TesseraBatch
@testable import TesseraThreads

struct MemoryBudgetTests {
  @Test("what is in work together never exceeds the limit, and all get in", arguments: [1, 4, 9])
  func limit(jobs: Int) {
    let budget = MemoryBudget(limit: 100)
    let shared = Shared()
    Workers.run(
      jobs,
      {
        for step in 1...40 {
          let amount = step * 37 % 100 + 1
          _ = try? budget.withMemory(amount, stop: Cancellation()) {
            let now = shared.used.add(amount, ordering: .relaxed).newValue
            shared.most.max(now, ordering: .relaxed)
            usleep(50)
            shared.used.subtract(amount, ordering: .relaxed)
            shared.count.add(1, ordering: .relaxed)
          }
        }
      }, attend: {})
    #expect(shared.most.load(ordering: .relaxed) <= 100)
    #expect(shared.count.load(ordering: .relaxed) == 40 * jobs)
  }

  @Test("what never fits is refused")
  func tooLarge() {
    #expect(throws: InputFailure.self) {
      try MemoryBudget(limit: 10).withMemory(11, stop: Cancellation()) {}
    }
  }

  private final class Shared: Sendable {
    let used = Atomic(0)
    let most = Atomic(0)
    let count = Atomic(0)
  }
}
