import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
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
        tessera run Pipelines/blur.json --input photos --output blurred
        tessera run Pipelines/blur.json --input 'photos/*.jpg' --dry-run
        tessera run Pipelines/blur.json --input photos --output blurred --quiet --json
      """)

  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp(
      "A folder, a file, a glob, @FILE for a list of paths, or - for a list on standard input; "
        + "in place of the pipeline's. May be repeated.",
      valueName: "path"),
    completion: .file())
  var input: [String] = []

  @Option(
    help: ArgumentHelp("The folder to write to, in place of the pipeline's.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("How many images to work on at once.", valueName: "n"))
  var jobs: WorkerCount?

  @Option(
    help: ArgumentHelp(
      "The memory that images in work may take together, such as 4G.", valueName: "amount"))
  var memory: MemoryAmount?

  @Flag(help: "Show what would be written and the memory it takes; write nothing.")
  var dryRun = false

  @Flag(help: "End with a summary as JSON on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show neither progress nor summary, only errors.")
  var quiet = false

  @Flag(help: "Stop at the first input that fails.")
  var failFast = false

  @Flag(help: "Replace outputs that exist. Inputs are never replaced.")
  var overwrite = false

  func run() throws {
    let jobs = jobs?.count ?? BatchOptions.processorCount
    let planner = try pipeline.planner(workers: jobs)
    let processor = try CommandFailure.with(.badPipeline) { () throws(PipelineFileError) in
      try PipelineProcessor(planner, outputDirectory: output)
    }
    let sources = try InputArguments.sources(
      input, or: planner.source, of: planner.pipeline)
    let folders = processor.destinations.map(\.directory)
    let inputs = try InputArguments.discover(
      sources, by: planner.source.inputs,
      outputFolders: folders + (output.map { [$0] } ?? []))
    var options = BatchOptions(
      recipe: planner.pipeline.recipe, folder: output ?? folders.first, jobs: jobs)
    options.memoryLimit = memory?.byteCount
    options.failsFast = failFast
    options.overwrites = overwrite
    let run = BatchRun(processor, on: inputs, options: options)
    let status: ExitStatus
    do throws(BatchError) {
      status = try dryRun ? plan(run, planner.pipeline) : process(run, planner.pipeline)
    } catch {
      throw CommandFailure(error.exitStatus, error.description)
    }
    if status != .done { throw CommandFailure(status) }
  }

  private func process(
    _ run: BatchRun<PipelineProcessor>, _ pipeline: Pipeline
  ) throws(BatchError) -> ExitStatus {
    let watch = SignalWatch()
    defer { watch.end() }
    var display = ProgressDisplay(isQuiet: quiet)
    var isTold = false
    let summary = try run.run(cancellation: Cancellation { SignalWatch.isRequested }) { progress in
      display.show(progress)
      guard SignalWatch.isRequested, !isTold else { return }
      isTold = true
      display.end()
      Console.note("interrupted: ending what is in work; once more ends at once")
    }
    display.end()
    let text = SummaryText(summary, pipeline)
    if !quiet { Console.note(text.overview) }
    if let errors = text.errors { Console.error(errors) }
    if json { Console.emit(text.json) }
    return summary.exitStatus
  }

  private func plan(
    _ run: BatchRun<PipelineProcessor>, _ pipeline: Pipeline
  ) throws(BatchError) -> ExitStatus {
    let listing = PlanListing(
      try run.plan(), of: pipeline, ignoredCount: run.inputs.skippedCount,
      specialFiles: run.inputs.specialFiles)
    if json {
      Console.emit(listing.json)
    } else if !quiet {
      Console.print(listing.text)
    }
    if let errors = listing.errors { Console.error(errors) }
    return listing.exitStatus
  }
}
