import TesseraCore
import TesseraThreads

/// How many rows are worked on at once, and by how many threads.
///
/// Results depend on none of it.
package struct Banding: Hashable, Sendable {
  /// Rows of every band; `nil` takes as many as stay in the cache.
  package var height: Int?
  /// Pixels from which on several threads work on one image [px].
  package var largeImage: Int

  package init(height: Int? = nil, largeImage: Int = 4_000_000) {
    self.height = height
    self.largeImage = largeImage
  }
}

/// Decides how many rows each node works on at once, and how many each window then holds.
struct PlanSizing {
  /// Rows of a band fill about this much memory, so that they are still cached when they are read.
  private static let bandBytes = 512 * 1024

  /// Threads that an image may use, where it is large enough.
  let workers: Int
  let banding: Banding
  let cancellation: Cancellation

  func size(_ plan: inout GraphPlan) throws(GraphError) {
    let pixels = plan.source.stored.height * plan.source.stored.width
    plan.workers = pixels >= banding.largeImage ? workers : 1
    plan.bandHeight = min(bandHeight(of: plan.windows[0].flow.format), plan.windows[0].flow.height)
    for index in plan.nodes.indices {
      let node = plan.nodes[index]
      switch node.work {
      case .step(let step): size(step, of: &plan.nodes[index], in: plan)
      case .sink(let sink):
        plan.nodes[index].bandUnits = sink.isTiled ? 1 : banding.height ?? 8
        plan.nodes[index].scratchBytes = sink.scratchBytes(for: plan.nodes[index].bandUnits)
      }
    }
    try sizeWindows(of: &plan)
  }

  private func size(_ step: any PreparedStep, of node: inout RunNode, in plan: GraphPlan) {
    guard let output = node.output else { preconditionFailure("a step writes a window") }
    let band = bandHeight(of: plan.windows[output].flow.format)
    let rows = banding.height ?? max(band, step.preferredUnits)
    let height = plan.windows[node.input].flow.height
    node.bandUnits = max(min(rows, step.unitCount), 1)
    node.isBarrier = step.unitCount > 1 && height > 1 && step.needs(0..<1).count == height
    node.scratchBytes = step.scratchBytes(for: node.bandUnits).saturating(times: plan.workers)
  }

  /// Gives each window as many rows as one thread comes to hold, and several threads some more: a
  /// band for each of them to write while others are read.
  ///
  /// It is the run's own schedule that is gone through, without a pixel, so that the answer cannot
  /// drift from what happens.
  private func sizeWindows(of plan: inout GraphPlan) throws(GraphError) {
    var schedule = RunSchedule(
      nodes: plan.nodes, capacities: plan.windows.map { _ in .max },
      loadedWindow: plan.loadedWindow,
      height: plan.source.stored.height, bandHeight: plan.bandHeight, workers: 1)
    while let job = schedule.next() {
      if cancellation.isCancelled { throw .cancelled }
      schedule.complete(job)
    }
    guard schedule.isFinished else { throw .deadlock }
    var bands = [plan.bandHeight] + Array(repeating: 1, count: plan.windows.count - 1)
    for node in plan.nodes { if let output = node.output { bands[output] = node.bandUnits } }
    for (window, peak) in schedule.peaks.enumerated() {
      let spare = plan.workers > 1 ? bands[window] * plan.workers : 0
      let height = plan.windows[window].flow.height
      plan.windows[window].capacity = max(peak, min(peak + spare, height))
    }
  }

  /// Rows of an image that are worth making at once.
  private func bandHeight(of format: RowFormat) -> Int {
    banding.height ?? min(max(Self.bandBytes / max(format.bytesPerRow, 1), 8), 64)
  }
}
