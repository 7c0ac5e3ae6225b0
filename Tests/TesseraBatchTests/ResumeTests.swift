import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

struct ResumeTests {
  let folder: TemporaryFolder
  var options: BatchOptions

  init() throws {
    folder = try TemporaryFolder()
    options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    for name in ["a", "b", "c"] { try folder.write("content \(name)", to: "in/\(name).png") }
    try folder.write("two channels", to: "in/two.png")
  }

  @discardableResult
  func run(
    _ options: BatchOptions? = nil, name: String? = nil, fileExtension: String = "out"
  ) throws -> (processed: [String], summary: RunSummary) {
    let processor = try CopyProcessor(
      to: [folder.path("out")], fileExtension: fileExtension, name: name)
    let inputs = try InputDiscovery(outputFolders: [folder.path("out")])
      .inputs(in: [.path(folder.path("in"))])
    let summary = try BatchRun(processor, on: inputs, options: options ?? self.options).run()
    return (processor.processed.withLock { $0 }, summary)
  }

  func line(_ source: String) -> Substring {
    (folder.text("out/report.jsonl") ?? "").split(separator: "\n")
      .first { $0.hasPrefix("{\"source\":\"\(source)\"") } ?? ""
  }

  @Test("what is done is skipped, and the report still tells all of it")
  func repeated() throws {
    try run()
    let first = line("a.png")
    let again = try run()
    #expect(again.processed == [])
    #expect(again.summary.exitStatus == .done)
    #expect(again.summary.progress.skippedCount == 4)
    #expect(line("a.png").hasPrefix("{\"source\":\"a.png\",\"status\":\"skipped\",\"error\":null,"))
    let outputs = "\"outputs\":[{\"path\":\"a.out\""
    #expect(first.contains(outputs) && line("a.png").contains(outputs))
  }

  @Test("a missing output is made again, of that input alone")
  func missing() throws {
    try run()
    folder.remove("out/b.out")
    folder.remove("out/two.1.out")
    #expect(try run().processed == ["b.png", "two.png"])
    #expect(folder.text("out/b.out") == "content b")
  }

  @Test("a new input is added without touching the others")
  func added() throws {
    try run()
    try folder.write("new", to: "in/d.png")
    #expect(try run().processed == ["d.png"])
  }

  @Test("a changed input is done again where its output is as it was written")
  func changed() throws {
    try run()
    try folder.write("other content", to: "in/b.png")
    #expect(try run().processed == ["b.png"])
    #expect(folder.text("out/b.out") == "other content")
    try folder.write("scribbled over", to: "out/c.out")
    try folder.write("changed", to: "in/c.png")
    let refused = try run()
    #expect(refused.summary.failures.map(\.kind) == [.exists])
    #expect(
      refused.summary.exitStatus == .failedInputs && refused.summary.progress.failedCount == 1)
    #expect(folder.text("out/c.out") == "scribbled over")
    #expect(line("c.png").contains("\"error\":{\"kind\":\"exists\""))
    // A refusal stands until something is done about it.
    #expect(try run().summary.failures.map(\.kind) == [.exists])
    var overwriting = options
    overwriting.overwrites = true
    #expect(try run(overwriting).processed == ["c.png"])
    #expect(folder.text("out/c.out") == "changed")
  }

  @Test("a touched or copied input is done, and need not be read the next time")
  func touched() throws {
    try run()
    try folder.write("content b", to: "in/new")
    _ = Glibc.rename(folder.path("in/new"), folder.path("in/b.png"))
    let records = folder.text("out/.tessera-records") ?? ""
    let again = try run()
    #expect(again.processed == [] && again.summary.progress.skippedCount == 4)
    // Its new time is kept, once.
    let added = (folder.text("out/.tessera-records") ?? "").dropFirst(records.count)
    #expect(added.hasPrefix("record\tdone\trecipe\t\t.\t1\tb.png\t9\t"))
    #expect(try run().processed == [])
    #expect((folder.text("out/.tessera-records") ?? "").count == records.count + added.count)
    var dry = options
    dry.recipe = "recipe"
    try folder.write("content c", to: "in/c.png")
    let processor = try CopyProcessor(to: [folder.path("out")])
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    for outcome in try BatchRun(processor, on: inputs, options: dry).plan() {
      guard case .done = outcome else {
        Issue.record("not done")
        return
      }
    }
  }

  @Test("what another version has written is done again, what another pipeline has is in the way")
  func recipes() throws {
    try run()
    var newer = options
    newer.version = "2"
    #expect(try run(newer).processed.count == 4)
    #expect(try run(newer).processed == [])
    try folder.write("scribbled", to: "out/a.out")
    #expect(try run().summary.failures.map(\.kind) == [.exists])

    var edited = newer
    edited.recipe = "edited"
    let refused = try run(edited)
    #expect(refused.summary.failures.map(\.kind) == [.exists])
    #expect(refused.summary.progress.failedCount == 4 && refused.processed == [])
    edited.overwrites = true
    #expect(try run(edited).processed.count == 4)
    // The first recipe's records no longer tell what is in the files.
    #expect(try run().summary.progress.failedCount == 4)
  }

  @Test("two pipelines keep their records in one folder")
  func twoPipelines() throws {
    try run()
    var other = options
    other.recipe = "other"
    try run(other, fileExtension: "txt")
    #expect(try run().processed == [])
    #expect(try run(other, fileExtension: "txt").processed == [])
  }

  @Test("a folder that cannot be made is an error before work")
  func noFolder() throws {
    try folder.write("a file", to: "out")
    let error = #expect(throws: BatchError.self) { try run() }
    #expect(error?.exitStatus == .cannotCreate)
  }
}
