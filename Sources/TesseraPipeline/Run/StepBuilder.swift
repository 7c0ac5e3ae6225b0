import TesseraCore
import TesseraKernels

/// Makes the steps of a run from the nodes of a plan.
enum StepBuilder {
  /// The step that a node stands for; `nil` for sinks.
  static func step(
    for node: Plan.Node, in plan: Plan, kernels: KernelSet, workspace: Workspace
  ) -> (any RowStep)? {
    guard let outputIndex = node.output else { return nil }
    let input = plan.windows[node.input]
    let output = plan.windows[outputIndex].format
    switch node.work {
    case .orient(let orientation, let stored):
      return OrientStep(orientation: orientation, stored: stored, output: output)
    case .pointwise(let map):
      return PointwiseStep(
        map: map, input: input.format.elementType, output: output, height: input.height,
        kernels: kernels)
    case .statistics(let map):
      return StatisticsStep(
        map: map, input: input.format.elementType, output: output, height: input.height,
        kernels: kernels)
    case .wrap(let rowsBefore, let rowsAfter):
      return WrapStep(
        output: output, inputHeight: input.height, rowsBefore: rowsBefore, rowsAfter: rowsAfter)
    case .convolution(let recipe):
      return ConvolutionStep(
        recipe, output: output, kernels: kernels, scratch: workspace.scratch)
    case .patches(_, _, let fold, _):
      guard let pass = tilePass(for: node, in: plan, kernels: kernels) else { return nil }
      return PatchStep(
        pass: pass, fold: fold, output: output, kernels: kernels, scratch: workspace.scratch)
    case .encodeImage, .encodePatches, .compare:
      return nil
    }
  }

  /// The pass over tiles that a node makes; `nil` where it makes none.
  static func tilePass(
    for node: Plan.Node, in plan: Plan, kernels: KernelSet
  ) -> TilePass? {
    let input = plan.windows[node.input].format
    switch node.work {
    case .patches(let geometry, let transforms, _, let rows),
      .encodePatches(_, _, let geometry, let transforms, let rows):
      return TilePass(
        geometry: geometry, input: input, paddedRows: rows, transforms: transforms,
        kernels: kernels)
    default:
      return nil
    }
  }
}
