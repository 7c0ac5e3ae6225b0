import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What shards have left, when it is put together and not as it was written.
@Suite struct ShardMergeTests {
  let workshop: PlanWorkshop
  var folder: TemporaryFolder { workshop.folder }

  /// Two shards of two inputs, both complete.
  init() throws {
    workshop = try PlanWorkshop()
    try workshop.folder.write("fail", to: "in/b/d.png")
    try workshop.make()
    for shard in 0..<2 { try workshop.run(shard) }
  }

  private func lines(_ path: String) -> [String] {
    (folder.text(path) ?? "").split(separator: "\n").map(String.init)
  }

  /// Puts another report in place of a shard's, with the word that it is whole.
  private func rewrite(_ lines: [String], of shard: Int) throws {
    let path = workshop.plan.report(ofShard: shard)
    try folder.write(
      lines.map { $0 + "\n" }.joined(), to: "plan/shards/0000\(shard)/report.jsonl")
    let read = try workshop.plan.read()
    var done = try #require(try CompleteShard(shard, of: read.plan, read.digest, in: workshop.plan))
    done.report = try #require(try CompleteShard.digest(ofReport: path))
    try folder.write(done.text, to: "plan/shards/0000\(shard).done.json")
  }

  private func malformed(_ line: Int?, _ expected: String, _ found: String) -> PlanError {
    .malformed(
      workshop.plan.report(ofShard: 1), line: line, expected: expected, found: found)
  }

  @Test("A line of a report that is not that of its input is named by its number in the report")
  func lines() throws {
    let good = lines("plan/shards/00001/report.jsonl")
    #expect(good.count == 2)
    func expected(_ name: String) -> String { "the line of '\(name)', done or failed" }
    try rewrite([good[0], "no line"], of: 1)
    #expect(throws: malformed(2, expected("e.png"), "something else")) {
      try workshop.planned().merge()
    }
    try rewrite([good[1], good[0]], of: 1)
    #expect(throws: malformed(1, expected("b/d.png"), "something else")) {
      try workshop.planned().merge()
    }
    try rewrite(
      [good[0], good[1].replacing(#""status":"ok""#, with: #""status":"not_run""#)], of: 1)
    #expect(throws: malformed(2, expected("e.png"), "something else")) {
      try workshop.planned().merge()
    }
    #expect(folder.text("out/report.jsonl") == nil)
    try rewrite(good, of: 1)
    #expect(try workshop.planned().merge().exitStatus == .failedInputs)
  }

  @Test("A report of fewer or more lines is refused with both counts")
  func counts() throws {
    let good = lines("plan/shards/00001/report.jsonl")
    for (lines, found) in [([good[0]], 1), (good + ["x"], 3), (good + ["x", "y"], 4), ([], 0)] {
      try rewrite(lines, of: 1)
      #expect(throws: malformed(nil, "2 lines", "\(found)")) { try workshop.planned().merge() }
    }
  }

  @Test(
    "A report that has changed, or is gone, has its shard done again", arguments: [true, false])
  func report(_ isGone: Bool) throws {
    let path = "plan/shards/00000/report.jsonl"
    if isGone { folder.remove(path) } else { try folder.write("other", to: path) }
    #expect(
      throws: PlanError.damaged(
        ShardNumbers([0]), example: workshop.plan.report(ofShard: 0))
    ) { try workshop.planned().merge() }
    #expect(workshop.done(0) == nil && workshop.done(1) != nil)
    try workshop.run(0)
    #expect(try workshop.planned().merge().failedCount == 1)
  }

  @Test("A shard whose records have lost an input is done again, though its outputs are there")
  func records() throws {
    try folder.write("", to: "plan/shards/00000/records")
    #expect(
      throws: PlanError.damaged(
        ShardNumbers([0]), example: workshop.plan.folder(ofShard: 0))
    ) { try workshop.planned().merge(lookingAtOutputs: false) }
    #expect(workshop.done(0) == nil)
    #expect(throws: PlanError.incomplete(ShardNumbers([0]))) { try workshop.planned().merge() }
  }

  @Test("Of shards that are damaged and of those with outputs that are gone all are done again")
  func both() throws {
    folder.remove("out/a.out")
    folder.remove("plan/shards/00001/report.jsonl")
    #expect(
      throws: PlanError.damaged(
        ShardNumbers([0, 1]), example: workshop.plan.report(ofShard: 1))
    ) { try workshop.planned().merge() }
    #expect(workshop.done(0) == nil && workshop.done(1) == nil)
  }

  @Test("What was done without the plan is told as done before, and is in the folder's records")
  func earlier() throws {
    let alone = try PlanWorkshop()
    #expect(try alone.runAlone() == ["a.png", "b/c.png", "b/d.png", "e.png"])
    alone.folder.remove("out/b/c.out")
    try alone.make()
    #expect(try alone.run(0).processed == ["b/c.png"])
    #expect(try alone.run(1).processed == [])
    #expect(try alone.planned().merge().failedCount == 0)
    let statuses = (alone.folder.text("out/report.jsonl") ?? "").split(separator: "\n").map {
      line in
      ["ok", "skipped"].first { line.contains(#""status":"\#($0)""#) }
    }
    #expect(statuses == ["skipped", "ok", "skipped", "skipped"])
    #expect(try alone.runAlone() == [])
  }

  @Test("Folders of inputs that have all failed are taken away, and no others")
  func emptied() throws {
    let other = try PlanWorkshop(["a.png", "x/y/b.png", "z/c.png"])
    for name in ["x/y/b.png"] { try other.folder.write("fail", to: "in/\(name)") }
    try other.make()
    for shard in 0..<2 { try other.run(shard) }
    try other.folder.makeFolder("out/x/y")
    try other.folder.makeFolder("out/mine")
    #expect(try other.planned().merge().failedCount == 1)
    let folders = other.folder.tree("out").filter { $0.hasSuffix("/") }
    #expect(folders == ["out/mine/", "out/z/"])
  }

  @Test("What refuses a run refuses a merge")
  func refused() throws {
    try folder.write("mine", to: "out/report.jsonl")
    #expect(throws: PlanError.batch(.reportExists(folder.path("out/report.jsonl")))) {
      try workshop.planned().merge()
    }
    #expect(folder.text("out/report.jsonl") == "mine")
    #expect(folder.content("out/.tessera-records") == nil)
    #expect(workshop.done(0) != nil && workshop.done(1) != nil)
  }
}

/// Folders in which nothing came to lie.
@Suite struct EmptyFoldersTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["out/a/b/c", "out/a/d", "out/e", "other/f"] { try folder.makeFolder(name) }
  }

  private func remove(_ added: [String]) -> [String] {
    var options = BatchOptions(recipe: "", folder: folder.path("out") + "/")
    options.otherFolders = [folder.path("other")]
    var emptied = EmptyFolders(below: options)
    for name in added { emptied.add(folder.path(name)) }
    emptied.remove()
    return folder.tree()
  }

  @Test("They go with those above them that are empty then, up to the folder of the outputs")
  func removed() {
    #expect(
      remove(["out/a/b/c", "other/f"]) == ["other/", "out/", "out/a/", "out/a/d/", "out/e/"])
    #expect(remove(["out/a/d", "out/e"]) == ["other/", "out/"])
    #expect(remove(["out", "other"]) == ["other/", "out/"])
  }

  @Test("What holds anything stays")
  func kept() throws {
    try folder.write("x", to: "out/a/x")
    #expect(
      remove(["out/a/b/c", "out/a/d"]) == [
        "other/", "other/f/", "out/", "out/a/", "out/a/x", "out/e/",
      ])
  }
}
