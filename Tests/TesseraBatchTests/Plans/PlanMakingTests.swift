import Glibc
import TesseraCore
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What is looked at while a run is planned.
@Suite struct PlanMakingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Plans inputs into shards without writing anything.
  private func planned(
    _ names: [String], _ division: ShardDivision, views: Int? = nil, itemsPerShard: Int = 1,
    report: String? = nil, isCancelled: Bool = false
  ) throws -> MadePlan? {
    for name in names { try folder.write("content", to: "in/\(name)") }
    var found = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    found.items.viewCount = views
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    options.version = "1.2.3"
    if let report { options.reportPath = folder.path(report) }
    let processor = try CopyProcessor(to: [folder.path("out")], itemsPerShard: itemsPerShard)
    let request = PlanRequest(
      division, pipeline: ["version": 1], pipelineFolder: "/p", output: nil, kernels: "baseline",
      codecs: ["libx 1"])
    return try BatchRun(processor, on: found, options: options).planned(
      request, cancellation: Cancellation { isCancelled })
  }

  @Test("Inputs that cannot be read are counted, and the first is named")
  func unread() throws {
    try folder.makeFolder("in")
    folder.link("in/b.png", to: folder.path("nowhere"))
    let b = folder.path("in/b.png")
    #expect(
      try planned(["a.png"], .size(1))?.warnings == [
        "1 input could not be read, '\(b)' among them: a change that keeps the size is not seen"
      ])
    folder.link("in/c.png", to: folder.path("nowhere"))
    #expect(
      try planned([], .size(1))?.warnings == [
        "2 inputs could not be read, '\(b)' among them: a change that keeps the size is not seen"
      ])
    for name in ["b.png", "c.png"] { folder.remove("in/\(name)") }
    #expect(try planned([], .size(1))?.warnings == [])
  }

  @Test("What a plan holds is what was asked for")
  func held() throws {
    let plan = try #require(try planned(["a.png", "b.png", "c.png"], .count(2))).plan
    #expect(plan.shards == [0..<2, 2..<3] && plan.ends == [3] && plan.itemsPerFile == 1)
    #expect(plan.version == "1.2.3" && plan.recipe == "recipe" && plan.kernels == "baseline")
    #expect(plan.codecs == ["libx 1"] && plan.pipelineFolder == "/p" && plan.output == nil)
    #expect(plan.hasDigests && plan.viewCount == nil && plan.common == ["of": "all"])
    #expect(plan.roots == [RunPlan.Root(path: folder.path("in"), name: "in")])
  }

  @Test(
    "Files that hold views of several inputs keep those together, and no more than those",
    arguments: [
      (views: 4, perFile: 6, unit: 3), (views: 6, perFile: 4, unit: 2),
      (views: 3, perFile: 5, unit: 5), (views: 2, perFile: 2, unit: 1),
      (views: 6, perFile: 3, unit: 1), (views: 1, perFile: 4, unit: 4),
      (views: 5, perFile: 1, unit: 1),
    ])
  func units(views: Int, perFile: Int, unit: Int) throws {
    let names = (0..<7).map { "\($0).png" }
    let plan = try #require(
      try planned(names, .size(1), views: views, itemsPerShard: perFile)
    ).plan
    #expect(plan.shards == stride(from: 0, to: 7, by: unit).map { $0..<min($0 + unit, 7) })
    #expect(plan.itemsPerFile == perFile && plan.viewCount == views && plan.ends == [7])
  }

  @Test("Inputs of different shards that may write one file per channel are both named")
  func shared() throws {
    let names = ["a.0.png", "a.1.png", "a.png", "b.png"]
    let wanted = PlanError.sharedOutput(
      folder.path("out/a.0.out"), first: folder.path("in/a.png"),
      second: folder.path("in/a.0.png"))
    #expect(throws: wanted) { try planned(names, .size(2)) }
    // The second one alone stays, once the first is in the shard of the others.
    #expect(try planned(names, .size(3))?.plan.shards == [0..<3, 3..<4])
    #expect(throws: PlanError.self) { try planned(names, .count(4)) }
  }

  @Test("Names that no channel has are nobody else's, whatever shards they are in")
  func notShared() throws {
    let names = ["a.X.png", "a.png", "a..png", ".a.png", "b.01.png", "b.png"]
    #expect(try planned(names, .size(1))?.plan.inputCount == 5)
  }

  @Test("What would refuse a run refuses its plan, and an ended planning gives none")
  func refused() throws {
    try folder.write("mine", to: "out/report.jsonl")
    #expect(throws: PlanError.batch(.reportExists(folder.path("out/report.jsonl")))) {
      try planned(["a.png"], .size(1))
    }
    folder.remove("out/report.jsonl")
    #expect(throws: PlanError.batch(.file(FileError(.create, folder.path("in"), code: EISDIR)))) {
      try planned([], .size(1), report: "in")
    }
    let line = #"{"source":"a","status":"ok","error":null,"outputs":[],"seconds":1}"#
    let input = try folder.write(line + "\n", to: "in/r.png")
    #expect(throws: PlanError.batch(.inputWouldBeReplaced(input: input, output: input))) {
      try planned([], .size(1), report: "in/r.png")
    }
    #expect(try planned([], .size(1), isCancelled: true) == nil)
  }
}
