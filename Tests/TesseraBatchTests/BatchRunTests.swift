import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

struct BatchRunTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func options(jobs: Int = 1, recipe: String = "recipe") -> BatchOptions {
    BatchOptions(recipe: recipe, folder: folder.path("out"), jobs: jobs)
  }

  func inputs() throws -> DiscoveredInputs {
    try InputDiscovery().inputs(in: [.path(folder.path("in"))])
  }

  /// Writes `count` inputs that differ.
  func writeInputs(_ count: Int) throws {
    for index in 0..<count {
      try folder.write("content \(index)", to: "in/d\(index % 3)/\(index).png")
    }
  }

  /// The report's lines without their times.
  func report() -> [String] {
    (folder.text("out/report.jsonl") ?? "").split(separator: "\n").map { line in
      String(line.prefix(upTo: line.range(of: ",\"seconds\":") ?? line.endIndex))
    }
  }

  @Test("every output is written and every report line is there")
  func allDone() throws {
    try writeInputs(7)
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs(), options: options()).run()
    #expect(summary.exitStatus == .done)
    #expect(summary.progress.okCount == 7)
    #expect(folder.text("out/d1/4.out") == "content 4")
    #expect(report().count == 7)
    #expect(
      report()[0]
        == """
        {"source":"d0/0.png","status":"ok","error":null,"channels":1,"height":1,"width":9,\
        "bytes":9,"decoder":null,"partial":false,"warnings":[],"blocks":null,"metrics":{},\
        "saturated":null,"outputs":[{"path":"d0/0.out","bytes":9,"shape":[9],\
        "dtype":"uint8","xxh64":"\(XXHash64.hash("content 0".utf8).hexadecimal)"}]
        """)
  }

  @Test(
    "an input whose place another file took while it was read fails, and is done the next time",
    arguments: [1, 2])
  func replaced(itemsPerShard: Int) throws {
    try writeInputs(2)
    let (path, other) = (folder.path("in/d0/0.png"), try folder.write("CONTENT 0", to: "other"))
    let isReplaced = Locked(false)
    let processor = try CopyProcessor(
      to: [folder.path("out")], itemsPerShard: itemsPerShard,
      onPrepare: { item in
        guard item.source.path == path else { return }
        isReplaced.withLock { isReplaced in
          if !isReplaced { rename(other, path) }
          isReplaced = true
        }
      })
    let first = try BatchRun(processor, on: inputs(), options: options()).run()
    #expect(first.progress.okCount == 1 && first.progress.failedCount == 1)
    #expect(first.failures.first?.kind == .unreadable)
    #expect(folder.text("out/d0/0.out") == nil && folder.text("out/d1/1.out") == "content 1")
    let second = try BatchRun(processor, on: inputs(), options: options()).run()
    #expect(second.exitStatus == .done)
    #expect(folder.text("out/d0/0.out") == "CONTENT 0")
  }

  @Test("an input that gets other permissions while it is read is done", arguments: [1, 2])
  func permitted(itemsPerShard: Int) throws {
    try writeInputs(2)
    let processor = try CopyProcessor(
      to: [folder.path("out")], itemsPerShard: itemsPerShard,
      onPrepare: { item in chmod(item.source.path, 0o600) })
    #expect(try BatchRun(processor, on: inputs(), options: options()).run().exitStatus == .done)
  }

  @Test("the report is in order, and the same for any number of workers", arguments: [2, 4, 16])
  func order(jobs: Int) throws {
    try writeInputs(40)
    try folder.write("fail", to: "in/d1/bad.png")
    let other = try CopyProcessor(to: [folder.path("out")])
    _ = try BatchRun(other, on: inputs(), options: options()).run()
    let expected = report()
    _ = Glibc.rename(folder.path("out"), folder.path("first"))
    let processor = try CopyProcessor(
      to: [folder.path("out")],
      delay: { Int(XXHash64.hash($0.name.utf8) % 5000) })
    _ = try BatchRun(processor, on: inputs(), options: options(jobs: jobs)).run()
    #expect(report() == expected)
    #expect(expected.count == 41)
    #expect(folder.tree("out").count == folder.tree("first").count)
  }

  @Test("as many workers run as were asked for")
  func workers() throws {
    try writeInputs(4)
    // Each input waits until all four are in work, or one of them has waited too long.
    let begun = Monitor(0)
    let hasMissed = Locked(false)
    let processor = try CopyProcessor(
      to: [folder.path("out")],
      onProcess: { _ in
        begun.withLock { $0 += 1 }
        guard begun.wait(milliseconds: 30_000, for: { $0 >= 4 ? true : nil }) == nil else { return }
        hasMissed.withLock { $0 = true }
        begun.withLock { $0 = 4 }
      })
    #expect(
      try BatchRun(processor, on: inputs(), options: options(jobs: 4)).run().exitStatus == .done)
    #expect(!hasMissed.withLock { $0 })
  }

  @Test("a bad input neither stops the others nor is silent")
  func failures() throws {
    try writeInputs(3)
    try folder.write("fail", to: "in/a.png")
    try folder.write("misfit", to: "in/b.png")
    folder.link("in/c.png", to: "nowhere")
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs(), options: options(jobs: 2)).run()
    #expect(summary.exitStatus == .failedInputs)
    #expect(summary.progress.okCount == 3)
    #expect(summary.failures.map(\.kind) == [.malformed, .plan, .unreadable])
    #expect(summary.failures[0].examples[0].source == "a.png")
    #expect(
      report()[0].hasPrefix(
        """
        {"source":"a.png","status":"failed","error":{"kind":"malformed","stage":null,\
        "message":"its data ends early"},
        """))
  }

  @Test("failures of a kind are counted, the first three are shown")
  func examples() throws {
    for index in 0..<9 { try folder.write("fail", to: "in/\(index).png") }
    let processor = try CopyProcessor(
      to: [folder.path("out")], delay: { $0.name == "0.png" ? 20_000 : 0 })
    let summary = try BatchRun(processor, on: inputs(), options: options(jobs: 3)).run()
    #expect(summary.failures.count == 1)
    #expect(summary.failures[0].count == 9)
    #expect(summary.failures[0].examples.map(\.source) == ["0.png", "1.png", "2.png"])
  }

  @Test("a pipeline that refuses every input at one stage is what is wrong")
  func refusedByAll() throws {
    for index in 0..<3 { try folder.write("misfit", to: "in/\(index).png") }
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs(), options: options()).run()
    #expect(summary.exitStatus == .badPipeline)
    #expect(summary.stageRefusingAll?.stageIndex == 1)
    try folder.write("fits", to: "in/3.png")
    #expect(
      try BatchRun(processor, on: inputs(), options: options()).run().exitStatus == .failedInputs)
  }

  @Test("fail-fast stops at the first failure")
  func failFast() throws {
    try writeInputs(20)
    try folder.write("fail", to: "in/a.png")
    let processor = try CopyProcessor(to: [folder.path("out")])
    var options = options()
    options.failsFast = true
    let summary = try BatchRun(processor, on: inputs(), options: options).run()
    #expect(summary.exitStatus == .failedInputs)
    #expect(summary.notRunCount == 20)
    #expect(report().count == 21)
    #expect(report()[1].contains("\"status\":\"not_run\""))
  }

  @Test("a full disk ends the run with its own status")
  func fullDisk() throws {
    try folder.write("full", to: "in/0.png")
    for index in 1..<9 { try folder.write("x", to: "in/\(index).png") }
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs(), options: options()).run()
    #expect(summary.exitStatus == .cannotWrite)
    #expect(summary.notRunCount == 8)
    #expect(summary.endingFailure?.kind == .write)
  }

  @Test("an input that can never have the memory it needs fails, the others go on")
  func memory() throws {
    try writeInputs(5)
    try folder.write(String(repeating: "x", count: 100), to: "in/large.png")
    var options = options(jobs: 3)
    options.memoryLimit = 20
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs(), options: options).run()
    #expect(summary.progress.okCount == 5)
    #expect(summary.failures.map(\.kind) == [.memory])
  }

  @Test("files that claim more bytes together than a number holds are run one by one")
  func exabytes() throws {
    try writeInputs(3)
    var inputs = try inputs()
    for index in inputs.items.indices { inputs.items[index].byteCount = Int.max / 2 }
    let processor = try CopyProcessor(to: [folder.path("out")])
    let summary = try BatchRun(processor, on: inputs, options: options()).run()
    #expect(summary.progress.okCount == 3)
    #expect(summary.progress.readByteCount == Int.max >> 16)
    #expect(summary.progress.plannedByteCount == Int.max >> 16)
  }

  @Test("a mistake in Tessera has its own status")
  func bug() throws {
    try folder.write("bug", to: "in/0.png")
    let processor = try CopyProcessor(to: [folder.path("out")])
    #expect(try BatchRun(processor, on: inputs(), options: options()).run().exitStatus == .bug)
  }

  @Test("an interrupted run reports what it did not come to, and the next one goes on")
  func interruption() throws {
    try writeInputs(12)
    let cancellation = Cancellation()
    let processor = try CopyProcessor(
      to: [folder.path("out")], onProcess: { if $0 == 5 { cancellation.cancel() } })
    let run = try BatchRun(processor, on: inputs(), options: options(jobs: 2))
    let summary = try run.run(cancellation: cancellation)
    #expect(summary.exitStatus == .interrupted)
    #expect(report().count == 12)
    #expect(!folder.tree("out").contains { $0.hasSuffix("-part") })
    let first = summary.progress.okCount
    let next = try CopyProcessor(to: [folder.path("out")])
    let rest = try BatchRun(next, on: inputs(), options: options(jobs: 2)).run()
    #expect(rest.exitStatus == .done)
    #expect(rest.progress.skippedCount == first)
    #expect(rest.progress.okCount == 12 - first)
    #expect(!report().contains { $0.contains("not_run") })
  }
}

extension Substring {
  /// The place of `text`.
  fileprivate func range(of text: String) -> Index? {
    indices.first { self[$0...].hasPrefix(text) }
  }
}
