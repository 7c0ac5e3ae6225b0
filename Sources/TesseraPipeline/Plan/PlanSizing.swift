import TesseraCore
import TesseraKernels

/// How many rows are worked on at once, by how many threads, and in which type.
///
/// Results depend on none of it.
package struct Banding: Hashable, Sendable {
  /// Rows of every band; `nil` takes as many as stay in the cache.
  package var height: Int?
  /// Pixels from which on several threads work on one image [px].
  package var largeImage = 4_000_000
  /// Whether bytes that become bytes may be filtered without rows of floats in between.
  package var staysInBytes = true
}

/// Decides how many rows each node works on at once, and how many each window then holds.
package struct PlanSizing {
  /// Rows of a band fill about this much memory, so that they are still cached when they are read.
  private static let bandBytes = 512 * 1024

  package let kernels: KernelSet
  /// Threads that an image may use, where it is large enough.
  package let workers: Int
  package let banding: Banding
  private let workspace = Workspace()

  package init(kernels: KernelSet, workers: Int, banding: Banding) {
    self.kernels = kernels
    self.workers = workers
    self.banding = banding
  }

  package func size(_ plan: inout Plan) throws(StageError) {
    let pixels = plan.source.stored.height * plan.source.stored.width
    plan.workers = pixels >= banding.largeImage ? workers : 1
    plan.bandHeight = min(bandHeight(of: plan.windows[0].format), plan.windows[0].height)
    var nodes: [RunNode] = []
    for index in plan.nodes.indices {
      let work = size(&plan.nodes[index], in: plan)
      guard let work else { continue }
      let node = plan.nodes[index]
      nodes.append(
        RunNode(
          work, stageIndex: node.stageIndex, input: node.input, readsLoaded: node.readsLoaded,
          bandUnits: node.bandUnits))
    }
    try sizeWindows(of: &plan, between: nodes)
  }

  /// Decides on the bands of one node.
  private func size(_ node: inout Plan.Node, in plan: Plan) -> RunNode.Work? {
    let height = plan.windows[node.input].height
    if let output = node.output,
      let step = StepBuilder.step(for: node, in: plan, kernels: kernels, workspace: workspace)
    {
      let rows = banding.height ?? max(bandHeight(of: step.output), step.preferredBandHeight)
      node.bandUnits = min(rows, step.outputHeight)
      node.isBarrier =
        step.outputHeight > 1 && height > 1 && step.inputRows(for: 0..<1).count == height
      let (bytes, overflow) = step.scratchBytes(for: node.bandUnits)
        .multipliedReportingOverflow(by: plan.workers)
      // More than any machine has, and still a sum with other such numbers.
      node.scratchBytes = overflow ? Int.max >> 16 : min(bytes, Int.max >> 16)
      return .step(step, output: output)
    }
    guard let sink = StepBuilder.sinkOutline(for: node, in: plan, kernels: kernels) else {
      return nil
    }
    node.bandUnits = sink.isTiled ? 1 : banding.height ?? 8
    node.scratchBytes = sink.scratchBytes
    return .sink(sink)
  }

  /// Gives each window as many rows as one thread comes to hold, and several threads some more: a
  /// band for each of them to write while others are read.
  ///
  /// It is the run's own schedule that is gone through, without a pixel, so that the answer cannot
  /// drift from what happens.
  private func sizeWindows(
    of plan: inout Plan, between nodes: [RunNode]
  ) throws(StageError) {
    var schedule = RunSchedule(
      nodes: nodes, capacities: plan.windows.map { _ in .max }, loadedWindow: plan.loadedWindow,
      height: plan.source.stored.height, bandHeight: plan.bandHeight, workers: 1)
    while let job = schedule.next() { schedule.complete(job) }
    guard schedule.isFinished else {
      throw StageError("the stages cannot be put in an order that works")
    }
    var bands = [plan.bandHeight] + Array(repeating: 1, count: plan.windows.count - 1)
    for node in nodes { if let output = node.output { bands[output] = node.bandUnits } }
    for (window, peak) in schedule.peaks.enumerated() {
      let spare = plan.workers > 1 ? bands[window] * plan.workers : 0
      plan.windows[window].capacity = max(peak, min(peak + spare, plan.windows[window].height))
    }
  }

  /// Rows of an image that are worth making at once.
  private func bandHeight(of format: RowWindow.Format) -> Int {
    banding.height ?? min(max(Self.bandBytes / max(format.bytesPerRow, 1), 8), 64)
  }
}
