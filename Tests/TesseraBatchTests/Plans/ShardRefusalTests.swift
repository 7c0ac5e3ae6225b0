import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles

/// Plans that do not fit what works on them, and shards that cannot be done.
@Suite struct ShardRefusalTests {
  let workshop: PlanWorkshop
  var folder: TemporaryFolder { workshop.folder }

  /// A plan of two shards of two inputs.
  init() throws {
    workshop = try PlanWorkshop()
    try workshop.make()
  }

  /// What works on a plan that was changed in memory.
  private func planned(
    version: String = "1.2.3", recipe: String = "recipe",
    _ change: (inout RunPlan) -> Void = { _ in }
  ) throws -> PlannedRun<CopyProcessor> {
    var (plan, digest) = try workshop.plan.read()
    change(&plan)
    var options = BatchOptions(recipe: recipe, folder: folder.path("out"))
    options.version = version
    return try PlannedRun(
      plan, digest: digest, in: workshop.plan, CopyProcessor(to: [folder.path("out")]),
      options: options)
  }

  private func words(_ content: String) -> String {
    "\(content.utf8.count) bytes with the digest \(XXHash64.hash(content.utf8).hexadecimal)"
  }

  @Test("Another version or another pipeline is refused with both")
  func others() throws {
    #expect(throws: PlanError.version(planned: "1.2.3", found: "1.2.4")) {
      try planned(version: "1.2.4", recipe: "other")
    }
    #expect(throws: PlanError.pipeline(planned: "recipe", found: "other")) {
      try planned(recipe: "other")
    }
  }

  @Test("What inputs have in common is that of the plan, for shards and for all of them")
  func common() throws {
    let error = PlanError.malformed(
      workshop.plan.plan, line: nil, expected: "what its inputs have in common",
      found: "something else")
    let other = try planned { $0.common = ["of": "some"] }
    #expect(throws: error) { try other.run(0, cancellation: Cancellation()) { _ in } }
    #expect(folder.tree("out") == [])
    for shard in 0..<2 { try workshop.run(shard) }
    #expect(throws: error) { try other.merge() }
  }

  @Test("A shard none of whose inputs is there is refused with their number and folder")
  func noInputs() throws {
    folder.remove("in/e.png")
    #expect(try workshop.run(1).summary.exitStatus == .failedInputs)
    folder.remove("in/b/d.png")
    let missing = PlanError.noInputs(shard: 1, count: 2, folder: folder.path("in"))
    #expect(throws: missing) { try workshop.run(1) }
    #expect(try workshop.run(0).processed == ["a.png", "b/c.png"])
  }

  @Test("An input that has changed is told with what it was and what it is")
  func changed() throws {
    let e = try folder.write("content of E.png", to: "in/e.png")
    #expect(
      throws: PlanError.input(
        e, planned: words("content of e.png"), found: words("content of E.png"))
    ) { try workshop.run(1) }
    let a = try folder.write("longer than before", to: "in/a.png")
    #expect(
      throws: PlanError.input(
        a, planned: words("content of a.png"), found: words("longer than before"))
    ) { try workshop.run(0) }
    folder.removeAll("plan")
    try workshop.make(skippingDigests: true)
    try folder.write("x", to: "in/a.png")
    #expect(throws: PlanError.input(a, planned: "18 bytes", found: "1 byte")) {
      try workshop.run(0)
    }
  }

  @Test("Who works on a shard keeps others from it, who works on the outputs from all")
  func inUse() throws {
    try folder.write("", to: "plan/shards/00001/lock")
    let shard = try OpenFile(workshop.plan.folder(ofShard: 1) + "/lock", flags: O_RDWR)
    #expect(flock(shard.descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: PlanError.shardInUse(1)) { try workshop.run(1) }
    #expect(try workshop.run(0).processed == ["a.png", "b/c.png"])
    let all = try OpenFile(folder.path("out/.tessera-lock"), flags: O_RDWR)
    #expect(flock(all.descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: PlanError.batch(.folderInUse(folder.path("out")))) { try workshop.run(0) }
  }

  @Test("A merge that is asked to end does, and leaves no report")
  func ended() throws {
    for shard in 0..<2 { try workshop.run(shard) }
    #expect(throws: PlanError.interrupted) {
      try workshop.planned().merge(cancellation: Cancellation { true })
    }
    #expect(folder.text("out/report.jsonl") == nil)
    #expect(try workshop.planned().merge().exitStatus == .done)
  }

  @Test("Of another plan is told what it is made of, as of the one that was asked for")
  func otherPlan() throws {
    let lists = folder.content("plan/inputs.jsonl") ?? []
    let text = folder.content("plan/plan.json") ?? []
    let old =
      "one of 4 inputs (digest \(XXHash64.hash(lists).hexadecimal)) in 2 shards with the pipeline "
      + "recipe (digest of the plan \(XXHash64.hash(text).hexadecimal))"
    for name in ["a.png", "b/c.png", "b/d.png"] { folder.remove("in/\(name)") }
    let error = #expect(throws: PlanError.self) { try workshop.make() }
    guard case .exists(let path, let what, let planned, let found)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == workshop.plan.plan && what == "plan" && found == old)
    #expect(planned.hasPrefix("one of 1 input (digest "))
    #expect(planned.contains(") in 1 shard with the pipeline recipe (digest of the plan "))
    try folder.write("no plan", to: "plan/plan.json")
    let other = #expect(throws: PlanError.self) { try workshop.make() }
    #expect(
      other
        == .exists(
          workshop.plan.plan, what: "plan", planned: planned, found: "something else"))
    folder.remove("plan/plan.json")
    try folder.write("mine", to: "plan/inputs.jsonl")
    #expect(
      throws: PlanError.exists(
        workshop.plan.inputs, what: "file", planned: "a list of inputs", found: "something else")
    ) { try workshop.make() }
    #expect(folder.tree("plan") == ["plan/inputs.jsonl"])
  }

  @Test("Files of several folders are told from the root, each once")
  func roots() throws {
    try folder.write("x", to: "more/z.png")
    let found = try InputDiscovery().inputs(
      in: ["in", "more"].map { .path(folder.path($0)) })
    folder.removeAll("plan")
    try workshop.make(of: found)
    let plan = try workshop.plan.read().plan
    #expect(plan.shards == [0..<2, 2..<4, 4..<5])
    #expect(try plan.files(ofShard: 2, in: workshop.plan) == [folder.path("more/z.png")])
    #expect(
      try plan.files(ofShard: 0, in: workshop.plan)
        == [folder.path("in/a.png"), folder.path("in/b/c.png")])
  }
}
