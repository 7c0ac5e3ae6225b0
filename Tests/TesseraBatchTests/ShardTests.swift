import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

/// Runs whose shards have several items.
struct ShardTests {
  let workshop: ShardWorkshop
  var folder: TemporaryFolder { workshop.folder }

  init() throws { workshop = try ShardWorkshop() }

  @Test(
    "a shard's file has its items in their order, for any number of workers", arguments: [1, 2, 4])
  func order(jobs: Int) throws {
    try workshop.write(10)
    // The first of every four is the slowest.
    let run = try workshop.run(jobs: jobs, delay: { ($0.name.utf8.first ?? 0) % 4 == 0 ? 9000 : 0 })
    #expect(run.summary.exitStatus == .done)
    #expect(folder.text("out/part-0.txt") == "text 0\ntext 1\ntext 2\n")
    #expect(folder.text("out/part-1.txt") == "text 3\ntext 4\ntext 5\n")
    #expect(folder.text("out/part-3.txt") == "text 9\n")
    #expect(run.summary.progress.okCount == 10)
    #expect(run.summary.progress.writtenByteCount == 70)
  }

  @Test("failed items leave no hole, and the report is the same for any number of workers")
  func failures() throws {
    try workshop.write(9)
    try folder.write("fail", to: "in/1.png")
    try folder.write("misfit", to: "in/3.png")
    var reports: [[String]] = []
    for jobs in [1, 2, 4] {
      folder.removeAll("out")
      let run = try workshop.run(
        jobs: jobs, delay: { Int(XXHash64.hash($0.name.utf8) % 3000) })
      #expect(run.summary.exitStatus == .failedInputs)
      #expect(run.summary.failures.map(\.kind) == [.malformed, .plan])
      #expect(folder.text("out/part-0.txt") == "text 0\ntext 2\n")
      #expect(folder.text("out/part-1.txt") == "text 4\ntext 5\n")
      #expect(folder.text("out/part-2.txt") == "text 6\ntext 7\ntext 8\n")
      reports.append(workshop.report())
    }
    #expect(reports[0] == reports[1] && reports[0] == reports[2])
    #expect(reports[0].count == 9)
    #expect(
      reports[0][1].contains("\"status\":\"failed\"") && reports[0][1].contains("\"outputs\":[]"))
    #expect(reports[0][2].contains("\"status\":\"ok\""))
    #expect(reports[0][2].contains("\"outputs\":[{\"path\":\"part-0.txt\",\"bytes\":14,"))
  }

  @Test("as many items of one shard are in work as there are workers")
  func parallel() throws {
    try workshop.write(3)
    // Each item waits until all three are in work, or one of them has waited too long.
    let begun = Monitor(0)
    let hasMissed = Locked(false)
    let run = try workshop.run(
      jobs: 3,
      onProcess: { _ in
        begun.withLock { $0 += 1 }
        guard begun.wait(milliseconds: 30_000, for: { $0 >= 3 ? true : nil }) == nil else { return }
        hasMissed.withLock { $0 = true }
        begun.withLock { $0 = 3 }
      })
    #expect(run.summary.progress.okCount == 3)
    #expect(!hasMissed.withLock { $0 })
  }

  @Test("memory is taken for a whole shard, for as many of its items at once as fit")
  func memory() throws {
    for index in 0..<8 {
      try folder.write(String(repeating: "x", count: 10), to: "in/\(index).png")
    }
    try folder.write(String(repeating: "x", count: 60), to: "in/8.png")
    // Two items of 10 bytes and 5 for the file; the shard of 4 and 4 cannot be beside another.
    let run = try workshop.run(
      jobs: 4, itemsPerShard: 4, memory: 28, delay: { _ in 2000 })
    #expect(run.processor.inWork.withLock { $0.most } == 2)
    #expect(run.summary.progress.okCount == 8)
    #expect(run.summary.failures.map(\.kind) == [.memory])
    #expect(
      run.summary.failures[0].examples[0].failure.message
        == "needs 60 B of memory, the run's limit allows 28 B")
  }

  @Test(
    "a shard that cannot be opened gives back the memory that was taken for it", arguments: [1, 3])
  func failedOpening(jobs: Int) throws {
    try workshop.write(9)
    // The folder of the first shard's file is gone before that is opened.
    // Only one shard at a time fits: the next ones would wait for ever, or here for a minute.
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    let run = try workshop.run(
      jobs: jobs, memory: 5 + min(jobs, 3) * 6, cancellation: Cancellation { clock.now > end },
      fileName: { $0 == 0 ? "first/part-0.txt" : "part-\($0).txt" },
      onOpening: { path in
        if path.hasSuffix("part-0.txt") { FileSystem.removeFolder(Path.folder(of: path)) }
      })
    #expect(run.summary.failures.map(\.kind) == [.create])
    #expect(run.summary.failures.first?.count == 3)
    #expect(run.summary.progress.okCount == 6 && run.summary.notRunCount == 0)
  }

  @Test("a shard none of whose items is good gives no file and no record of having been done")
  func nothingGood() throws {
    for index in 0..<3 { try folder.write("fail", to: "in/\(index).png") }
    let run = try workshop.run(jobs: 2)
    #expect(run.summary.progress.failedCount == 3)
    #expect(!folder.tree("out").contains { $0.contains("part-0") })
    #expect(try workshop.run(jobs: 2).processed.count == 3)
  }

  @Test("what fails when a slot is closed is that item's, what fails at the end is every item's")
  func lateFailures() throws {
    try workshop.write(6)
    try folder.write("nameless", to: "in/1.png")
    var run = try workshop.run(jobs: 2)
    #expect(run.summary.failures.map(\.kind) == [.create])
    #expect(run.summary.failures[0].count == 3)
    #expect(run.summary.exitStatus == .cannotCreate)
    #expect(run.summary.progress.okCount == 3)
    #expect(!folder.tree("out").contains { $0.contains("part-0") })

    try folder.write("full", to: "in/0.png")
    run = try workshop.run(jobs: 1)
    #expect(run.summary.endingFailure?.kind == .write)
    #expect(run.summary.notRunCount == 5)
    #expect(workshop.statuses().prefix(3) == ["failed", "not_run", "not_run"])
    #expect(!folder.tree("out").contains { $0.contains("part-0") })
  }

  @Test("fail-fast leaves no half shard")
  func failFast() throws {
    try workshop.write(9)
    try folder.write("fail", to: "in/4.png")
    let run = try workshop.run(jobs: 1, failsFast: true)
    #expect(run.summary.notRunCount == 5)
    #expect(workshop.statuses().prefix(5) == ["ok", "ok", "ok", "not_run", "failed"])
    #expect(folder.tree("out").filter { $0.contains("part-") } == ["out/part-0.txt"])
  }

  @Test("two shards for one file are refused before work, both named by their first items")
  func collision() throws {
    try workshop.write(7)
    let error = #expect(throws: BatchError.self) {
      try workshop.run(jobs: 2, fileName: { "part-\($0 % 2).txt" })
    }
    #expect(
      error
        == .collisions(
          [
            OutputCollision(
              first: folder.path("in/0.png"), second: folder.path("in/6.png"),
              output: folder.path("out/part-0.txt"))
          ], advice: nil))
    #expect(folder.tree("out") == [])
  }

  @Test("files of single items collide across and within shards, and each is named by its own")
  func ownFiles() throws {
    let items = ["a.jpg", "a.png", "b.jpg", "b.png"].map {
      Item(name: $0, source: ByteSource(path: $0), byteCount: 0, modificationTime: 0)
    }
    for (size, name) in [(1, "{stem}"), (4, "{stem}"), (3, "{stem}")] {
      let processor = try CopyProcessor(to: ["o"], name: name, itemsPerShard: size)
      let shards = ShardList(ArrangedItems(ItemList(items)), for: processor)
      #expect(
        throws: BatchError.collisions(
          [
            OutputCollision(first: "a.jpg", second: "a.png", output: "o/a"),
            OutputCollision(first: "b.jpg", second: "b.png", output: "o/b"),
          ], advice: nil)
      ) { try OutputNames(of: shards, in: OutputRoots(["o"]), jobs: 2) }
    }
  }

  @Test("a dry run tells of every item, and of those that failed before")
  func dryRun() throws {
    try workshop.write(4)
    try folder.write("fail", to: "in/1.png")
    try folder.write("misfit", to: "in/3.png")
    #expect(try workshop.plan() == ["planned", "planned", "planned", "failed"])
    _ = try workshop.run(jobs: 1)
    #expect(try workshop.plan() == ["done", "failed", "done", "failed"])
  }
}
