import TesseraCodecs
import TesseraCore
import TesseraKernels

/// The nodes of a plan brought to life for one file, with the files that they write.
struct RunAssembly {
  private let run: ImageRun
  private let source: ImageSource
  private let plan: Plan
  private let encoders: [OpenEncoder]
  private let comparisons: [Comparison]
  private let statistics: [Int: StatisticsStep]

  /// An encoder and its files, which have no final names yet.
  private struct OpenEncoder {
    var sink: any EncodingSink
    var files: [AtomicFile]
    var tap: EncodeTap
    var shape: [Int]
  }

  /// Creates every step and opens every output beside its final name.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - reader: the input, nothing of which was read yet.
  ///   - outputs: final name by stage.
  init(
    plan: Plan, reader: ImageReader, outputs: [Int: String], kernels: KernelSet,
    cancellation: Cancellation
  ) throws(InputFailure) {
    self.plan = plan
    source = ImageSource(reader: reader, plan: plan.source, kernels: kernels)
    var nodes: [ImageRun.Node] = []
    var encoders: [OpenEncoder] = []
    var comparisons: [Comparison] = []
    var statistics: [Int: StatisticsStep] = [:]
    for node in plan.nodes {
      let window = plan.windows[node.input]
      let work: ImageRun.Node.Work
      switch node.work {
      case .compare(let tap):
        let comparison = Comparison(
          tap, input: window.format, height: window.height, kernels: kernels)
        comparisons.append(comparison)
        work = .sink(comparison)
      case .encodeImage(let tap, _), .encodePatches(let tap, _, _, _, _):
        let encoder = try Self.open(
          node, tap: tap, plan: plan, basePath: outputs[node.stageIndex] ?? "",
          metadata: reader.metadata, kernels: kernels)
        encoders.append(encoder)
        work = .sink(encoder.sink)
      default:
        guard let step = StepBuilder.step(for: node, in: plan, kernels: kernels),
          let output = node.output
        else { continue }
        if let step = step as? StatisticsStep { statistics[node.stageIndex] = step }
        work = .step(step, output: output)
      }
      var isComparison = false
      if case .compare = node.work { isComparison = true }
      nodes.append(
        ImageRun.Node(
          work, stageIndex: node.stageIndex, input: node.input, readsLoaded: isComparison,
          bandUnits: node.bandUnits))
    }
    self.encoders = encoders
    self.comparisons = comparisons
    self.statistics = statistics
    run = ImageRun(
      windows: plan.windows.map { RowWindow(format: $0.format, capacity: $0.capacity) },
      loadedWindow: plan.loadedWindow, nodes: nodes, cancellation: cancellation)
  }
}
