import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraThreads

/// The nodes of a plan brought to life for one file, with the files that they write.
package struct RunAssembly {
  private let run: ImageRun
  private let source: ImageSource
  private let bandHeight: Int
  private let encoders: [OpenEncoder]
  private let rounding: [ByteConvolutionStep]
  private let comparisons: [Comparison]

  /// Makes every step and opens every output beside its final name.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - reader: the input, of which nothing was read yet.
  ///   - outputs: final names by stage.
  ///   - kernels: the arithmetic.
  ///   - workspace: lends memory.
  ///   - cancellation: asked between bands.
  /// - Throws: `InputFailure` where an output cannot be created.
  package init(
    plan: Plan, reader: ImageReader, outputs: [Int: [String]], kernels: KernelSet,
    workspace: Workspace, cancellation: Cancellation
  ) throws(InputFailure) {
    var nodes: [RunNode] = []
    var encoders: [OpenEncoder] = []
    var comparisons: [Comparison] = []
    var statistics: [Int: StatisticsStep] = [:]
    var rounding: [ByteConvolutionStep] = []
    for node in plan.nodes {
      let work: RunNode.Work
      switch node.work {
      case .compare(let tap):
        let window = plan.windows[node.input]
        let comparison = Comparison(
          tap, input: window.format, height: window.height,
          statistics: tap.quantization.statisticsStage.flatMap { statistics[$0] },
          kernels: kernels, scratch: workspace.scratch)
        comparisons.append(comparison)
        work = .sink(comparison)
      case .encodeImage, .encodePatches:
        let encoder = try OpenEncoder(
          for: node, paths: outputs[node.stageIndex] ?? [], reader: reader,
          parts: EncoderParts(
            plan: plan, statistics: statistics, kernels: kernels, scratch: workspace.scratch))
        encoders.append(encoder)
        work = .sink(encoder.sink)
      default:
        guard
          let step = StepBuilder.step(
            for: node, in: plan, kernels: kernels, workspace: workspace),
          let output = node.output
        else { continue }
        if let step = step as? StatisticsStep { statistics[node.stageIndex] = step }
        if let step = step as? ByteConvolutionStep { rounding.append(step) }
        work = .step(step, output: output)
      }
      nodes.append(
        RunNode(
          work, stageIndex: node.stageIndex, input: node.input, readsLoaded: node.readsLoaded,
          bandUnits: node.bandUnits))
    }
    self.encoders = encoders
    self.comparisons = comparisons
    self.rounding = rounding
    source = ImageSource(
      reader: reader, plan: plan.source, bandHeight: plan.bandHeight, kernels: kernels,
      scratch: workspace.scratch)
    bandHeight = plan.bandHeight
    run = ImageRun(
      windows: plan.windows.map {
        RowWindow(format: $0.format, capacity: $0.capacity, pool: workspace.rows)
      },
      loadedWindow: plan.loadedWindow, nodes: nodes, cancellation: cancellation)
  }

  /// Hands the files over, in order of the stages, to be named.
  package func giveFiles(to slot: FileCollector.Slot) {
    for encoder in encoders {
      for file in encoder.files {
        slot.add(file, shape: encoder.shape, dtype: encoder.elementType.rawValue)
      }
    }
  }

  /// Runs the image to its end; its files are whole then, and have no names yet.
  ///
  /// - Parameters:
  ///   - result: what is told of the run.
  ///   - workers: threads to use.
  /// - Throws: `CodecError` of the decoder, `InputFailure` of a stage or an encoder, `Cancelled`.
  package func execute(into result: inout InputResult, workers: Int) throws {
    defer {
      result.metrics = comparisons.flatMap(\.metrics)
      result.stageTimes = run.stageTimes
    }
    try run.run(
      height: source.height, bandHeight: bandHeight, workers: workers, decode: source.read)
    let report = try source.finish()
    result.warnings += report.warnings
    result.isPartial = report.isPartial
    for encoder in encoders where encoder.verifies {
      try encoder.sink.verify(encoder.files.map(\.temporaryPath))
    }
    let counts = encoders.map(\.sink.counts) + rounding.map(\.counts)
    let quantized = counts.reduce(0) { $0 + $1.quantized }
    if quantized > 0 {
      result.saturatedFraction =
        Double(counts.reduce(0) { $0 + $1.saturated }) / Double(quantized)
    }
  }
}
