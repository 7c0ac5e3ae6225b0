import Glibc
import Synchronization
import Testing

@testable import TesseraBatch
@testable import TesseraFiles
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
          guard (try? budget.take(amount, stop: Cancellation())) == true else { continue }
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

/// What a budget does where the system has less than was allowed.
struct ScarceMemoryTests {
  /// A system that has so many bytes, and what it was asked to keep.
  private final class System: Sendable {
    let free: Atomic<Int>
    let kept = Locked<[Int]>([])

    init(_ free: Int) { self.free = Atomic(free) }

    func budget(limit: Int? = nil, machine: Int? = nil) -> MemoryBudget {
      MemoryBudget(
        limit: limit, machine: machine.map { MachineMemory(.machine, byteCount: $0) },
        memory: .init(
          isThere: { $0 <= self.free.load(ordering: .relaxed) + MemoryBudget.Memory().overhead },
          keep: { count in self.kept.withLock { $0.append(count) } }))
    }
  }

  @Test("What the machine does not have is refused before it is asked for, with both figures")
  func machine() {
    let budget = System(.max / 2).budget(machine: 2_000_000_000)
    let objection = budget.objection(to: 2_000_000_001)
    #expect(objection?.kind == .memory && objection?.isPlanning == true)
    #expect(objection?.message == "needs 2.0 GB of memory, the machine has 2.0 GB")
    #expect(budget.objection(to: 2_000_000_000) == nil)
    // The tighter one of the two bounds is told.
    let both = System(.max / 2).budget(limit: 50, machine: 100)
    #expect(both.objection(to: 60)?.cause == .memory(needed: 60, allowed: 50))
    #expect(both.width(of: [20, 20, 20], beside: 0, upTo: 3) == 2)
  }

  @Test("Where the system refuses, who is alone fails once idle memory has been let go")
  func refused() throws {
    let system = System(100)
    let budget = system.budget(machine: 4000)
    let failure = #expect(throws: InputFailure.self) { try budget.take(101, stop: Cancellation()) }
    #expect(
      failure?.message
        == "needs 101 B of memory, and there is not so much left: the machine has 4.0 kB")
    #expect(system.kept.withLock { $0 } == [3899, 0])
    // The next one is let in: a number that failed is passed on.
    #expect(try budget.take(100, stop: Cancellation()))
    budget.release(100)
    #expect(try budget.take(30, stop: Cancellation()))
  }

  @Test("Where the system refuses and others are in, one waits until they have left")
  func waiting() throws {
    let system = System(100)
    let budget = system.budget()
    #expect(try budget.take(60, stop: Cancellation()))
    let isIn = Monitor(Bool?.none)
    Workers.start {
      let result = try? budget.take(60, stop: Cancellation())
      isIn.withLock { $0 = result }
    }
    #expect(isIn.wait(milliseconds: 300) { $0 } == nil)
    budget.release(60)
    #expect(isIn.wait(milliseconds: 30_000) { $0 } == true)
  }

  @Test("Who waits for the system and is asked to end goes away with nothing")
  func cancelled() throws {
    let system = System(100)
    let budget = system.budget()
    #expect(try budget.take(60, stop: Cancellation()))
    #expect(try !budget.take(60, stop: Cancellation { true }))
    budget.release(60)
    #expect(try budget.take(100, stop: Cancellation()))
  }

  @Test("Idle memory may be as much as the bound leaves beside those that are in")
  func idle() throws {
    let system = System(.max / 2)
    let budget = system.budget(machine: 100)
    #expect(try budget.take(30, stop: Cancellation()))
    #expect(try budget.take(30, stop: Cancellation()))
    #expect(system.kept.withLock { $0 } == [70, 40])
  }
}
