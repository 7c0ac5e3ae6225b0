import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

/// That every collector and every slot is ended, and once.
struct CollectorEndTests {
  let workshop: ShardWorkshop

  init() throws { workshop = try ShardWorkshop() }

  /// Texts of items of one file, and how their slots and the file are ended.
  struct Case: Sendable, CustomTestStringConvertible {
    var texts: [String]
    var ends: [String]
    var testDescription: String { texts.joined(separator: ", ") }
  }

  static let cases = [
    Case(texts: ["a", "b", "c"], ends: ["finish 0", "finish 1", "finish 2", "commit"]),
    Case(texts: ["a", "fail", "c"], ends: ["finish 0", "discard 1", "finish 2", "commit"]),
    Case(texts: ["misfit", "b", "c"], ends: ["finish 1", "finish 2", "commit"]),
    Case(texts: ["a", "full", "c"], ends: ["finish 0", "finish 1", "discard"]),
    Case(
      texts: ["fail", "fail", "locked"], ends: ["discard 0", "discard 1", "discard 2", "discard"]),
    Case(
      texts: ["a", "nameless", "c"],
      ends: ["finish 0", "finish 1", "finish 2", "commit", "discard"]),
  ]

  @Test("In a run", arguments: cases)
  func run(_ row: Case) throws {
    for (index, text) in row.texts.enumerated() {
      try workshop.folder.write(text, to: "in/\(index).png")
    }
    let ends = try workshop.run().processor.ends.withLock { $0 }
    #expect(ends == row.ends)
  }

  @Test("Where it is cancelled")
  func cancelled() throws {
    try workshop.write(3)
    let stop = Cancellation()
    let run = try workshop.run(cancellation: stop, onProcess: { if $0 == 2 { stop.cancel() } })
    #expect(run.processor.ends.withLock { $0 } == ["finish 0", "discard 1", "discard"])
  }

  @Test(
    "One item alone",
    arguments: [
      Case(texts: ["a"], ends: ["finish 0", "commit"]),
      Case(texts: ["fail"], ends: ["discard 0", "discard"]),
      Case(texts: ["full"], ends: ["finish 0", "discard"]),
      Case(texts: ["nameless"], ends: ["finish 0", "commit", "discard"]),
      Case(texts: ["misfit"], ends: []),
    ])
  func alone(_ row: Case) throws {
    try workshop.folder.write(row.texts[0], to: "in/0.png")
    try workshop.folder.write("", to: "out/.keep")
    let processor = GatherProcessor(to: workshop.folder.path("out"), itemsPerShard: 1)
    let item = Item(file: workshop.folder.path("in/0.png"), name: "0.png")
    _ = try? processor.run(item)
    #expect(processor.ends.withLock { $0 } == row.ends)
  }

  @Test("One item alone that is cancelled")
  func cancelledAlone() throws {
    try workshop.folder.write("a", to: "in/0.png")
    try workshop.folder.write("", to: "out/.keep")
    let stop = Cancellation()
    let processor = GatherProcessor(
      to: workshop.folder.path("out"), itemsPerShard: 1, onProcess: { _ in stop.cancel() })
    let item = Item(file: workshop.folder.path("in/0.png"), name: "0.png")
    #expect(throws: Cancelled.self) { try processor.run(item, cancellation: stop) }
    #expect(processor.ends.withLock { $0 } == ["discard 0", "discard"])
  }
}
