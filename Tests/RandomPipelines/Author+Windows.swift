extension Author {
  /// Writes the keys of a window of a given kernel, and lays its blocks on the image.
  ///
  /// Dense windows mostly have a stride of 1.
  mutating func window(
    kernel: (height: Int, width: Int), isDense: Bool, into stage: inout StageText
  ) -> Blocks {
    let isEvery = isDense && random.chance(isPlain ? 95 : 60)
    let strides = isEvery ? (1, 1) : random.pick([(1, 1), (2, 2), (3, 2), (1, 4), kernel])
    let dilation =
      random.chance(isPlain ? 92 : 75) ? (1, 1) : random.pick([(2, 2), (1, 3), (2, 1)])
    let padding = random.pick([(0, 0), (0, 0), (1, 1), (2, 2), (3, 1), (9, 4), nil, nil])
    let edge = random.pick(["drop", "shift", "shift", "pad", "pad", "error"])
    let mode = random.pick(["zeros", "reflect", "symmetric", "replicate", "circular"])
    let (height, width) = (flow.height, flow.width)
    func blocks(stride: (Int, Int), padding: (Int, Int)?, edge: String) -> Blocks? {
      guard
        let rows = Axis.laid(
          size: height, kernel: kernel.height, stride: stride.0, padding: padding?.0,
          dilation: dilation.0, edge: edge),
        let columns = Axis.laid(
          size: width, kernel: kernel.width, stride: stride.1, padding: padding?.1,
          dilation: dilation.1, edge: edge)
      else { return nil }
      return Blocks(rows: rows, columns: columns)
    }
    if dilation != (1, 1) { stage.add("dilation", StageText.pair(dilation.0, dilation.1)) }
    if mode != "zeros" || random.chance(20) { stage.add("padding_mode", word: mode) }
    for stride in [strides, kernel] {
      for (padding, edge) in [(padding, edge), (padding, "pad")] {
        guard let blocks = blocks(stride: stride, padding: padding, edge: edge),
          flow.channels * blocks.window * blocks.count < Self.mostValues
        else { continue }
        if stride != (1, 1) { stage.add("stride", StageText.pair(stride.0, stride.1)) }
        if let padding {
          if padding != (0, 0) { stage.add("padding", StageText.pair(padding.0, padding.1)) }
          if edge != "drop" || random.chance(20) { stage.add("edge", word: edge) }
        } else {
          stage.add("padding", word: "same")
        }
        return blocks
      }
    }
    // Larger than that only where the image itself is: one block after the other then.
    stage.add("stride", StageText.pair(kernel.height, kernel.width))
    stage.add("edge", word: "pad")
    return blocks(stride: kernel, padding: (0, 0), edge: "pad")
      ?? Blocks(rows: .pixels(height), columns: .pixels(width))
  }

  /// Values of patches that a pipeline may have to go through.
  private static let mostValues = 120_000
}
