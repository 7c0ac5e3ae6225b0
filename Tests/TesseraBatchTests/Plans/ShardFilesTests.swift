import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles

/// The small files that tell of shards.
@Suite struct ShardFilesTests {
  let folder: TemporaryFolder
  let plan: PlanFolder

  init() throws {
    folder = try TemporaryFolder()
    plan = PlanFolder(folder.path)
  }

  @Test("The files of shards are numbered with five digits, or more where there are more")
  func names() {
    let plan = PlanFolder("p")
    #expect(plan.plan == "p/plan.json" && plan.inputs == "p/inputs.jsonl")
    for (shard, name) in [(0, "00000"), (42, "00042"), (99_999, "99999"), (123_456, "123456")] {
      #expect(plan.folder(ofShard: shard) == "p/shards/\(name)")
      #expect(plan.report(ofShard: shard) == "p/shards/\(name)/report.jsonl")
      #expect(plan.running(ofShard: shard) == "p/shards/\(name)/running.json")
      #expect(plan.done(ofShard: shard) == "p/shards/\(name).done.json")
    }
  }

  private static let done = CompleteShard(
    shard: 1, plan: "abc", inputCount: 15, failedCount: 2, report: 0xFF, seconds: 1.5, host: "h")

  @Test("What tells of a complete shard is read as it was written")
  func complete() throws {
    #expect(
      Self.done.text
        == #"{"shard":1,"plan":"abc","inputs":15,"failed":2,"report":"00000000000000ff","#
        + #""seconds":1.5,"host":"h"}"# + "\n")
    try folder.write(Self.done.text, to: "shards/00001.done.json")
    #expect(try CompleteShard(1, of: RunPlanTests.plan, "abc", in: plan) == Self.done)
    #expect(try CompleteShard(0, of: RunPlanTests.plan, "abc", in: plan) == nil)
    #expect(try CompleteShard(1, of: RunPlanTests.plan, "abd", in: plan) == nil)
  }

  @Test(
    "One that is not of this shard and plan tells of none",
    arguments: [
      (#""shard":1"#, #""shard":0"#), (#""inputs":15"#, #""inputs":14"#),
      (#""failed":2"#, #""failed":-1"#), (#""failed":2"#, #""failed":16"#),
      (#""plan":"abc""#, #""plan":1"#), ("00000000000000ff", "0g"), ("}", ""),
    ])
  func foreign(_ old: String, _ new: String) throws {
    try folder.write(Self.done.text.replacing(old, with: new), to: "shards/00001.done.json")
    #expect(try CompleteShard(1, of: RunPlanTests.plan, "abc", in: plan) == nil)
  }

  @Test("All of its inputs may have failed, and what it took need not be told")
  func lenient() throws {
    let text = #"{"shard":1,"plan":"abc","inputs":15,"failed":15,"report":"1"}"#
    try folder.write(text, to: "shards/00001.done.json")
    let done = try CompleteShard(1, of: RunPlanTests.plan, "abc", in: plan)
    #expect(done?.failedCount == 15 && done?.report == 1)
    #expect(done?.seconds == 0 && done?.host == "")
  }

  @Test("A small file is there or is none; a larger one is none")
  func small() throws {
    func read(_ name: String) throws -> JSONValue? {
      try JSONValue(ofSmallFile: folder.path(name))
    }
    try folder.write("[1]", to: "a")
    try folder.makeFolder("folder")
    folder.link("loop", to: "loop")
    #expect(try read("a") == [1])
    for name in ["none", "folder", "loop", "a/below"] { #expect(try read(name) == nil, "\(name)") }
    try folder.write("[1", to: "a")
    #expect(try read("a") == nil)
    for (count, isRead) in [(1 << 16, true), (1 << 16 + 1, false)] {
      try folder.write("[1" + String(repeating: " ", count: count - 3) + "]", to: "a")
      #expect(try read("a") == (isRead ? [1] : nil))
    }
    #expect(throws: FileError.self) { try read(String(repeating: "x", count: 300)) }
  }

  @Test("The digest of a report is none where it is gone, and an error where it cannot be read")
  func digest() throws {
    let path = try folder.write("report", to: "r")
    #expect(try CompleteShard.digest(ofReport: path) == XXHash64.hash("report".utf8))
    #expect(try CompleteShard.digest(ofReport: folder.path("none")) == nil)
    let error = #expect(throws: FileError.self) {
      try CompleteShard.digest(ofReport: path + "/below")
    }
    #expect(error?.code == ENOTDIR)
  }

  @Test("A shard is told complete with the digest of its report, or it is told why not")
  func part() throws {
    try folder.write("content", to: "in/a.png")
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    var summary = try BatchRun(
      CopyProcessor(to: [folder.path("out")]), on: inputs,
      options: BatchOptions(recipe: "", folder: folder.path("out"))
    ).run()
    let failures = Locked<[FileError]>([])
    let report = folder.path("report")
    let part = PlannedPart(
      identities: [
        .init(byteCount: 1, hash: 7), .init(byteCount: 2, hash: 8), .init(byteCount: 3, hash: nil),
      ], viewCount: 2, done: folder.path("done"),
      text: { "\($0.progress.total) \($1)" }, report: report,
      failed: { error in failures.withLock { $0.append(error) } })
    part.end(summary, nil)
    #expect(failures.withLock { $0 } == [FileError(.read, report, code: ENOENT)])
    #expect(folder.text("done") == nil)
    try folder.write("lines", to: "report")
    part.end(summary, nil)
    #expect(folder.text("done") == "1 \(XXHash64.hash("lines".utf8))")
    #expect(failures.withLock { $0.count } == 1)
    try part.begin()
    #expect(folder.text("done") == nil)
    summary.notRunCount = 1
    part.end(summary, nil)
    summary.notRunCount = 0
    summary.reportError = FileError(.write, report, code: EIO)
    part.end(summary, nil)
    #expect(folder.text("done") == nil && failures.withLock { $0.count } == 1)

    // Two views of each input: the digest is that of the input.
    let item = inputs.items[0]
    for (index, hash) in [(0, 7), (1, 7), (2, 8), (3, 8), (4, 9), (0, nil)] as [(Int, UInt64?)] {
      try part.check(item, at: index, hash: hash)
    }
    #expect(
      throws: InputFailure(
        .inputChanged(
          planned: "1 byte with the digest 0000000000000007",
          found: "7 bytes with the digest 0000000000000008"))
    ) { try part.check(item, at: 1, hash: 8) }
  }

  @Test(
    "A shard is to be done again where inputs failed as they may not another time",
    arguments: InputFailure.Kind.allCases)
  func again(_ kind: InputFailure.Kind) throws {
    var summary = try BatchRun(
      CopyProcessor(to: [folder.path("out")]), on: DiscoveredInputs(items: ItemList()),
      options: BatchOptions(recipe: "", folder: nil)
    ).run()
    #expect(summary.isComplete)
    summary.failures = [.init(kind: .malformed, count: 1, examples: [])]
    #expect(summary.isComplete)
    summary.failures.append(.init(kind: kind, count: 1, examples: []))
    #expect(summary.isComplete != [.create, .write, .bug, .changed, .exists].contains(kind))
  }
}
