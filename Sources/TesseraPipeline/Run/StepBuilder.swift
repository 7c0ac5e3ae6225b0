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
    case .patches(let geometry, let transforms, let fold, let rows):
      if let step = NormalizedFoldStep(
        geometry: geometry, input: input.format, paddedRows: rows, transforms: transforms,
        fold: fold, output: output, kernels: kernels, scratch: workspace.scratch)
      {
        return step
      }
      guard let pass = tilePass(for: node, in: plan, kernels: kernels) else { return nil }
      return PatchStep(
        pass: pass, fold: fold, output: output, kernels: kernels, scratch: workspace.scratch)
    case .encodeImage, .encodePatches, .compare:
      return nil
    }
  }

  /// What is known of the sink that a node stands for; `nil` for steps.
  static func sinkOutline(for node: Plan.Node, in plan: Plan, kernels: KernelSet) -> SinkOutline? {
    let window = plan.windows[node.input]
    let rowValues = window.format.channels * ((window.format.width + 63) / 64 * 64)
    // A row as floats, quantised, and interleaved.
    let rows = rowValues * 3 * MemoryLayout<Float>.size
    switch node.work {
    case .compare(let tap):
      let history =
        tap.metrics.contains(.ssim)
        ? rowValues * 5 * StructuralSimilarity.windowSize * MemoryLayout<Double>.size : 0
      return SinkOutline(
        height: window.height, pass: nil, needsEveryRow: false, scratchBytes: rows + history)
    case .encodeImage(_, let file):
      return SinkOutline(
        height: window.height, pass: nil, needsEveryRow: file.quantization.map == .automatic,
        scratchBytes: rows + file.encoderBytes(rowValues: rowValues, height: window.height))
    case .encodePatches(_, let file, _, _, _):
      guard let pass = tilePass(for: node, in: plan, kernels: kernels) else { return nil }
      let tile = pass.outputLength * pass.tileWidth * file.quantization.elementType.byteCount
      return SinkOutline(
        height: window.height, pass: pass, needsEveryRow: file.quantization.map == .automatic,
        scratchBytes: 2 * tile)
    default:
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

extension ImageFile {
  /// Bytes that the encoder itself holds: a progressive JPEG keeps the coefficients of the whole
  /// image, padded to whole blocks.
  fileprivate func encoderBytes(rowValues: Int, height: Int) -> Int {
    guard settings.format == .jpeg, settings.progressive else { return 0 }
    return rowValues * ((height + 15) / 16 * 16) * MemoryLayout<Int16>.size
  }
}
