import TesseraCore
import TesseraKernels

/// Decides how many rows each node works on at once, and how many each window then holds.
struct PlanSizing {
  let kernels: KernelSet
  /// Threads that an image may use, where it is large enough.
  let workers: Int
  private let workspace = Workspace()

  init(kernels: KernelSet, workers: Int) {
    self.kernels = kernels
    self.workers = workers
  }
  /// Rows of a band fill about this much memory, so that they are still cached when they are read.
  static let bandBytes = 512 * 1024

  /// Pixels from which on several threads work on one image [px].
  static let largeImage = 4_000_000

  func size(_ plan: inout Plan) {
    let pixels = plan.source.header.shape.height * plan.source.header.shape.width
    plan.workers = pixels >= Self.largeImage ? workers : 1
    plan.bandHeight = Self.bandHeight(of: plan.windows[0].format)
    for index in plan.nodes.indices {
      let step = StepBuilder.step(
        for: plan.nodes[index], in: plan, kernels: kernels, workspace: workspace)
      let pass = StepBuilder.tilePass(for: plan.nodes[index], in: plan, kernels: kernels)
      plan.nodes[index].scratchBytes = (pass?.scratchBytes ?? 0) * plan.workers
      if let step {
        let rows = max(Self.bandHeight(of: step.output), step.preferredBandHeight)
        plan.nodes[index].bandUnits = min(rows * plan.workers, step.outputHeight)
        plan.nodes[index].isBarrier =
          step.outputHeight > 1 && step.inputRows(for: 0..<1).count == inputHeight(index, plan)
          && inputHeight(index, plan) > 1
      } else if case .encodePatches = plan.nodes[index].work {
        plan.nodes[index].bandUnits = 1
      } else {
        plan.nodes[index].bandUnits = 8
      }
    }
    for window in plan.windows.indices {
      plan.windows[window].capacity = capacity(of: window, in: plan)
    }
  }

  /// Rows of an image that are worth making at once.
  static func bandHeight(of format: RowWindow.Format) -> Int {
    min(max(bandBytes / max(format.bytesPerRow, 1), 8), 64)
  }

  private func inputHeight(_ node: Int, _ plan: Plan) -> Int {
    plan.windows[plan.nodes[node].input].height
  }

  /// What the producer adds at once, and what the consumers hold on to.
  private func capacity(of window: Int, in plan: Plan) -> Int {
    let produced =
      plan.nodes.first { $0.output == window }?.bandUnits
      // With a thread of its own the decoder is one band ahead.
      ?? plan.bandHeight * (plan.workers > 1 ? 2 : 1)
    let held =
      plan.nodes.filter { $0.input == window }
      .map { self.held(by: $0, in: plan) }.max() ?? 0
    return min(produced + held, plan.windows[window].height)
  }

  /// The most input rows that one band of a node needs.
  private func held(by node: Plan.Node, in plan: Plan) -> Int {
    let height = plan.windows[node.input].height
    if let step = StepBuilder.step(
      for: node, in: plan, kernels: kernels, workspace: workspace)
    {
      let middle = step.outputHeight / 2
      let band = node.bandUnits
      let bands = [0, middle, step.outputHeight - 1].map { start in
        step.inputRows(for: start..<min(start + band, step.outputHeight)).count
      }
      return bands.max() ?? height
    }
    if let pass = StepBuilder.tilePass(for: node, in: plan, kernels: kernels) {
      if case .encodePatches(_, let file, _, _, _) = node.work,
        file.quantization.map == .automatic
      {
        return height
      }
      return pass.inputRows(forTiles: pass.tileCount / 2..<pass.tileCount / 2 + 1).count
    }
    if case .encodeImage(_, let file) = node.work, file.quantization.map == .automatic {
      return height
    }
    // A sink with a thread of its own reads one band while the next one waits.
    return node.bandUnits * (plan.workers > 1 ? 2 : 1)
  }
}
