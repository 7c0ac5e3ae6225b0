import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A plan brought to life for one file, with the files that it writes.
package struct ImageExecution {
  private let run: ImageRun
  private let source: ImageSource
  private let works: [ImageRun.Work]
  private let stages: [Int]
  private let cancellation: Cancellation

  /// Makes every step and opens every output: beside its final name, or in memory.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - reader: the input, of which nothing was read yet.
  ///   - openingTime: what it took to open that.
  ///   - outputs: final names by stage; a stage without gives arrays.
  ///   - tools: kernels and memory.
  ///   - cancellation: asked between bands.
  /// - Throws: `RunFailure` where an output cannot be created.
  package init(
    _ plan: GraphPlan, reader: ImageReader, openingTime: Duration, outputs: [Int: [String]],
    _ tools: RunTools, cancellation: Cancellation
  ) throws(RunFailure) {
    var context = RunContext(
      source: plan.source, metadata: reader.metadata, outputs: outputs, cancellation: cancellation)
    var works: [ImageRun.Work] = []
    var times = [0: openingTime]
    for node in plan.nodes {
      context.stageIndex = node.stageIndex
      let start = ContinuousClock.now
      defer { times[node.stageIndex, default: .zero] += ContinuousClock.now - start }
      switch node.work {
      case .step(let prepared):
        let step = prepared.step()
        if let inverse = step.inverse { context.inverses[node.stageIndex] = inverse }
        works.append(.step(step))
      case .sink(let prepared):
        do throws(RunError) {
          works.append(.sink(try prepared.sink(in: context)))
        } catch {
          throw RunFailure(error, stageIndex: node.stageIndex)
        }
      }
    }
    self.works = works
    self.cancellation = cancellation
    stages = plan.nodes.map(\.stageIndex)
    if plan.source.divisor > 1 { reader.shrink(by: plan.source.divisor) }
    if let columns = plan.source.columns { reader.crop(to: columns) }
    source = ImageSource(
      reader: reader, plan: plan.source, used: plan.usedRows, bandHeight: plan.bandHeight, tools)
    run = ImageRun(
      plan, works: works, rows: tools.workspace.rows, cancellation: cancellation, times: times)
  }

  /// Runs the image to its end; its files are whole then, and have no names yet.
  ///
  /// - Parameters:
  ///   - result: what is told of the run, also where it fails.
  ///   - workers: threads to use.
  /// - Throws: `RunFailure`.
  package func execute(into result: inout ImageResult, workers: Int) throws(RunFailure) {
    defer {
      result.figures = sinks.flatMap(\.sink.figures)
      // Files of the same kind lose the same.
      for loss in sinks.flatMap(\.sink.losses) where !result.warnings.contains(loss) {
        result.warnings.append(loss)
      }
      result.secondsByStage = run.secondsByStage
      result.stageWarnings = warnings
      result.views = sinks.compactMap { stage, sink in
        (sink as? any ViewSink).map { (stage, $0.view) }
      }
    }
    try run.run(workers: workers, decode: source.read)
    do throws(CodecError) {
      let report = try run.timed(0) { () throws(CodecError) in try source.finish() }
      result.warnings += report.warnings
      result.isPartial = report.isPartial
    } catch {
      throw RunFailure(RunError(reading: error), stageIndex: nil)
    }
    for case (let stage, let sink as any OutputSink) in sinks where sink.verifies {
      do throws(RunError) {
        try run.timed(stage) { () throws(RunError) in try sink.verify(cancellation) }
      } catch {
        throw RunFailure(error, stageIndex: stage)
      }
    }
    for case (let stage, let sink as any OutputSink) in sinks {
      result.files += sink.files.map {
        ImageResult.File(
          stageIndex: stage, file: $0, shape: sink.shape, dtype: sink.storedType.rawValue)
      }
      result.arrays += sink.takeArrays().map { (stage, $0) }
      if let blocks = sink.keptBlocks { result.keptBlocks[stage] = blocks }
    }
    result.moments = sinks.lazy.compactMap { ($0.sink as? PatchFiguresSink)?.moments }.first
    result.counts = counts
    result.droppedBlocks = dropped.total
  }

  private var sinks: [(stage: Int, sink: any Sink)] {
    zip(stages, works).compactMap { stage, work in
      if case .sink(let sink) = work { (stage, sink) } else { nil }
    }
  }

  /// What was odd about the values, in order of the stages.
  private var warnings: [(stageIndex: Int, warning: RunWarning)] {
    var warnings: [(stageIndex: Int, warning: RunWarning)] = []
    var rounded: QuantizationCounts?
    for (stage, work) in zip(stages, works) {
      switch work {
      case .step(let step):
        warnings += step.warnings.map { (stage, $0) }
        rounded = step.counts
      case .sink(let sink):
        warnings += sink.warnings(roundedBefore: rounded).map { (stage, $0) }
      }
    }
    return warnings
  }

  /// What of which blocks was let go.
  private var dropped: [DroppedBlocks] {
    works.compactMap { work in
      switch work {
      case .step(let step): step.dropped
      case .sink(let sink): (sink as? any OutputSink)?.dropped
      }
    }
  }

  /// What steps and sinks have rounded, together.
  private var counts: QuantizationCounts {
    works.reduce(QuantizationCounts()) { sum, work in
      let counts: QuantizationCounts? =
        switch work {
        case .step(let step): step.counts
        case .sink(let sink): (sink as? any OutputSink)?.counts
        }
      return sum + (counts ?? QuantizationCounts())
    }
  }
}

/// What the run of one image gave.
package struct ImageResult {
  /// A file that was written, and waits for its name.
  package struct File {
    /// The stage that wrote it.
    package var stageIndex: Int
    /// The file, closed.
    package var file: AtomicFile
    /// Sides of the array, slowest first.
    package var shape: [Int]
    /// Type of the values, as NumPy spells it.
    package var dtype: String
  }

  /// A figure that was measured.
  package struct Figure {
    package var metric: MetricKind
    package var value: Double
  }

  /// What was odd about the input but accepted.
  package var warnings: [String] = []
  /// What was odd about the values, in order of the stages.
  package var stageWarnings: [(stageIndex: Int, warning: RunWarning)] = []
  /// Whether a part of the image was not in the file.
  package var isPartial = false
  /// The files, in order of the stages; none where the run failed.
  package var files: [File] = []
  /// What files would hold that were not to be written, in order of the stages; none where the run
  /// failed.
  package var arrays: [(stageIndex: Int, array: ValueArray)] = []
  /// Numbers of the blocks that stages have written, where some may have been let go.
  package var keptBlocks: [Int: [Int]] = [:]
  /// Blocks that were let go; `nil` where none could be.
  package var droppedBlocks: Int?
  /// What comparisons measured, in order of the stages.
  package var figures: [Figure] = []
  /// What was seen of stages, in their order; of an image that failed, as far as it came.
  package var views: [(stageIndex: Int, view: StageView)] = []
  /// What was learned of the patches; `nil` where nothing was to be.
  package var moments: PatchMoments?
  /// What was rounded to integers.
  package var counts = QuantizationCounts()
  /// Time by stage [s]: opening and decoding count for the first; creating, writing and reading back
  /// for those that write.
  package var secondsByStage: [(stageIndex: Int, seconds: Double)] = []

  package init() {}
}
