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
          guard budget.take(amount, stop: Cancellation()) else { continue }
          let now = shared.used.add(amount, ordering: .relaxed).newValue
          shared.most.max(now, ordering: .relaxed)
          usleep(50)
          shared.used.subtract(amount, ordering: .relaxed)
          shared.count.add(1, ordering: .relaxed)
          budget.release(amount)
        }
      }, attend: {})
    #expect(shared.most.load(ordering: .relaxed) <= 100)
    #expect(shared.count.load(ordering: .relaxed) == 40 * jobs)
  }

  @Test("what never fits is refused")
  func tooLarge() {
    let budget = MemoryBudget(limit: 10)
    #expect(budget.objection(to: 11)?.kind == .memory)
    #expect(budget.objection(to: 10) == nil)
    #expect(MemoryBudget(limit: nil).objection(to: .max) == nil)
  }

  @Test(
    "as many of a shard's items are in work as fit whichever they are, and one in any case",
    arguments: [
      (limit: 110, fixed: 0, most: 4, width: 3), (limit: 110, fixed: 5, most: 4, width: 2),
      (limit: 110, fixed: 0, most: 2, width: 2), (limit: 40, fixed: 0, most: 4, width: 1),
      (limit: 10, fixed: 0, most: 4, width: 1), (limit: nil, fixed: 9, most: 4, width: 4),
    ])
  func width(limit: Int?, fixed: Int, most: Int, width: Int) {
    let budget = MemoryBudget(limit: limit)
    #expect(budget.width(of: [10, 40, 20, 40, 30], beside: fixed, upTo: most) == width)
  }

  private final class Shared: Sendable {
    let used = Atomic(0)
    let most = Atomic(0)
    let count = Atomic(0)
  }
}
