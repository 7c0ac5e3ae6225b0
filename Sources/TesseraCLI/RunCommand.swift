import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// `tessera run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Send a folder of images through a pipeline.",
    discussion: """
      Outputs appear complete or not at all. report.jsonl in the output folder has a line per input, \
      in their order. What an earlier run has done is skipped; other files that exist are never \
      replaced unless --overwrite says so, and inputs never are. One bad input does not stop the \
      others.

      EXAMPLES
        tessera run Pipelines/blur.json -i photos -o blurred
        tessera run Pipelines/blur.json photos/*.jpg -o blurred --dry-run
        tessera run Pipelines/blur.json photo.jpg -o blurred.png
        tessera run Pipelines/blur.json -i photos -o blurred --quiet --json
        tessera run --plan shared.plan --shard 3,7-9
      """)

  @OptionGroup var pipeline: PlannablePipelineArguments

  @OptionGroup var inputs: InputArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The folder to write to, in place of the pipeline's; or, for one input, a file such as "
        + "photo.png.",
      valueName: "path"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The folder for records and lock, which else are hidden files in the output folder.",
      valueName: "folder"),
    completion: .directory)
  var state: String?

  @Option(
    help: ArgumentHelp(
      "Work on shards of the plan in a folder, which tessera plan has made.", valueName: "folder"),
    completion: .directory)
  var plan: String?

  @Option(
    help: ArgumentHelp(
      "With --plan: the shards, such as 3 or 3,7-9, one after the other; with --retry-failed those "
        + "with failed inputs if left out.", valueName: "I"),
    transform: { try ShardNumbersArgument($0) })
  var shard: ShardNumbersArgument?

  @OptionGroup var jobs: JobsArgument

  @Option(
    help: ArgumentHelp(
      "The memory that images in work may take together, such as 4G; that of the machine if left out.",
      valueName: "amount"),
    transform: { try MemoryAmount($0) })
  var memory: MemoryAmount?

  @Flag(help: "Show what would be written and the memory it takes; write nothing.")
  var dryRun = false

  @Flag(help: "With --dry-run: a line for every input, not for every kind of them.")
  var verbose = false

  @Flag(help: "End with a summary as JSON on standard output.")
  var json = false

  @Flag(
    help: ArgumentHelp(
      "Write report.html beside report.jsonl: pictures, figures and failures, for the browser."))
  var report = false

  @OptionGroup var following: FollowingArguments

  @Flag(help: "Stop at the first input that fails.")
  var failFast = false

  @Flag(help: "Replace outputs that exist. Inputs are never replaced.")
  var overwrite = false

  @Flag(
    help: ArgumentHelp(
      "Read the outputs of earlier runs: what is no longer as written is not taken for done."))
  var verifyDone = false

  @Flag(
    help: ArgumentHelp(
      "Make files of a dataset anew that lack images which failed; else those failures are told again."
    ))
  var retryFailed = false

  @Flag(help: "Run where the file system has no locks: nothing keeps another run out.")
  var noLock = false

  @Flag(help: "Wait while another run writes to the folder, or works on the shard.")
  var wait = false

  @Flag(help: "End as after Ctrl-C once the process that started this one has ended.")
  var withParent = false

  @Option(
    help: ArgumentHelp(
      "End with 0 where so many inputs fail, or a share such as 1%; of a plan, in each shard.",
      valueName: "N|P%"),
    transform: { try FailureAllowance($0) })
  var maxFailures: FailureAllowance?

  func validate() throws {
    try UnnamedPath.check([output], as: "--output")
    try UnnamedPath.check([state], as: "--state")
    if following.log != nil, dryRun { throw ValidationError("--log does not go with --dry-run") }
    if report, dryRun { throw ValidationError("--report does not go with --dry-run") }
    if verbose, !dryRun { throw ValidationError("--verbose goes with --dry-run") }
    try UnnamedPath.check([plan], as: "--plan")
    if let plan {
      try validate(plan: plan)
    } else {
      if shard != nil { throw ValidationError("--shard goes with --plan") }
      try pipeline.check()
    }
  }

  func run() throws {
    // Before there are threads: each would have addresses of its own.
    if MachineMemory.countsAddresses { MemoryReservation.saveAddresses() }
    // What an image has given back is not kept for it beside what the next one takes.
    MemoryReservation.mapLargeBlocks()
    let log = try following.openLog()
    do {
      if let plan { try run(plan: plan, log) } else { try run(log) }
      if let loss = log?.loss { throw loss }
    } catch let failure as CommandFailure {
      if let message = failure.message { log?.add(.error, message) }
      if let loss = log?.loss, loss.message != failure.message { Console.error(loss.message ?? "") }
      throw failure
    }
  }

  /// Sends inputs through the pipeline.
  private func run(_ log: RunLog?) throws {
    let jobs = jobs.count
    let planner = try pipeline.planner(workers: jobs)
    let target = try OutputTarget(output, of: planner.pipeline)
    let processor = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try target.processor(planner)
    }
    SignalWatch()
    if withParent { ParentWatch.start() }
    let inputs = try inputs.discover(
      for: processor,
      outputFolders: target.folders(of: processor), cancellation: SignalWatch.cancellation)
    try target.check(inputs)
    var options = target.options(
      recipe: processor.recipe, processor: processor, state: state, jobs: jobs)
    options.formerRecipes = planner.pipeline.formerRecipes
    options.version = TesseraVersion.text
    options.audience = .command
    set(&options, log)
    let page = try options.reportPath.flatMap { path throws(CommandFailure) in
      report ? try ReportTarget(beside: path, overwriting: overwrite) : nil
    }
    if report, page == nil {
      throw CommandFailure(
        .usage, "--report writes beside report.jsonl: it needs a folder as --output, or --state")
    }
    let run = BatchRun(processor, on: inputs, options: options)
    log?.begin(inputs.items.count, through: pipeline.file ?? "", jobs: jobs)
    let status: ExitStatus
    do {
      status =
        try dryRun
        ? plan(run, planner.pipeline) : process(run, planner.pipeline, log, page)
    } catch let error as BatchError {
      throw CommandFailure(error)
    }
    if status != .done { throw CommandFailure(status) }
  }

  /// Sets what the line says of a run.
  func set(_ options: inout BatchOptions, _ log: RunLog?) {
    if let log { options.onEnd = { log.add($0) } }
    options.memoryLimit = memory?.byteCount
    options.failsFast = failFast
    options.overwrites = overwrite
    options.verifiesDone = verifyDone
    options.retriesFailed = retryFailed
    options.needsLock = !noLock
    options.waitsForLock = wait
  }

  private func process(
    _ run: BatchRun<PipelineProcessor>, _ pipeline: Pipeline, _ log: RunLog?, _ page: ReportTarget?
  ) throws(BatchError) -> ExitStatus {
    let summary = try shown(log) { (show) throws(BatchError) in
      try run.run(cancellation: SignalWatch.cancellation, onProgress: show)
    }
    let status = allowed(summary.exitStatus, summary)
    var text = SummaryText(summary, pipeline, endingWith: status)
    if !following.quiet { Console.note(text.overview) }
    if let page, let reportPath = summary.reportPath, summary.reportError == nil {
      var made = ReportPage.Run(
        run.processor, of: run.inputs.items, reportPath: reportPath, summary: summary)
      made.memoryLimit = memory?.byteCount
      text.take(page: page.write(made, isQuiet: following.quiet))
    }
    log?.end(text.overview, text.errors)
    if let errors = text.errors { Console.error(errors) }
    if json { Console.emit(text.json) }
    return text.status
  }

  /// Shows how far a run is, as long as it takes.
  func shown<Failure: Error>(
    _ log: RunLog?, shard: Int? = nil, _ run: ((RunProgress) -> Void) throws(Failure) -> RunSummary
  ) throws(Failure) -> RunSummary {
    var display = ProgressDisplay(following.kind, shard: shard)
    var isTold = false
    defer { display.end() }
    return try run { progress in
      display.show(progress)
      log?.add(progress)
      guard SignalWatch.isRequested, !isTold else { return }
      isTold = true
      display.end()
      Console.note("interrupted: giving up what is in work; once more ends at once")
      log?.add(.warning, "interrupted")
    }
  }

  /// How the command ends where so many failures may be.
  func allowed(_ status: ExitStatus, _ summary: RunSummary) -> ExitStatus {
    guard status == .failedInputs, summary.unreadableFolders.isEmpty, let maxFailures,
      maxFailures.allows(summary.progress.failedCount, of: summary.progress.total)
    else { return status }
    return .done
  }

  private func plan(
    _ run: BatchRun<PipelineProcessor>, _ pipeline: Pipeline
  ) throws -> ExitStatus {
    let isJSON = json
    let isSilent = following.quiet && !json
    let listing = Locked(
      PlanListing(
        json ? .json : verbose ? .lines : .kinds, of: pipeline, found: run.inputs,
        writesOneFile: run.options.writesOneFile
      ) {
        if isJSON { Console.write($0) } else if !isSilent { Console.printPiece($0) }
      })
    try run.plan(cancellation: SignalWatch.cancellation) { outcome in
      listing.withLock { $0.add(outcome) }
    }
    listing.withLock { $0.finish(isInterrupted: SignalWatch.isRequested) }
    if !isSilent { Console.write("\n") }
    return listing.withLock { Self.status(of: $0) }
  }

  private static func status(of listing: PlanListing) -> ExitStatus {
    if let errors = listing.errors { Console.error(errors) }
    return listing.exitStatus
  }
}
