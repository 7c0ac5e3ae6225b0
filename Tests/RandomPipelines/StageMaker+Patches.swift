extension StageMaker {
  static let unfold = StageMaker(
    name: "unfold", weight: 5, suits: { $0.isImage && $0.valueCount < 60_000 }
  ) { author in
    var stage = StageText("unfold")
    let sizes = [(2, 2), (3, 3), (4, 4), (5, 3), (1, 1), (1, 6), (8, 8), (7, 2), (16, 16), (12, 9)]
    let kernel = author.random.pick(sizes)
    stage.add("kernel_size", StageText.pair(kernel.0, kernel.1))
    author.flow.blocks = author.window(kernel: kernel, isDense: false, into: &stage)
    author.halo(&stage)
    return stage
  }

  static let transformStandardize = StageMaker(
    name: "transform.standardize", weight: 3, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.standardize")
    author.scope(&stage)
    author.flow.kind = .float32
    author.flow.inverse = .lost
    author.flow.isBounded = true
    return stage
  }

  static let transformMeanRemoval = StageMaker(
    name: "transform.mean_removal", weight: 3, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.mean_removal")
    author.scope(&stage)
    author.flow.kind = .float32
    author.flow.passLinear(keepsUnits: false)
    return stage
  }

  static let transformConvolve = StageMaker(
    name: "transform.convolve", weight: 4, suits: { !$0.isImage && $0.valueCount < 200_000 }
  ) { author in
    var stage = StageText("transform.convolve")
    let filtersOpacity = author.filtersOpacity(&stage)
    let channels = filtersOpacity ? author.flow.channels : author.flow.colorChannels
    let kernels = author.kernels(
      channels: channels, mixing: .never, counts: Array(Set([1, channels])).sorted())
    stage.add(kernels.key, kernels.value)
    if let tensor = kernels.tensor { stage.add("tensor", word: tensor) }
    let modes = ["zeros", "reflect", "symmetric", "replicate", "circular"]
    if author.random.chance(75) { stage.add("padding_mode", word: author.random.pick(modes)) }
    if author.random.chance(20) { stage.add("flip_kernel", "true") }
    author.flow.kind = .float32
    author.flow.passLinear(keepsUnits: kernels.hasUnitGain)
    return stage
  }

  static let transformLinear = StageMaker(
    name: "transform.linear", weight: 2,
    suits: { !$0.isImage && $0.patchLength <= 80 && $0.valueCount < 200_000 }
  ) { author in
    var stage = StageText("transform.linear")
    let length = author.flow.patchLength
    let outputs = author.random.pick([length, length, 1, 3, 7])
    if author.generation >= 6 { return author.embedding(outputs: outputs) }
    stage.add("weights", author.array([outputs, length]))
    switch author.random.number(0...3) {
    case 0: stage.add("bias", "0.75")
    case 1: stage.add("bias", author.array([outputs]))
    default: break
    }
    author.flow.kind = .float32
    if outputs != length {
      author.flow.shrinkBlocksToPixels()
      author.flow.replaceChannels(by: outputs)
    }
    author.flow.passLinear(keepsUnits: false)
    return stage
  }

  static let fold = StageMaker(name: "fold", weight: 6, suits: { !$0.isImage }) { author in
    var stage = StageText("fold")
    guard var blocks = author.flow.blocks?.widened(by: -author.flow.halo) else { return stage }
    let isWeighed = author.generation >= 7 && author.random.chance(40)
    let isSum = !isWeighed && author.random.chance(25)
    if isWeighed {
      author.window(&stage, dilation: max(blocks.rows.dilation, blocks.columns.dilation))
    } else if isSum || author.random.chance(15) {
      stage.add("normalize", word: isSum ? "sum" : "count")
    }
    if author.flow.halo == 0, !isWeighed, author.random.chance(20) {
      blocks = author.apart(blocks)
      stage.add("output_size", StageText.pair(blocks.rows.size, blocks.columns.size))
      stage.add("kernel_size", StageText.pair(blocks.rows.kernel, blocks.columns.kernel))
      stage.add("stride", StageText.pair(blocks.rows.stride, blocks.columns.stride))
      let padding = -blocks.rows.starts[0]
      if padding > 0 { stage.add("padding", "\(padding)") }
      if blocks.rows.dilation > 1 { stage.add("dilation", "\(blocks.rows.dilation)") }
    }
    if !blocks.coversAll || author.flow.choice != .all, !author.random.chance(8) {
      stage.add("uncovered", word: "zero")
    } else if author.random.chance(20) {
      let word = author.random.pick(["error", "zero"])
      stage.add("uncovered", word: isSum ? "zero" : word)
    }
    author.flow.blocks = nil
    author.flow.halo = 0
    author.flow.choice = .all
    author.flow.height = blocks.rows.size
    author.flow.width = blocks.columns.size
    if isSum || isWeighed { author.flow.kind = .float32 }
    author.flow.passLinear(keepsUnits: !isSum)
    return stage
  }
}

extension Author {
  /// Writes which values of a patch have figures of their own.
  fileprivate mutating func scope(_ stage: inout StageText) {
    if random.chance(60) { stage.add("per", word: random.pick(["patch", "channel"])) }
  }

  /// The same blocks side by side, or a row and a column of pixels apart, on an image of their own.
  fileprivate mutating func apart(_ blocks: Blocks) -> Blocks {
    let gap = random.chance(30) ? 1 : 0
    let dilation = random.chance(25) ? 2 : 1
    func axis(_ axis: Axis, padding: Int) -> Axis {
      let extent = dilation * (axis.kernel - 1) + 1
      let (stride, count) = (extent + gap, axis.starts.count)
      return Axis(
        size: (count - 1) * stride + extent - 2 * padding, kernel: axis.kernel, stride: stride,
        dilation: dilation, starts: (0..<count).map { $0 * stride - padding })
    }
    func laid(padding: Int) -> Blocks {
      Blocks(
        rows: axis(blocks.rows, padding: padding), columns: axis(blocks.columns, padding: padding))
    }
    let cut = laid(padding: 1)
    let isPossible = min(cut.rows.size, cut.columns.size) > 0
    return isPossible && random.chance(30) ? cut : laid(padding: 0)
  }
}
