import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Outputs that are there: which of them a run makes again, and which refuse their inputs.
@Suite struct StandingOutputsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a", "b", "c"] { try folder.write("content \(name)", to: "in/\(name).png") }
  }

  private func run(
    verifying: Bool = false, retrying: Bool = false
  ) throws -> (processed: [String], causes: [InputFailure.Cause]) {
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    options.verifiesDone = verifying
    options.retriesFailed = retrying
    let processor = try CopyProcessor(to: [folder.path("out")])
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    let summary = try BatchRun(processor, on: inputs, options: options).run()
    return (
      processor.processed.withLock { $0 },
      summary.failures.flatMap(\.examples).map(\.failure.cause)
    )
  }

  @Test("Outputs of their sizes are done, unless they are read and are not what was written")
  func verified() throws {
    #expect(try run().processed == ["a.png", "b.png", "c.png"])
    try folder.write([UInt8](repeating: 0, count: 9), to: "out/b.out")
    #expect(try run().processed == [] && run(verifying: true).processed == ["b.png"])
    #expect(folder.text("out/b.out") == "content b")
    try folder.write("CONTENT c", to: "out/c.out")
    #expect(try run().processed == [])
    let changed = try run(verifying: true)
    #expect(changed.processed == ["c.png"] && changed.causes == [.outputExists("c.out")])
    #expect(folder.text("out/c.out") == "CONTENT c")
    folder.remove("out/c.out")
    #expect(try run(verifying: true).processed == ["c.png"])
    #expect(try run(verifying: true).processed == [])
  }

  @Test("Inputs that failed for what they are fail again without work, unless that is asked for")
  func retried() throws {
    try folder.write("fail", to: "in/b.png")
    let cause = InputFailure.Cause.refusal(.malformed, reason: "its data ends early")
    #expect(try run().causes == [cause])
    #expect(try run(retrying: true).causes == [cause])
  }

  @Test("A file per channel never takes the place of an input, which fails alone")
  func input() throws {
    try folder.write("two channels", to: "in/two.png")
    try folder.makeFolder("out")
    let input = folder.path("in/c.png")
    #expect(link(input, folder.path("out/two.1.out")) == 0)
    #expect(try run().causes == [.inputWouldBeReplaced(input)])
    #expect(folder.text("in/c.png") == "content c" && folder.text("out/two.0.out") == nil)
    #expect(folder.text("out/a.out") == "content a")
  }

  @Test("What items share and cannot have refuses all of them in a dry run, as its memory does")
  func shared() throws {
    func causes(memory: Int?) throws -> [InputFailure.Cause?] {
      var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
      options.memoryLimit = memory
      let processor = GatherProcessor(to: folder.path("out"), itemsPerShard: 2)
      let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
      return try BatchRun(processor, on: inputs, options: options).plan().map { outcome in
        if case .failed(_, let failure) = outcome { failure.cause } else { nil }
      }
    }
    #expect(try causes(memory: nil) == [nil, nil, nil])
    // An item takes 9 bytes, and what gathers them 5.
    #expect(try causes(memory: 14) == [nil, nil, nil])
    let memory = InputFailure.Cause.memory(needed: 14, allowed: 13)
    #expect(try causes(memory: 13) == [memory, memory, memory])
    try folder.makeFolder("out/part-0.txt")
    let taken = InputFailure.Cause.outputIsFolder("part-0.txt")
    #expect(try causes(memory: nil) == [taken, taken, nil])
  }

  @Test("One item gives its files whatever is there, or says why not")
  func single() throws {
    try folder.write("mine", to: "out/a.out")
    let processor = try CopyProcessor(to: [folder.path("out")])
    let item = Item(file: folder.path("in/a.png"), name: "a.png")
    let result = try processor.result(of: item)
    #expect(result.error == nil && result.outputs.map(\.path) == [folder.path("out/a.out")])
    #expect(result.outputs.map(\.byteCount) == [9] && folder.text("out/a.out") == "content a")
    let missing = Item(file: folder.path("in/none.png"), name: "none.png")
    let failed = try processor.result(of: missing)
    #expect(failed.error?.kind == .unreadable && failed.outputs == [])
    let gather = GatherProcessor(to: folder.path("none"), itemsPerShard: 1)
    #expect(
      try gather.result(of: item).error
        == InputFailure(
          output: FileError(.create, folder.path("none/part-0.txt"), code: ENOENT)))
    #expect(gather.ends.withLock { $0 } == [])
  }

  @Test("A file that items share is named with theirs, and is no item's own")
  func sharedFile() throws {
    try folder.makeFolder("out")
    let collector = FileCollector()
    let slot = collector.slot(0)
    let own = try AtomicFile(at: folder.path("out/own"))
    try own.write("12".utf8)
    slot.add(own, shape: [2], dtype: "uint8")
    let all = try AtomicFile(at: folder.path("out/all"))
    try all.write("123".utf8)
    try slot.finish()
    collector.add(all, shape: [3], dtype: "int8")
    #expect(collector.files.map(\.path) == ["own", "all"].map { folder.path("out/\($0)") })
    #expect(
      try collector.commit() == [
        OutputFile(
          path: folder.path("out/own"), byteCount: 2, shape: [2], dtype: "uint8", position: 0),
        OutputFile(
          path: folder.path("out/all"), byteCount: 3, shape: [3], dtype: "int8", position: nil),
      ])
    #expect(folder.tree("out") == ["out/all", "out/own"] && collector.files.isEmpty)
  }

  @Test("Items are the same where all but roots and members is")
  func items() {
    let item = Item(
      name: "é", source: ByteSource(path: "in/é"), byteCount: 3, modificationTime: 4)
    var others = [item, item, item, item, item, item]
    others[1].name = "e\u{301}"
    others[2].source = ByteSource(path: "in/e\u{301}")
    others[3].view = 0
    others[4].byteCount = 4
    others[5].modificationTime = 3
    #expect(others.map { $0 == item } == [true, false, false, false, false, false])
    #expect(Set(others).count == 6 && Set([item, item]).count == 1)
    #expect(item.hashValue == others[1].hashValue && item.hashValue != others[4].hashValue)
    #expect(item.hashValue != others[5].hashValue)
    #expect(item.recordName == "é" && others[3].recordName == "é\0" + "0")
  }
}
