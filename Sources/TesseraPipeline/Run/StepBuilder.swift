import TesseraCore
import TesseraKernels

/// Makes the steps of a run from the nodes of a plan.
package enum StepBuilder {
  /// The step that a node stands for; `nil` for sinks.
  package static func step(
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
        kernels: kernels, scratch: workspace.scratch)
    case .wrap(let rowsBefore, let rowsAfter):
      return WrapStep(
        output: output, inputHeight: input.height, rowsBefore: rowsBefore, rowsAfter: rowsAfter)
    case .convolution(let recipe):
      return ConvolutionStep(
        recipe, output: output, kernels: kernels, scratch: workspace.scratch)
    case .byteConvolution(let recipe, let map):
      return ByteConvolutionStep(
        recipe, then: map, output: output, kernels: kernels, scratch: workspace.scratch)
    case .patches:
      return patchStep(for: node, from: input.format, to: output, kernels, workspace.scratch) {
        tilePass(for: node, in: plan, kernels: kernels)
      }
    case .encodeImage, .encodePatches, .compare:
      return nil
    }
  }

  /// unfold … fold in the way that is the fastest: as copies, by figures of the blocks, or by tiles.
  private static func patchStep(
    for node: Plan.Node, from input: RowWindow.Format, to output: RowWindow.Format,
    _ kernels: KernelSet, _ scratch: ScratchPool, tilePass: () -> TilePass?
  ) -> (any RowStep)? {
    guard case .patches(let geometry, let transforms, let fold, let rows) = node.work else {
      return nil
    }
    if transforms.isEmpty, output.elementType == input.elementType,
      CopyStep.canDo(geometry, fold, of: output.elementType)
    {
      return CopyStep(
        geometry, fold: fold, paddedRows: rows, input: input, output: output, kernels: kernels,
        scratch: scratch)
    }
    if let step = NormalizedFoldStep(
      geometry: geometry, input: input, paddedRows: rows, transforms: transforms, fold: fold,
      output: output, kernels: kernels, scratch: scratch)
    {
      return step
    }
    return tilePass().map {
      PatchStep(pass: $0, fold: fold, output: output, kernels: kernels, scratch: scratch)
    }
  }

  /// What is known of the sink that a node stands for; `nil` for steps.
  package static func sinkOutline(for node: Plan.Node, in plan: Plan, kernels: KernelSet)
    -> SinkOutline?
  {
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
      let valueBytes = file.quantization.elementType.byteCount
      let collected = PatchFileWriter.collectable(
        file.layout, length: pass.outputLength, tileWidth: pass.tileWidth,
        blockCount: pass.geometry.grid.blockCount, valueBytes: valueBytes)
      return SinkOutline(
        height: window.height, pass: pass, needsEveryRow: file.quantization.map == .automatic,
        scratchBytes: pass.outputLength * valueBytes * (pass.tileWidth + collected))
    default:
      return nil
    }
  }

  /// The pass over tiles that a node makes; `nil` where it makes none.
  package static func tilePass(
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
