import TesseraTestSupport

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles
@testable import TesseraThreads

extension CopyProcessor: PlannableProcessor {
  var common: JSONValue { ["of": "all"] }
  var namesChannels: Bool { false }

  func note(on views: ArraySlice<Item>) -> JSONValue? { nil }

  func take(common: JSONValue, of inputs: PlannedInputs) -> Bool { common == self.common }
}

/// A folder of inputs in "in", with a plan to copy them to "out".
struct PlanWorkshop {
  let folder: TemporaryFolder
  let plan: PlanFolder

  /// Writes inputs of the names that are given, each of which holds its name.
  init(_ names: [String] = ["a.png", "b/c.png", "b/d.png", "e.png"]) throws {
    folder = try TemporaryFolder()
    plan = PlanFolder(folder.path("plan"))
    for name in names { try folder.write("content of \(name)", to: "in/\(name)") }
  }

  private var options: BatchOptions {
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    options.version = "1.2.3"
    return options
  }

  func found() throws -> DiscoveredInputs {
    try InputDiscovery().inputs(in: [.path(folder.path("in"))])
  }

  /// Plans shards of two inputs; of those in "in", where no others are given.
  @discardableResult
  func make(
    of inputs: DiscoveredInputs? = nil, skippingDigests: Bool = false
  ) throws -> (made: MadePlan, isNew: Bool) {
    let run = BatchRun(
      try CopyProcessor(to: [folder.path("out")]), on: try inputs ?? found(), options: options)
    var request = PlanRequest(
      .size(2), pipeline: ["version": 1], pipelineFolder: "/p", output: nil, kernels: "baseline",
      codecs: [])
    request.skipsDigests = skippingDigests
    guard let made = try run.planned(request, cancellation: Cancellation()) else {
      throw PlanError.interrupted
    }
    return (made, try plan.write(made, options))
  }

  /// What works on the plan.
  func planned(
    onProcess: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> PlannedRun<CopyProcessor> {
    let read = try plan.read()
    return try PlannedRun(
      read.plan, digest: read.digest, in: plan,
      CopyProcessor(to: [folder.path("out")], onProcess: onProcess), options: options)
  }

  /// Runs a shard, and gives the names of the inputs that were processed.
  @discardableResult
  func run(
    _ shard: Int, onProcess: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> (processed: [String], summary: RunSummary) {
    let run = try planned(onProcess: onProcess)
    let summary = try run.run(shard, cancellation: Cancellation()) { _ in }
    return (run.processor.processed.withLock { $0 }, summary)
  }

  /// Runs what is left without the plan, and gives the names of the inputs that were processed.
  func runAlone() throws -> [String] {
    let processor = try CopyProcessor(to: [folder.path("out")])
    _ = try BatchRun(processor, on: found(), options: options).run()
    return processor.processed.withLock { $0 }
  }

  /// What tells that a shard is complete; `nil` where nothing does.
  func done(_ shard: Int) -> JSONValue? { try? JSONValue(ofSmallFile: plan.done(ofShard: shard)) }

  /// The lines of the list of inputs.
  func lines() -> [String] {
    (folder.text("plan/inputs.jsonl") ?? "").split(separator: "\n").map(String.init)
  }
}
