import TesseraBatch
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

extension Pipeline {
  /// Runs the pipeline on every image of a folder, as the command does: outputs appear whole or not at
  /// all, a run that is repeated does what is new or has changed, and `report.jsonl` in the output
  /// folder has a line per input.
  ///
  /// What `load` says of `path` and `list` does not count; `include`, `exclude`, `recursive`
  /// and `follow_links` do.
  /// The work is done on threads of its own. When the task is cancelled, the run ends within a band of
  /// rows: what is in work leaves nothing behind, what is done stays, `isInterrupted` of the summary
  /// is true, and the same call goes on from there.
  ///
  /// - Parameters:
  ///   - folder: a folder; a file, or a glob where nothing has that very name, are taken too.
  ///   - outputFolder: takes the place of the folder that holds all of the pipeline's; it is made
  ///     where it does not exist.
  ///   - overwrites: whether outputs that exist are replaced; inputs never are.
  ///   - options: workers, memory, and what a failure means.
  ///   - progress: called on a thread of the run about ten times a second, and once at the end.
  /// - Returns: counts, failures, warnings and times. An image that fails does not throw: look at
  ///   `failures`, or at `exitStatus`, which is `done` where nothing failed.
  /// - Throws: where the run is refused and nothing was written: ``PipelineFileError`` where arrays that
  ///   the pipeline names cannot be read or an output folder is missing, ``KernelSelectionError``,
  ///   ``DiscoveryError`` where the folder is missing or has no images, or the task is cancelled
  ///   while they are looked for, and ``BatchError`` where
  ///   outputs have each other's names or those of inputs, or a folder cannot be made.
  @discardableResult
  public func run(
    onFolder folder: String, to outputFolder: String? = nil, overwrites: Bool = false,
    options: FolderOptions = FolderOptions(),
    progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) async throws -> RunSummary {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        Workers.start {
          continuation.resume(
            with: Result {
              try process(
                folder, to: outputFolder, overwrites: overwrites, options: options, cancellation,
                progress)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Finds the images and runs them, on this thread and those that it starts.
  private func process(
    _ folder: String, to outputFolder: String?, overwrites: Bool, options: FolderOptions,
    _ cancellation: Cancellation, _ progress: (RunProgress) -> Void
  ) throws -> RunSummary {
    let planner = try Planner(self, kernels: .selected(), workers: options.jobs)
    let processor = try PipelineProcessor(planner, outputDirectory: outputFolder)
    let folders = processor.destinations.map(\.directory)
    // A run that was cancelled before it began still tells which inputs it leaves.
    let search = cancellation.isCancelled ? Cancellation() : cancellation
    let inputs = try processor.inputs(
      in: [.path(folder)], outputFolders: folders + [outputFolder].compactMap(\.self),
      cancellation: search)
    var batch = BatchOptions(
      recipe: processor.recipe, folder: outputFolder ?? folders.first, jobs: options.jobs)
    batch.formerRecipes = formerRecipes
    batch.version = TesseraVersion.text
    batch.stateFolder = options.stateFolder
    if outputFolder == nil { batch.otherFolders = folders }
    if let limit = options.memoryLimit { batch.memoryLimit = limit }
    batch.failsFast = options.failsFast
    batch.verifiesDone = options.verifiesDone
    batch.retriesFailed = options.retriesFailed
    batch.needsLock = options.needsLock
    batch.waitsForLock = options.waitsForLock
    batch.overwrites = overwrites
    return try BatchRun(processor, on: inputs, options: batch)
      .run(cancellation: cancellation, onProgress: progress)
  }
}
