import TesseraCore
import TesseraKernels

/// How many rows are worked on at once, and by how many threads.
///
/// Results depend on neither.
struct Banding: Hashable, Sendable {
  /// Rows of every band; `nil` takes as many as stay in the cache.
  var height: Int?
  /// Pixels from which on several threads work on one image [px].
  var largeImage = 4_000_000
}

/// Decides how many rows each node works on at once, and how many each window then holds.
struct PlanSizing {
  /// Rows of a band fill about this much memory, so that they are still cached when they are read.
  private static let bandBytes = 512 * 1024

  let kernels: KernelSet
  /// Threads that an image may use, where it is large enough.
  let workers: Int
  let banding: Banding
  private let workspace = Workspace()

  init(kernels: KernelSet, workers: Int, banding: Banding) {
    self.kernels = kernels
    self.workers = workers
    self.banding = banding
  }

  func size(_ plan: inout Plan) throws(StageError) {
    let pixels = plan.source.stored.height * plan.source.stored.width
    plan.workers = pixels >= banding.largeImage ? workers : 1
    plan.bandHeight = min(bandHeight(of: plan.windows[0].format), plan.windows[0].height)
    var rehearsal = RunRehearsal(plan)
    for index in plan.nodes.indices {
      let node = plan.nodes[index]
      let height = plan.windows[node.input].height
      if let step = StepBuilder.step(
        for: node, in: plan, kernels: kernels, workspace: workspace)
      {
        let rows =
          banding.height ?? max(bandHeight(of: step.output), step.preferredBandHeight)
        let (units, overflow) = rows.multipliedReportingOverflow(by: plan.workers)
        plan.nodes[index].bandUnits =
          overflow ? step.outputHeight : min(units, step.outputHeight)
        plan.nodes[index].isBarrier =
          step.outputHeight > 1 && height > 1 && step.inputRows(for: 0..<1).count == height
        let part = (plan.nodes[index].bandUnits + plan.workers - 1) / plan.workers
        plan.nodes[index].scratchBytes = step.scratchBytes(for: part) * plan.workers
        rehearsal.add(step, for: plan.nodes[index])
      } else if let sink = StepBuilder.sinkOutline(for: node, in: plan, kernels: kernels) {
        plan.nodes[index].bandUnits = sink.isTiled ? 1 : banding.height ?? 8
        plan.nodes[index].scratchBytes = sink.scratchBytes
        rehearsal.add(sink, for: plan.nodes[index])
      }
    }
    for (window, rows) in try rehearsal.peakRows().enumerated() {
      plan.windows[window].capacity = rows
    }
  }

  /// Rows of an image that are worth making at once.
  private func bandHeight(of format: RowWindow.Format) -> Int {
    banding.height ?? min(max(Self.bandBytes / max(format.bytesPerRow, 1), 8), 64)
  }
}
