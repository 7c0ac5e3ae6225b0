import TesseraFiles
import TesseraThreads

/// A run over many inputs.
///
/// Nothing is written before names, existing outputs and folders have been checked. Then every input
/// stands for itself: one that fails is reported and the others go on. Outputs, records and the
/// report are the same for any number of workers.
public struct BatchRun<Processor: InputProcessor>: Sendable {
  /// What is done to each input.
  public let processor: Processor
  /// The inputs.
  public let inputs: DiscoveredInputs
  /// How they are run.
  public let options: BatchOptions

  /// Creates a run.
  public init(_ processor: Processor, on inputs: DiscoveredInputs, options: BatchOptions) {
    self.processor = processor
    self.inputs = inputs
    self.options = options
  }

  /// Processes all inputs.
  ///
  /// - Parameters:
  ///   - cancellation: Ends the run early; inputs in work leave nothing behind.
  ///   - onProgress: Called on the calling thread about ten times a second, and once at the end.
  /// - Returns: Counts, failures and times; the report has every input.
  /// - Throws: ``BatchError`` where the run is refused; nothing has been written then.
  public func run(
    cancellation: Cancellation = Cancellation(), onProgress: (RunProgress) -> Void = { _ in }
  ) throws(BatchError) -> RunSummary {
    let clock = ContinuousClock()
    let start = clock.now
    let names = try OutputNames(of: inputs.files, destinations: processor.destinations)
    let existing = try ExistingOutputs(of: inputs.files, names: names, options: options)
    let folder = try options.folder.map { (path) throws(BatchError) in try RunFolder(path) }
    let report: ReportWriter
    do throws(FileError) {
      for folder in names.folders { try FileSystem.makeFolder(folder) }
      report = try ReportWriter(at: options.folder.map(RunFolder.reportPath))
    } catch {
      throw .file(error)
    }
    let planned = zip(inputs.files, existing.done).reduce(0) { sum, input in
      input.1 == nil ? sum + input.0.byteCount : sum
    }
    let state = Monitor(
      RunState(report: report, total: inputs.files.count, plannedByteCount: planned))
    let stop = Cancellation { cancellation.isCancelled }
    let runner = InputRunner(
      processor: processor, names: names, existing: existing, folder: folder,
      recipe: options.recipe, budget: MemoryBudget(limit: options.memoryLimit), jobs: options.jobs,
      stop: stop)
    work(runner, state) {
      onProgress(
        state.withLock { state in
          state.setSeconds((clock.now - start).seconds)
          return state.progress
        })
    }
    return summary(of: state, seconds: (clock.now - start).seconds, cancellation)
  }

  /// What a run would do, without writing anything.
  ///
  /// - Throws: ``BatchError`` where the run would be refused.
  public func plan(
    cancellation: Cancellation = Cancellation()
  ) throws(BatchError) -> [PlannedOutcome] {
    let names = try OutputNames(of: inputs.files, destinations: processor.destinations)
    let existing = try ExistingOutputs(of: inputs.files, names: names, options: options)
    let runner = InputRunner(
      processor: processor, names: names, existing: existing, folder: nil,
      recipe: options.recipe, budget: MemoryBudget(limit: options.memoryLimit), jobs: options.jobs,
      stop: cancellation)
    let outcomes = Monitor([PlannedOutcome?](repeating: nil, count: inputs.files.count))
    let files = inputs.files
    let next = Counter(limit: files.count)
    Workers.run(
      options.jobs,
      {
        while !cancellation.isCancelled, let index = next.take() {
          let outcome = runner.planned(files[index], at: index)
          outcomes.withLock { $0[index] = outcome }
        }
      }, attend: {})
    return outcomes.withLock { $0 }.compactMap { $0 }
  }

  private func work(
    _ runner: InputRunner<Processor>, _ state: Monitor<RunState>, attend: () -> Void
  ) {
    let files = inputs.files
    let failsFast = options.failsFast
    let next = Counter(limit: files.count)
    Workers.run(
      options.jobs,
      {
        while !runner.stop.isCancelled, let index = next.take() {
          guard let outcome = runner.run(files[index], at: index) else { continue }
          state.withLock { $0.end(files[index], at: index, as: outcome) }
          if let failure = outcome.error, failsFast || failure.endsRun { runner.stop.cancel() }
        }
      }, attend: attend)
    attend()
  }

  private func summary(
    of state: Monitor<RunState>, seconds: Double, _ cancellation: Cancellation
  ) -> RunSummary {
    let isCancelled = cancellation.isCancelled
    return state.withLock { state in
      state.setSeconds(seconds)
      let notRunCount = state.finish(inputs.files)
      return RunSummary(
        progress: state.progress, notRunCount: notRunCount, failures: state.failures,
        ignoredCount: inputs.skippedCount, unreadableFolders: inputs.unreadableFolders,
        stageTimes: state.stageTimes, reportPath: options.folder.map(RunFolder.reportPath),
        reportError: state.reportError, isInterrupted: isCancelled && notRunCount > 0,
        endingFailure: state.endingFailure, stageRefusingAll: state.stageRefusingAll)
    }
  }
}

/// What a run would do with one input.
public enum PlannedOutcome: Sendable {
  /// It would write this.
  case planned(InputFile, PlannedInput)
  /// It has been done before: nothing.
  case done(InputFile)
  /// It would fail.
  case failed(InputFile, InputFailure)
}

extension Duration {
  /// The whole of it in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
