import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraThreads

/// Shards whose first item keeps the others from leaving.
struct ShardAheadTests {
  let workshop: ShardWorkshop
  var folder: TemporaryFolder { workshop.folder }

  init() throws { workshop = try ShardWorkshop() }

  /// Holds the first item back until others have begun.
  private final class Holding: Sendable {
    private let begun = Monitor(0)
    private let counts = Locked<[Int]>([])
    let count: Int

    init(until count: Int) { self.count = count }

    /// Items that had begun a while after the first was let go on: `count`, or as many as came in half
    /// a minute.
    var countAtEnd: Int? { counts.withLock { $0.first } }

    func delay(_ item: Item) -> Int {
      begun.withLock { $0 += 1 }
      guard item.name == "0.png" else { return 0 }
      _ = begun.wait(milliseconds: 30_000, for: { $0 >= count ? true : nil })
      // Whoever might begin now, and must not, has time to.
      usleep(20_000)
      counts.withLock { $0.append(begun.withLock { $0 }) }
      return 0
    }
  }

  @Test(
    "items go on while an earlier one keeps them from leaving, as many as there is memory for",
    arguments: [(nil, 4), (5 + 4 * 6, 4), (5 + 3 * 6, 3), (5 + 2 * 6, 2)] as [(Int?, Int)])
  func ahead(memory: Int?, count: Int) throws {
    try workshop.write(7)
    let holding = Holding(until: count)
    let run = try workshop.run(
      jobs: 2, itemsPerShard: 7, memory: memory, delay: holding.delay)
    #expect(holding.countAtEnd == count)
    #expect(run.summary.progress.okCount == 7)
    #expect(folder.text("out/part-0.txt") == (0..<7).map { "text \($0)\n" }.joined())
  }

  @Test("failures of items that others keep waiting are told in order, and leave no hole")
  func failuresAhead() throws {
    try workshop.write(7)
    try folder.write("fail", to: "in/1.png")
    try folder.write("misfit", to: "in/3.png")
    let run = try workshop.run(
      jobs: 2, itemsPerShard: 7, delay: Holding(until: 3).delay)
    #expect(run.summary.failures.map(\.kind) == [.malformed, .plan])
    #expect(
      workshop.statuses() == ["ok", "failed", "ok", "failed", "ok", "ok", "ok"])
    #expect(folder.text("out/part-0.txt") == "text 0\ntext 2\ntext 4\ntext 5\ntext 6\n")
  }

  @Test("a slot that cannot be closed ends the run, whatever waits behind it")
  func lateFailureAhead() throws {
    try workshop.write(7)
    try folder.write("full", to: "in/1.png")
    let run = try workshop.run(
      jobs: 2, itemsPerShard: 7, delay: Holding(until: 4).delay)
    #expect(run.summary.endingFailure?.kind == .write)
    #expect(workshop.statuses().prefix(2) == ["not_run", "failed"])
    #expect(folder.tree("out").filter { $0.contains("part-") } == [])
  }

  @Test("a run that is cancelled while items wait to leave leaves nothing of them")
  func cancelledAhead() throws {
    try workshop.write(7)
    let holding = Holding(until: 4)
    let run = try workshop.run(
      jobs: 2, itemsPerShard: 7,
      cancellation: Cancellation { holding.countAtEnd != nil }, delay: holding.delay)
    #expect(run.summary.notRunCount == 7 && run.summary.isInterrupted)
    #expect(folder.tree("out").filter { $0.contains("part-") } == [])
  }
}
