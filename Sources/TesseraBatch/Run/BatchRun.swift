import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A run over many inputs.
///
/// Nothing is written before names, existing outputs and folders have been checked. Then every item
/// stands for itself: one that fails is reported and the others go on. Files, records and lines of
/// the report belong to shards, most often of one item. Outputs, records and the
/// report are the same for any number of workers.
public struct BatchRun<Processor: InputProcessor>: Sendable {
  /// What is done to each item.
  public let processor: Processor
  /// The items in their order, with what was found beside them.
  public let inputs: DiscoveredInputs
  /// Workers, memory, and what becomes of what exists.
  public let options: BatchOptions

  /// Puts together what is run; nothing is looked at yet.
  public init(_ processor: Processor, on inputs: DiscoveredInputs, options: BatchOptions) {
    self.processor = processor
    arranged = processor.arranged(inputs.items)
    var inputs = inputs
    inputs.items = arranged.items
    self.inputs = inputs
    self.options = options
  }

  /// Puts together what is run of a plan.
  init(_ processor: Processor, on arranged: ArrangedItems, options: BatchOptions) {
    self.processor = processor
    self.arranged = arranged
    inputs = DiscoveredInputs(items: arranged.items)
    self.options = options
  }

  let arranged: ArrangedItems

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
    var options = options
    options.stop = Cancellation { cancellation.isCancelled }
    // A part of the inputs does not tell what all have in common, and no index tells of it alone.
    let isWhole = options.planned == nil
    if isWhole { processor.look(at: inputs.items, cancellation: cancellation) }
    var planner = try ShardPlanner(processor, items: arranged, options: options)
    let index = isWhole ? processor.index(of: inputs.items) : nil
    let folder = try options.places.map { (places) throws(BatchError) in
      try RunFolder(places, others: foldersReferring, options)
    }
    // Threads that are about to end may hold it for a moment more.
    defer { folder?.release() }
    // A folder in which nothing came to lie would be a class without a file to those who read folders
    // as classes.
    var made: [String] = []
    // Others may be about to write to those of a plan.
    defer { if isWhole { for folder in made.reversed() { FileSystem.removeFolder(folder) } } }
    let report: ReportWriter
    let places: IndexPlaces
    do throws(BatchError) {
      try checkReport()
      places = try IndexPlaces(index, overwriting: options.overwrites)
      // What killed runs have begun, and no run at work, goes.
      let seen = Locked<Set<PathKey>>([])
      let clean = { @Sendable [planner] (folder: String) in
        let key = PathKey(Path.normalized(folder))
        // What lies behind a link is not ours to clean.
        if seen.withLock({ $0.insert(key).inserted }), !planner.isBehindLink(folder) {
          AtomicFile.removeLeftovers(in: folder)
        }
      }
      try planner.checkInputs(visiting: clean)
      folder?.begunFolders.forEach(clean)
      if folder == nil { planner.names.forEachOutput { path, _ in clean(Path.folder(of: path)) } }
      do throws(FileError) {
        if let path = options.reportPath {
          try FileSystem.makeFolder(Path.folder(of: path)) { made.append($0) }
        }
        report = try ReportWriter(at: options.reportPath, overwriting: options.overwrites)
      } catch {
        throw .file(error)
      }
    } catch {
      folder?.withdraw()
      throw error
    }
    do throws(FileError) {
      // From here on the report is another, and outputs may be.
      try options.planned?.begin()
    } catch {
      folder?.withdraw()
      throw .file(error)
    }
    planner.look(knowing: folder?.records ?? RunRecords())
    let state = Monitor(
      RunState(
        report: report, index: index, audience: options.audience, total: inputs.items.count,
        plannedByteCount: inputs.items.totalByteCount, keepsOutputs: options.writesOneFile))
    let runner = ShardRunner(
      planner, folder: folder, options: options, stop: options.stop
    ) { places.remove() }
    defer { made += runner.madeFolders }
    let seconds = { @Sendable in (clock.now - start).seconds }
    work(runner, state, clock: seconds) {
      onProgress(state.withLock { $0.progress(of: inputs.items, after: seconds()) })
    }
    var summary = summary(of: state, seconds: seconds(), cancellation)
    // Of a shard whose images all fail nothing is told, and what it was before may still be wanted.
    if let index, summary.notRunCount == 0, summary.reportError == nil, summary.failures.isEmpty {
      removeSurplus(index, knowing: folder?.records ?? RunRecords())
    }
    if let unlocked = folder?.unlocked {
      summary.listWarnings.append(
        "'\(unlocked.printable)' is on a file system without locks: nothing keeps another run out")
    }
    options.planned?.end(summary, folder)
    return summary
  }

  /// Removes files of shards that there no longer are, as far as the records know them for ours and they
  /// are as they were written: whoever reads all files of a folder would read images twice.
  func removeSurplus(_ index: any RunIndex, knowing records: RunRecords) {
    guard let places = options.places else { return }
    try? records.forEach { record in
      guard record.folder.utf8.elementsEqual(places.home.utf8) else { return }
      for output in record.outputs {
        let path = places.path(of: output.path)
        if index.isSurplus(path), (try? output.claim.isTrue(of: path, Cancellation())) == true {
          FileSystem.remove(path)
        }
      }
    }
  }

  /// Folders whose records refer to those of the run.
  var foldersReferring: [String] {
    let own = OwnFiles(options)
    return options.stateFolder == nil ? options.otherFolders.filter { !own.hold($0) } : []
  }

  func checkReport() throws(BatchError) {
    guard let path = options.reportPath else { return }
    // Nothing takes the place of a folder.
    if FileStatus(of: path, followingLinks: false)?.kind == .folder {
      throw .file(FileError(.create, path, code: EISDIR))
    }
    // Damaged, a shard's is written anew.
    let isOurs =
      options.ownsStateFolder && FileStatus(of: path, followingLinks: false)?.kind == .file
    if !options.overwrites, !isOurs, !ReportWriter.isFree(path) {
      // The report of a single file lies beside the records.
      let isState = options.stateFolder != nil && options.writesOneFile
      throw .reportExists(path, inStateFolder: isState)
    }
  }

  private func work(
    _ runner: ShardRunner<Processor>, _ state: Monitor<RunState>,
    clock seconds: @escaping @Sendable () -> Double, attend: () -> Void
  ) {
    let items = inputs.items
    let next = Counter(limit: items.count)
    let (audience, onEnd) = (options.audience, options.onEnd)
    let tell: @Sendable (ShardRunner<Processor>.Outcomes) -> Void = { outcomes in
      for (index, outcome) in outcomes {
        let item = items[index]
        let line = outcome.line(of: item, for: audience)
        state.withLock { $0.end(item, at: index, as: outcome, line) }
        if let onEnd, let ended = EndedInput(item, outcome, for: audience) { onEnd(ended) }
      }
    }
    let committer = ShardCommitter(runner, tell: tell)
    Workers.run(
      min(options.jobs, OpenFileLimit.workers),
      {
        while !runner.stop.isCancelled, let item = next.take() {
          state.withLock { $0.begin(item, at: seconds()) }
          let outcomes = runner.run(item, committer)
          state.withLock { $0.leave(item) }
          tell(outcomes)
        }
      },
      attend: attend)
    tell(runner.endRest(committer))
    committer.close(attend: attend)
    attend()
  }

  private func summary(
    of state: Monitor<RunState>, seconds: Double, _ cancellation: Cancellation
  ) -> RunSummary {
    let isCancelled = cancellation.isCancelled
    return state.withLock { state in
      let notRunCount = state.finish(inputs.items)
      // Without a folder names are paths; where there is one, they count from it.
      let files = state.outputs.map { options.places?.path(of: $0) ?? Path.normalized($0) }
      return RunSummary(
        progress: state.progress(of: inputs.items, after: seconds), notRunCount: notRunCount,
        failures: state.failures,
        warnedCount: state.warnings.inputCount, warnings: state.warnings.groups,
        listWarnings: inputs.warnings, ignoredCount: inputs.skippedCount,
        specialFiles: inputs.specialFiles,
        unreadableFolders: inputs.unreadableFolders,
        stageTimes: state.stageTimes, reportPath: options.reportPath,
        reportError: state.reportError, isInterrupted: isCancelled && notRunCount > 0,
        endingFailure: state.endingFailure, stageRefusingAll: state.stageRefusingAll,
        writesOneFile: options.writesOneFile, files: files)
    }
  }
}

extension Duration {
  /// The whole of it in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
