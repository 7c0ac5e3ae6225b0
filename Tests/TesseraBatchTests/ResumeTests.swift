import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch

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
  private func run(
    _ options: BatchOptions? = nil, name: String? = nil, fileExtension: String = "out"
  ) throws -> (processed: [String], summary: RunSummary) {
    let processor = try CopyProcessor(
      to: [folder.path("out")], fileExtension: fileExtension, name: name)
    let inputs = try InputDiscovery(outputFolders: [folder.path("out")])
      .inputs(in: [.path(folder.path("in"))])
    let summary = try BatchRun(processor, on: inputs, options: options ?? self.options).run()
    return (processor.processed.withLock { $0 }, summary)
  }

  private func line(_ source: String) -> Substring {
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

  @Test("a changed input, recipe or output is in the way, and --overwrite replaces what is there")
  func changed() throws {
    try run()
    try folder.write("other content", to: "in/b.png")
    #expect(throws: BatchError.outputsExist([folder.path("out/b.out")])) { try run() }
    var overwriting = options
    overwriting.overwrites = true
    #expect(try run(overwriting).processed == ["b.png"])
    #expect(folder.text("out/b.out") == "other content")

    var edited = options
    edited.recipe = "edited"
    #expect(throws: BatchError.self) { try run(edited) }
    edited.overwrites = true
    #expect(try run(edited).processed.count == 4)
    // The first recipe's records no longer tell what is in the files.
    #expect(throws: BatchError.self) { try run() }

    edited.overwrites = false
    try folder.write("scribbled over", to: "out/c.out")
    #expect(throws: BatchError.outputsExist([folder.path("out/c.out")])) { try run(edited) }
  }

  @Test("files that no run has written are never replaced unasked")
  func foreign() throws {
    try folder.write("mine", to: "out/b.out")
    let error = #expect(throws: BatchError.self) { try run() }
    #expect(error?.exitStatus == .cannotCreate)
    #expect(folder.tree("out") == ["out/b.out"])
    #expect(folder.text("out/b.out") == "mine")
  }

  @Test("a file per channel is in the way of its own input alone")
  func foreignChannel() throws {
    try folder.write("mine", to: "out/two.1.out")
    let summary = try run().summary
    #expect(summary.failures.map(\.kind) == [.conflict])
    #expect(summary.progress.okCount == 3)
    #expect(folder.text("out/two.1.out") == "mine")
  }

  @Test("what a killed run had begun is done again, half files and all")
  func killed() throws {
    try run()
    // As after a kill between the rename and the record: outputs there, no word that they are whole.
    let lines = (folder.text("out/.tessera/records") ?? "").split(separator: "\n")
    let kept = lines.filter { !$0.hasPrefix("done\tb.png") }.joined(separator: "\n")
    try folder.write(kept + "\ndone\tb.png\t9", to: "out/.tessera/records")
    try folder.write("half", to: "out/.b.out.tessera-part")
    #expect(try run().processed == ["b.png"])
    #expect(!folder.tree("out").contains("out/.b.out.tessera-part"))
    #expect(try run().processed == [])
  }

  @Test("half files of inputs that are gone are removed, too")
  func goneInput() throws {
    try run()
    let started = (folder.text("out/.tessera/records") ?? "").split(separator: "\n")
      .filter { $0.hasPrefix("started") }.joined(separator: "\n")
    try folder.write(started + "\n", to: "out/.tessera/records")
    try folder.write("half", to: "out/.b.out.tessera-part")
    folder.remove("in/b.png")
    #expect(try run().summary.exitStatus == .done)
    #expect(!folder.tree("out").contains("out/.b.out.tessera-part"))
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

  @Test("inputs are never replaced, whatever is asked for")
  func inputsStay() throws {
    var overwriting = options
    overwriting.overwrites = true
    folder.link("out", to: "in")
    let error = #expect(throws: BatchError.self) {
      let processor = try CopyProcessor(to: [folder.path("out")], fileExtension: "png")
      let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
      _ = try BatchRun(processor, on: inputs, options: overwriting).run()
    }
    guard case .inputWouldBeReplaced = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(folder.text("in/a.png") == "content a")
  }

  @Test("two inputs for one output are refused before anything is written")
  func collision() throws {
    try folder.write("x", to: "in/a.jpg")
    let error = #expect(throws: BatchError.self) { try run() }
    let text = error?.description ?? ""
    #expect(text.contains("'a.jpg' and 'a.png' would both write"))
    #expect(text.contains("`name`"))
    #expect(error?.exitStatus == .cannotCreate)
    #expect(folder.tree("out") == [])
    #expect(try run(name: "{dir}/{stem}-{ext}.out").summary.exitStatus == .done)
  }

  @Test("a file per channel does not take the name of another input's output")
  func channelCollision() throws {
    try folder.write("x", to: "in/two.1.png")
    let summary = try run().summary
    #expect(summary.failures.map(\.kind) == [.conflict])
    #expect(folder.text("out/two.1.out") == "x")
  }

  @Test("a second run at the same time is refused")
  func lock() throws {
    do {
      let other = try RunFolder(folder.path("out"))
      let error = #expect(throws: BatchError.self) { try run() }
      #expect(error == .folderInUse(other.path))
    }
    #expect(try run().summary.exitStatus == .done)
  }

  @Test("a folder that cannot be made is an error before work")
  func noFolder() throws {
    try folder.write("a file", to: "out")
    let error = #expect(throws: BatchError.self) { try run() }
    #expect(error?.exitStatus == .cannotCreate)
  }

  @Test("outdated lines of records go in time")
  func compaction() throws {
    var overwriting = options
    overwriting.overwrites = true
    try run()
    let line = (folder.text("out/.tessera/records") ?? "").split(separator: "\n").first ?? ""
    try folder.write(
      (folder.text("out/.tessera/records") ?? "")
        + String(repeating: "\(line.dropLast())x\n", count: 2000), to: "out/.tessera/records")
    #expect(try run().processed == [])
    #expect((folder.text("out/.tessera/records") ?? "").split(separator: "\n").count == 4)
  }

  @Test("verify finds what has changed since")
  func verify() throws {
    try run()
    let clean = try OutputVerification(of: folder.path("out"))
    #expect(clean.checkedCount == 5)
    #expect(clean.findings == [])
    try folder.write("content X", to: "out/a.out")
    try folder.write("longer than before", to: "out/b.out")
    folder.remove("out/c.out")
    let findings = try OutputVerification(of: folder.path("out")).findings
    #expect(findings.map(\.source) == ["a.png", "b.png", "c.png"])
    #expect(findings.map(\.problem).first == .content)
    #expect(findings[1].problem == .size(18, recorded: 9))
  }
}
