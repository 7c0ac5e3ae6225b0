import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

/// What a repeated run makes of shards of several items.
struct ShardResumeTests {
  let workshop: ShardWorkshop
  var folder: TemporaryFolder { workshop.folder }

  init() throws {
    workshop = try ShardWorkshop()
    try workshop.write(8)
  }

  private var records: String { folder.text("out/.tessera-records") ?? "" }

  @Test("shards that are done are skipped, and records name all of their items")
  func skipped() throws {
    _ = try workshop.run(jobs: 2)
    let first = workshop.report()
    let done = records.split(separator: "\n").filter { $0.hasPrefix("record\tdone\trecipe\t") }
    #expect(done.count == 3)
    for line in done {
      let names = line.split(separator: "\t").filter { $0.hasSuffix(".png") }
      #expect(names.count == (line.contains("part-2.txt") ? 2 : 3))
    }
    let again = try workshop.run(jobs: 2)
    #expect(again.processed == [])
    #expect(again.summary.exitStatus == .done)
    #expect(again.summary.progress.skippedCount == 8)
    #expect(workshop.statuses() == Array(repeating: "skipped", count: 8))
    #expect(
      workshop.report() == first.map { $0.replacing("\"status\":\"ok\"", "\"status\":\"skipped\"") }
    )
  }

  @Test("an item that failed for what it is fails again without work, and never passes silently")
  func failedBefore() throws {
    try folder.write("fail", to: "in/1.png")
    _ = try workshop.run()
    let first = workshop.report()
    let again = try workshop.run()
    #expect(again.processed == [])
    #expect(again.summary.exitStatus == .failedInputs)
    #expect(again.summary.failures.map(\.kind) == [.malformed])
    #expect(workshop.report()[1] == first[1])
    #expect(workshop.statuses()[...2] == ["skipped", "failed", "skipped"])
    #expect(try OutputVerification(of: folder.path("out")).checkedCount == 3)
  }

  @Test("an item that failed for what may pass is tried again, with its shard")
  func triedAgain() throws {
    try folder.write("locked", to: "in/4.png")
    let run = try workshop.run()
    #expect(run.summary.failures.map(\.kind) == [.unreadable])
    #expect(folder.text("out/part-1.txt") == "text 3\ntext 5\n")
    #expect(try workshop.run().processed == ["3.png", "4.png", "5.png"])
  }

  @Test("a changed item redoes its shard, and no other")
  func changed() throws {
    _ = try workshop.run()
    try folder.write("other", to: "in/4.png")
    #expect(try workshop.run().processed == ["3.png", "4.png", "5.png"])
    #expect(folder.text("out/part-1.txt") == "text 3\nother\ntext 5\n")
    #expect(try workshop.run().processed == [])
  }

  @Test("a missing output redoes its shard, and no other")
  func missing() throws {
    _ = try workshop.run()
    folder.remove("out/part-2.txt")
    #expect(try workshop.run(jobs: 2).processed == ["6.png", "7.png"])
    #expect(folder.text("out/part-2.txt") == "text 6\ntext 7\n")
  }

  @Test("an item more shifts the shards behind it, and they are done again")
  func added() throws {
    _ = try workshop.run()
    try folder.write("between", to: "in/35.png")
    #expect(
      try workshop.run().processed == ["3.png", "35.png", "4.png", "5.png", "6.png", "7.png"])
    #expect(folder.text("out/part-1.txt") == "text 3\nbetween\ntext 4\n")
    #expect(folder.text("out/part-2.txt") == "text 5\ntext 6\ntext 7\n")
    #expect(try workshop.run().processed == [])
  }

  @Test("an output that is not as we wrote it is in the way of a changed shard")
  func scribbled() throws {
    _ = try workshop.run()
    try folder.write("text 3\ntext 4\ntext X\n", to: "out/part-1.txt")
    try folder.write("other", to: "in/4.png")
    let run = try workshop.run()
    #expect(run.summary.failures.map(\.kind) == [.exists] && run.summary.progress.failedCount == 3)
    #expect(run.summary.progress.skippedCount == 5)
    #expect(folder.text("out/part-1.txt") == "text 3\ntext 4\ntext X\n")
    #expect(try workshop.run(overwrites: true).processed == ["3.png", "4.png", "5.png"])
  }

  @Test("a file that no run has written is in the way of its shard alone, as long as it is there")
  func foreign() throws {
    try folder.write("mine", to: "out/part-1.txt")
    for _ in 0..<2 {
      let run = try workshop.run()
      #expect(run.summary.exitStatus == .failedInputs)
      #expect(run.summary.failures.map(\.kind) == [.exists] && run.summary.failures[0].count == 3)
      #expect(run.processed == ["3.png", "4.png", "5.png"] || run.processed.count == 8)
      #expect(folder.text("out/part-1.txt") == "mine")
      #expect(!folder.tree("out").contains { $0.hasSuffix("-part") })
    }
    #expect(folder.text("out/part-2.txt") == "text 6\ntext 7\n")
  }

  @Test("without records, files that hold what would be written are adopted as done")
  func adopted() throws {
    _ = try workshop.run()
    let report = workshop.report()
    folder.remove("out/.tessera-records")
    folder.remove("out/part-2.txt")
    let run = try workshop.run(jobs: 2)
    #expect(run.summary.exitStatus == .done && run.processed.count == 8)
    #expect(run.summary.progress.skippedCount == 6 && run.summary.progress.okCount == 2)
    #expect(try workshop.run().processed == [])
    #expect(
      workshop.report()
        == report.map { $0.replacing("\"status\":\"ok\"", "\"status\":\"skipped\"") })
  }

  @Test("a touched item is read, and its shard is done; so is a copy of all of them")
  func touched() throws {
    _ = try workshop.run()
    try folder.write("text 4", to: "in/4.png")
    #expect(try workshop.run().processed == [])
    #expect(try workshop.run().processed == [])
  }

  @Test(
    "an interrupted run leaves whole shards alone, and the next one goes on", arguments: [1, 2, 4])
  func interrupted(jobs: Int) throws {
    let cancellation = Cancellation()
    let run = try workshop.run(
      jobs: jobs, cancellation: cancellation, onProcess: { if $0 == 5 { cancellation.cancel() } })
    #expect(run.summary.exitStatus == .interrupted)
    #expect(workshop.report().count == 8)
    let files = folder.tree("out").filter { $0.contains("part") }
    #expect(!files.contains { $0.hasSuffix("-part") })
    #expect(run.summary.progress.okCount == files.count * 3)
    if jobs == 1 { #expect(files == ["out/part-0.txt"]) }
    let rest = try workshop.run(jobs: jobs)
    #expect(rest.summary.exitStatus == .done)
    #expect(rest.summary.progress.skippedCount == files.count * 3)
    #expect(folder.text("out/part-1.txt") == "text 3\ntext 4\ntext 5\n")
  }

  @Test("what a killed run had begun is done again, half files and all")
  func killed() throws {
    _ = try workshop.run()
    // As after a kill between the name and the record.
    let kept = records.split(separator: "\n").filter {
      !($0.hasPrefix("record\tdone") && $0.contains("part-1.txt"))
    }
    try folder.write(
      kept.joined(separator: "\n") + "\nrecord\tdone\tre", to: "out/.tessera-records")
    try folder.write("half", to: "out/.part-1.txt.tessera-part")
    #expect(try workshop.run().processed == ["3.png", "4.png", "5.png"])
    #expect(!folder.tree("out").contains("out/.part-1.txt.tessera-part"))
    #expect(try workshop.run().processed == [])
  }

  @Test("verify tells of a shard by its first and last item")
  func verify() throws {
    _ = try workshop.run()
    try folder.write("text 3\ntext 4\ntext X\n", to: "out/part-1.txt")
    let findings = try OutputVerification(of: folder.path("out")).findings
    #expect(findings.map(\.source) == ["3.png … 5.png"])
    #expect(findings.map(\.problem) == [.content])
  }
}

extension String {
  /// The text with one part of it replaced, wherever it stands.
  fileprivate func replacing(_ part: String, _ other: String) -> String {
    var result = ""
    var rest = self[...]
    while let start = rest.indices.first(where: { rest[$0...].hasPrefix(part) }) {
      result += rest[..<start] + other
      rest = rest[rest.index(start, offsetBy: part.count)...]
    }
    return result + rest
  }
}
