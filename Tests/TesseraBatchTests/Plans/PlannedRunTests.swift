import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles
@testable import TesseraThreads

/// Shards of a plan: what is written of them, and when it is taken back.
struct PlannedRunTests {
  @Test("The list of inputs tells of each what its name does not")
  func lines() throws {
    let workshop = try PlanWorkshop(["a.png", "b/c.png"])
    let folder = workshop.folder
    try workshop.make(skippingDigests: true)
    #expect(
      workshop.lines() == [#"{"path":"a.png","size":16}"#, #"{"path":"b/c.png","size":18}"#])
    let digest = XXHash64.hash("content of a.png".utf8).hexadecimal
    workshop.folder.removeAll("plan")
    try workshop.make()
    #expect(workshop.lines()[0] == #"{"path":"a.png","size":16,"xxh64":"\#(digest)"}"#)

    // Other names than the files have, members of archives, other folders.
    var member = Item(
      name: "a.tar/m.png",
      source: ByteSource(path: folder.path("in/a.tar"), offset: 512, byteCount: 9), byteCount: 9,
      modificationTime: 1)
    member.member = "m.png"
    // Its archive's path ends as a path of a file of that name would.
    var nested = Item(
      name: "n.png", source: ByteSource(path: folder.path("in/n.png"), offset: 0, byteCount: 1),
      byteCount: 1, modificationTime: 1)
    nested.member = "x"
    let items = ItemList([
      member, Item(file: folder.path("in/b/c.png"), name: "c.png"), nested,
      Item(file: folder.path("in/a.png"), name: "other.png"),
    ])
    workshop.folder.removeAll("plan")
    let made = try workshop.make(of: DiscoveredInputs(items: items), skippingDigests: true).made
    #expect(
      workshop.lines() == [
        #"{"path":"a.tar/m.png","size":9,"file":"a.tar","member":"m.png","offset":512}"#,
        #"{"path":"c.png","size":18,"root":1}"#,
        #"{"path":"n.png","size":1,"file":"n.png","member":"x","offset":0}"#,
        #"{"path":"other.png","size":16,"file":"a.png"}"#,
      ])
    #expect(made.plan.roots.map(\.path) == [folder.path("in"), folder.path("in/b")])
    let read = try PlannedInputs(0..<4, of: made.plan, in: workshop.plan).items
    #expect(read.map(\.source.path) == items.map(\.source.path))
    #expect(read.map(\.source.part) == items.map(\.source.part))
    #expect(read.map(\.member) == items.map(\.member))
  }

  @Test("A shard gives its own inputs, and is complete with as many")
  func shards() throws {
    let workshop = try PlanWorkshop(["a.png", "b/c.png", "b/d.png", "e.png", "f.png"])
    #expect(try workshop.make().made.plan.shards == [0..<2, 2..<4, 4..<5])
    #expect(try workshop.run(1).processed == ["b/d.png", "e.png"])
    #expect(workshop.folder.tree("out").filter { $0.hasSuffix(".out") }.count == 2)
    let done = workshop.done(1)
    #expect(done?["inputs"]?.number?.integer == 2 && done?["failed"]?.number?.integer == 0)
    #expect(workshop.done(0) == nil && workshop.done(2) == nil)
    #expect(try workshop.run(1).processed == [])
    #expect(try workshop.run(2).processed == ["f.png"])
    #expect(workshop.done(2)?["inputs"]?.number?.integer == 1)
  }

  @Test("That a shard is complete is taken back before one of its outputs changes")
  func takenBack() throws {
    let workshop = try PlanWorkshop()
    try workshop.make()
    try workshop.run(0)
    #expect(workshop.done(0) != nil)
    workshop.folder.remove("out/a.out")
    let path = workshop.plan.done(ofShard: 0)
    let wasThere = Locked<[Bool]>([])
    let run = try workshop.run(0) { _ in
      wasThere.withLock { $0.append(FileStatus(of: path) != nil) }
    }
    #expect(run.processed == ["a.png"])
    #expect(wasThere.withLock { $0 } == [false])
    #expect(workshop.done(0) != nil)
  }

  @Test("A shard with inputs that fail is complete, and is one of those that have failed")
  func failed() throws {
    let workshop = try PlanWorkshop()
    try workshop.folder.write("fail", to: "in/e.png")
    try workshop.make()
    #expect(try workshop.planned().failedShards.description == "")
    for shard in 0..<2 { try workshop.run(shard) }
    #expect(workshop.done(1)?["failed"]?.number?.integer == 1)
    #expect(try workshop.planned().failedShards.description == "1")
  }

  @Test("A shard whose outputs could not be written is not complete")
  func full() throws {
    let workshop = try PlanWorkshop()
    try workshop.folder.write("full", to: "in/b/d.png")
    try workshop.make()
    #expect(try workshop.run(1).summary.exitStatus == .cannotWrite)
    #expect(workshop.done(1) == nil)
  }

  @Test("Inputs of other sizes or contents than planned are refused")
  func changed() throws {
    let workshop = try PlanWorkshop()
    try workshop.make()
    try workshop.folder.write("content of E.png", to: "in/e.png")
    let content = #expect(throws: PlanError.self) { try workshop.run(1) }
    guard case .input(let path, let planned, let found) = content else {
      Issue.record("\(content.debugDescription)")
      return
    }
    #expect(path.hasSuffix("in/e.png"))
    #expect(planned.hasPrefix("16 bytes with the digest ") && found.hasPrefix("16 bytes with"))
    #expect(planned != found && workshop.done(1) == nil)
    try workshop.folder.write("longer than it was", to: "in/a.png")
    let size = #expect(throws: PlanError.self) { try workshop.run(0) }
    guard case .input(_, let planned, let found) = size else {
      Issue.record("\(size.debugDescription)")
      return
    }
    #expect(planned.hasPrefix("16 bytes") && found.hasPrefix("18 bytes"))
  }

  @Test("Where sizes alone are planned, contents may differ")
  func sizesAlone() throws {
    let workshop = try PlanWorkshop()
    try workshop.make(skippingDigests: true)
    try workshop.folder.write("content of E.png", to: "in/e.png")
    #expect(try workshop.run(1).summary.exitStatus == .done)
    try workshop.folder.write("content of", to: "in/e.png")
    #expect(throws: PlanError.self) { try workshop.run(1) }
  }

  @Test("A shard that there is not is told with how many there are")
  func noSuchShard() throws {
    let workshop = try PlanWorkshop()
    try workshop.make()
    let error = #expect(throws: PlanError.self) { try workshop.run(2) }
    #expect(error == .noSuchShard(2, count: 2) && error?.exitStatus == .usage)
    let files = #expect(throws: PlanError.self) {
      try workshop.plan.read().plan.files(ofShard: 3, in: workshop.plan)
    }
    #expect(files == .noSuchShard(3, count: 2))
  }

  @Test("Files of a shard are told from the folder of the inputs, where they have one")
  func files() throws {
    let workshop = try PlanWorkshop()
    try workshop.make()
    let plan = try workshop.plan.read().plan
    #expect(try plan.files(ofShard: 0, in: workshop.plan) == ["a.png", "b/c.png"])
    #expect(try plan.files(ofShard: 1, in: workshop.plan) == ["b/d.png", "e.png"])
  }

  @Test("Shards are put together once all of them are complete, as often as that is asked for")
  func merged() throws {
    let workshop = try PlanWorkshop()
    try workshop.folder.write("fail", to: "in/e.png")
    try workshop.make()
    try workshop.run(0)
    let missing = #expect(throws: PlanError.self) { try workshop.planned().merge() }
    #expect(missing == .incomplete(ShardNumbers([1])) && missing?.exitStatus == .interrupted)
    #expect(workshop.folder.text("out/report.jsonl") == nil)
    try workshop.run(1)
    for _ in 0..<2 {
      let summary = try workshop.planned().merge()
      #expect(summary.shardCount == 2 && summary.inputCount == 4 && summary.failedCount == 1)
      #expect(summary.exitStatus == .failedInputs)
      let report = (workshop.folder.text("out/report.jsonl") ?? "").split(separator: "\n")
      #expect(
        zip(report, ["a.png", "b/c.png", "b/d.png", "e.png"]).allSatisfy {
          $0.hasPrefix(#"{"source":"\#($1)""#)
        } && report.count == 4)
      #expect(report.map { $0.contains(#""status":"ok""#) } == [true, true, true, false])
    }
    // One machine alone finds the same done.
    #expect(try workshop.runAlone().filter { $0 != "e.png" } == [])
  }

  @Test("A shard one of whose outputs is gone is told, and is to be done again")
  func lost() throws {
    let workshop = try PlanWorkshop()
    try workshop.make()
    for shard in 0..<2 { try workshop.run(shard) }
    workshop.folder.remove("out/b/d.out")
    let error = #expect(throws: PlanError.self) { try workshop.planned().merge() }
    guard case .lost(let shards, let example) = error else {
      Issue.record("\(error.debugDescription)")
      return
    }
    #expect(shards.description == "1" && example.hasSuffix("out/b/d.out"))
    #expect(workshop.done(0) != nil && workshop.done(1) == nil)
    #expect(try workshop.run(1).processed == ["b/d.png"])
    #expect(try workshop.planned().merge().exitStatus == .done)
    workshop.folder.remove("out/a.out")
    #expect(try workshop.planned().merge(lookingAtOutputs: false).exitStatus == .done)
  }

  @Test("A plan is written once, and another one in its place is refused")
  func writtenOnce() throws {
    let workshop = try PlanWorkshop()
    #expect(try workshop.make().isNew)
    #expect(try workshop.make().isNew == false)
    try workshop.folder.write("new", to: "in/z.png")
    let before = workshop.lines()
    let error = #expect(throws: PlanError.self) { try workshop.make() }
    #expect(error?.exitStatus == .cannotCreate && workshop.lines() == before)
    // What a planning that was killed has left is none; what somebody else has written, is his.
    workshop.folder.remove("plan/plan.json")
    #expect(try workshop.make().isNew)
    workshop.folder.remove("plan/plan.json")
    try workshop.folder.write("mine", to: "plan/inputs.jsonl")
    let foreign = #expect(throws: PlanError.self) { try workshop.make() }
    #expect(foreign?.exitStatus == .cannotCreate)
    #expect(workshop.folder.text("plan/inputs.jsonl") == "mine")
  }

  @Test("A link in place of a plan's file is somebody's, even one to nothing")
  func links() throws {
    for name in ["plan.json", "inputs.jsonl"] {
      let workshop = try PlanWorkshop()
      try workshop.folder.makeFolder("plan")
      workshop.folder.link("plan/\(name)", to: workshop.folder.path("nowhere"))
      #expect(throws: PlanError.self, "\(name)") { try workshop.make() }
      let status = FileStatus(of: workshop.folder.path("plan/\(name)"), followingLinks: false)
      #expect(status?.kind == .link && workshop.folder.text("nowhere") == nil, "\(name)")
    }
  }
}
