import ArgumentParser
import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// `tessera plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Divide a run into shards that many machines can work on.",
    discussion: """
      Each shard is a run of its own, which may be started anywhere, killed, and repeated: together \
      they give byte for byte what one machine gives. The same plan again changes nothing; where \
      another one is, it stays, and the command ends with 73.

      EXAMPLES
        tessera plan blur.json -i photos -o blurred --shards 2 --plan blur.plan
        tessera run --plan blur.plan --shard 0
        tessera run --plan blur.plan --shard 1
        tessera status --plan blur.plan
        tessera merge --plan blur.plan
        tessera plan --plan blur.plan --files 1
      """)

  @OptionGroup var pipeline: PlannablePipelineArguments

  @OptionGroup var inputs: InputArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder to write to, in place of the pipeline's.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp("The folder of the plan.", valueName: "folder"), completion: .directory)
  var plan: String

  @Option(
    help: ArgumentHelp("How many shards; the last may be empty.", valueName: "N"),
    transform: { try ShardCount($0) })
  var shards: ShardCount?

  @Option(
    help: ArgumentHelp(
      "How many inputs a shard has, in place of --shards; a few more where files of datasets hold "
        + "some together.", valueName: "n"),
    transform: { try ShardCount($0) })
  var shardSize: ShardCount?

  @Flag(help: "Know inputs by their sizes alone: none is read now, and a change may not be seen.")
  var noDigest = false

  @Option(
    help: ArgumentHelp(
      "List the inputs of a shard of the plan, a path from the folder of the inputs on every line.",
      valueName: "I"),
    transform: { try ShardNumber($0) })
  var files: ShardNumber?

  @Flag(name: .customLong("null"), help: "With --files: end paths with NUL, not with a line break.")
  var endsWithNUL = false

  @OptionGroup var jobs: JobsArgument

  @Flag(help: "Tell of the plan as JSON on standard output.")
  var json = false

  func validate() throws {
    try UnnamedPath.check([output], as: "--output")
    try UnnamedPath.check([plan], as: "--plan")
    if endsWithNUL, files == nil { throw ValidationError("--null goes with --files") }
    if endsWithNUL, json { throw ValidationError("give one of --null and --json") }
    if files != nil {
      let isAlone =
        pipeline.file == nil && pipeline.overrides.isEmpty && inputs.input.isEmpty
        && output == nil && shards == nil && shardSize == nil && !noDigest
      if !isAlone {
        throw ValidationError("--files lists what is planned, and goes with --plan alone")
      }
      return
    }
    try pipeline.check()
    if (shards == nil) == (shardSize == nil) {
      throw ValidationError("give one of --shards and --shard-size")
    }
  }

  func run() throws {
    if let files { return try list(files.number) }
    let division: ShardDivision =
      if let shards { .count(shards.count) } else { .size(shardSize?.count ?? 1) }
    let jobs = jobs.count
    let planner = try pipeline.planner(workers: jobs)
    guard planner.source.patchInputs == nil else {
      throw CommandFailure(
        .usage, "a plan is of images, and the pipeline loads patches; use tessera run")
    }
    let target = try OutputTarget(output, of: planner.pipeline)
    if case .file(let path) = target {
      throw CommandFailure(
        .usage, "--output '\(path.printable)' names one file; a plan writes to a folder")
    }
    let processor = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try target.processor(planner)
    }
    SignalWatch()
    let found = try inputs.discover(
      for: processor, outputFolders: target.folders(of: processor) + [plan],
      cancellation: SignalWatch.cancellation)
    let unreadable = FailureList.lines(ofUnreadable: found.unreadableFolders)
    if !unreadable.isEmpty {
      throw CommandFailure(
        .failedInputs, (unreadable + ["nothing is planned"]).joined(separator: "\n"),
        errors: ErrorEntry.entries(ofUnreadable: found.unreadableFolders))
    }
    var options = target.options(
      recipe: processor.recipe, processor: processor, state: nil, jobs: jobs)
    guard options.folder != nil else {
      throw CommandFailure(
        .usage, "the pipeline writes no files; --output names the folder of its report")
    }
    options.version = TesseraVersion.text
    options.audience = .plan
    options.stop = SignalWatch.cancellation
    var request = PlanRequest(
      division, pipeline: planner.pipeline.document, pipelineFolder: planner.pipeline.baseDirectory,
      output: output, kernels: planner.kernels.name, codecs: CodecLibraries.versions)
    request.skipsDigests = noDigest
    let run = BatchRun(processor, on: found, options: options)
    let made = try CommandFailure.plan { () throws(PlanError) in
      try run.planned(request, cancellation: SignalWatch.cancellation)
    }
    guard let made else {
      throw CommandFailure(.interrupted, "interrupted; nothing is planned")
    }
    let folder = PlanFolder(plan)
    let isNew = try CommandFailure.plan { () throws(PlanError) in try folder.write(made, options) }
    tell(of: made.plan, isNew: isNew, found.warnings + made.warnings)
  }

  private func tell(of made: RunPlan, isNew: Bool, _ warnings: [String]) {
    let sizes = made.shards.map(\.count)
    if json {
      Console.emit(
        JSONWriter.compact([
          "plan": JSONValue(.string(plan)), "new": JSONValue(.bool(isNew)),
          "inputs": .integer(made.inputCount), "shards": .integer(made.shards.count),
          "largest_shard": .integer(sizes.max() ?? 0), "digest": JSONValue(.string(made.recipe)),
          "warnings": JSONValue(.array(warnings.map { JSONValue(.string($0)) })),
          "exit_status": 0,
        ]))
      return
    }
    for warning in warnings { Console.note("warning: \(warning)") }
    let inputs = made.inputCount.counted("input")
    let shards = made.shards.count.counted("shard")
    let largest = sizes.max() ?? 0
    Console.print(
      "\(plan.printable): \(inputs) in \(shards) of \(largest == 1 ? "1" : "up to \(largest)")"
        + (isNew ? "" : ", as planned before"))
    Console.print(
      "  tessera run --plan \(plan.printable) --shard 0"
        + (made.shards.count > 1 ? "    # … \(made.shards.count - 1), anywhere" : ""))
  }

  /// Lists the inputs of a shard.
  private func list(_ shard: Int) throws {
    let folder = PlanFolder(plan)
    let paths = try CommandFailure.plan { () throws(PlanError) in
      try folder.read().plan.files(ofShard: shard, in: folder)
    }
    if json {
      let files = JSONValue(.array(paths.map { JSONValue(.string($0)) }))
      return Console.emit(
        JSONWriter.compact(["shard": .integer(shard), "files": files, "exit_status": 0]))
    }
    for path in paths { Console.write(path + (endsWithNUL ? "\0" : "\n")) }
  }
}

/// A number of shards, or of inputs of one.
struct ShardCount {
  let count: Int

  init(_ argument: String) throws(UnexpectedValue) {
    guard let count = Int(argument), (1...1_000_000).contains(count) else {
      throw UnexpectedValue(expected: "a number from 1 to 1000000")
    }
    self.count = count
  }
}

/// The number of a shard.
struct ShardNumber {
  let number: Int

  init(_ argument: String) throws(UnexpectedValue) {
    guard let number = Int(argument), number >= 0 else {
      throw UnexpectedValue(expected: "the number of a shard, from 0 on")
    }
    self.number = number
  }
}
