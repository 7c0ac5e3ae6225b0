extension Author {
  /// Writes a linear map with every key that it may have: kernels or a matrix, arrays in files of their
  /// own or by names, a position embedding.
  mutating func embedding(outputs: Int) -> StageText {
    var stage = StageText("transform.linear")
    guard let blocks = flow.blocks else { return stage }
    let length = flow.patchLength
    let isConvolution = random.chance(60)
    let sides =
      isConvolution
      ? [outputs, flow.channels, blocks.rows.kernel, blocks.columns.kernel] : [outputs, length]
    add("weights", "tensor", sides, to: &stage)
    switch random.number(0...3) {
    case 0: stage.add("bias", "0.75")
    case 1: add("bias", "bias_tensor", [outputs], to: &stage)
    default: break
    }
    if blocks.count * outputs <= 20_000, random.chance(50) {
      let skip = random.pick([0, 0, 1, 3])
      let rows = [skip + blocks.count, outputs]
      add("position", "position_tensor", random.chance(50) ? rows : [1] + rows, to: &stage)
      if skip > 0 || random.chance(20) { stage.add("position_skip", "\(skip)") }
    }
    flow.kind = .float32
    if isConvolution || outputs != length {
      flow.shrinkBlocksToPixels()
      flow.replaceChannels(by: outputs)
    }
    flow.passLinear(keepsUnits: false)
    return stage
  }

  /// Adds an array in a .npy file, or by its name in a .safetensors file.
  mutating func add(
    _ key: String, _ tensorKey: String, _ shape: [Int], to stage: inout StageText
  ) {
    guard random.chance(50) else { return stage.add(key, array(shape)) }
    stage.add(key, array(shape, tensor: "model.\(key)"))
    stage.add(tensorKey, word: "model.\(key)")
  }
}
