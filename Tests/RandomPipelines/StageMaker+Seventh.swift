extension Author {
  /// Writes a halo now and then.
  mutating func halo(_ stage: inout StageText) {
    guard generation >= 7, random.chance(40), let blocks = flow.blocks else { return }
    let halo = random.number(1...3)
    guard blocks.widened(by: halo).window * flow.channels * blocks.count < 120_000 else { return }
    stage.add("halo", "\(halo)")
    flow.blocks = blocks.widened(by: halo)
    flow.halo = halo
  }

  /// Writes window weights of a fold.
  mutating func window(_ stage: inout StageText, dilation: Int) {
    stage.add("normalize", word: "window")
    let words = ["hann", "triangle", "gaussian", "kaiser", "pyramid"]
    let word = random.pick(dilation == 1 ? words + ["crop", "crop"] : words)
    stage.add("window", word: word)
    if word == "kaiser", random.chance(50) { stage.add("beta", random.pick(["0", "4.5", "14"])) }
  }
}

extension Author {
  /// A response that leaves opacity alone; `nil` for the others.
  mutating func combination(of kernels: Kernels) -> String? {
    guard generation >= 7, !kernels.mixesChannels, random.chance(35) else { return nil }
    let words = flow.choice == .all ? ["square", "energy"] : ["square"]
    return random.pick(kernels.count > 1 ? words + ["max", "max"] : words)
  }

  /// Writes how many outputs of a channel become one; how many are left.
  mutating func maximum(of outputs: Int, _ kernels: Kernels, _ stage: inout StageText) -> Int {
    let divisors = (1...kernels.count).filter { kernels.count % $0 == 0 }
    let group = random.pick(divisors)
    if group != kernels.count || random.chance(50) { stage.add("groups_of", "\(group)") }
    return outputs / group
  }

  /// Writes a convolution with a matrix for each block now and then.
  mutating func convolvesLocally(_ stage: inout StageText) -> Bool {
    guard generation >= 7, random.chance(12) else { return false }
    if flow.isImage, flow.channels * flow.height * flow.width > 1200 { return false }
    if let blocks = flow.blocks, blocks.count * flow.patchLength > 6000 { return false }
    let isImage = flow.isImage
    let filtersOpacity = filtersOpacity(&stage)
    let channels = filtersOpacity ? flow.channels : flow.colorChannels
    let kernel = random.pick([(2, 2), (1, 2), (3, 1)])
    let blocks = flow.blocks ?? window(kernel: kernel, isDense: true, into: &stage)
    let outputs = random.number(1...2)
    stage.add(
      "weights",
      array([blocks.count, outputs, channels, blocks.rows.kernel, blocks.columns.kernel]))
    stage.add("locally_connected", "true")
    flow.blocks = blocks
    flow.shrinkBlocksToPixels()
    if isImage { flow.blocks = nil }
    if flow.hasAlpha, !filtersOpacity {
      flow.channels = outputs + 1
      flow.model = .nameless
    } else {
      flow.replaceChannels(by: outputs)
    }
    flow.kind = .float32
    flow.passLinear(keepsUnits: false)
    return true
  }
}

extension StageMaker {
  static let convolveTranspose = StageMaker(
    name: "convolve_transpose", generation: 7, weight: 6,
    suits: { $0.isImage && $0.channels < 5 && $0.valueCount < 6_000 }
  ) { author in
    var stage = StageText("convolve_transpose")
    let flow = author.flow
    let (stride, kernel) = author.random.pick([
      ((1, 1), (3, 3)), ((2, 2), (2, 2)), ((2, 2), (4, 4)), ((3, 1), (3, 3)),
    ])
    // Opacity can be kept only where the result is stride times as large.
    let padding = ((kernel.0 - 1) / 2, (kernel.1 - 1) / 2)
    let added = (
      stride.0 - kernel.0 + 2 * padding.0, stride.1 - kernel.1 + 2 * padding.1
    )
    let filtersOpacity = author.filtersOpacity(&stage)
    let channels = filtersOpacity ? flow.channels : flow.colorChannels
    if author.random.chance(40) {
      let outputs = author.random.number(1...3)
      author.add("weights", "tensor", [channels, outputs, kernel.0, kernel.1], to: &stage)
      if flow.hasAlpha, !filtersOpacity {
        author.flow.channels = outputs + 1
        author.flow.model = .nameless
      } else {
        author.flow.replaceChannels(by: outputs)
      }
    } else {
      stage.add(
        "bank", "{\"name\": \"box\", \"kernel_size\": \(StageText.pair(kernel.0, kernel.1))}")
    }
    if stride != (1, 1) { stage.add("stride", StageText.pair(stride.0, stride.1)) }
    if padding != (0, 0) { stage.add("padding", StageText.pair(padding.0, padding.1)) }
    if added != (0, 0) { stage.add("output_padding", StageText.pair(added.0, added.1)) }
    let hasBias = author.random.chance(25)
    if hasBias { stage.add("bias", "0.5") }
    author.flow.height *= stride.0
    author.flow.width *= stride.1
    author.flow.kind = .float32
    author.flow.passLinear(keepsUnits: false)
    if hasBias { author.flow.inverse = .lost }
    return stage
  }

  static let transformDCT = StageMaker(
    name: "transform.dct", generation: 7, weight: 2, suits: { !$0.isImage }
  ) { author in
    author.flow.kind = .float32
    author.flow.passLinear(keepsUnits: false)
    if author.flow.inverse != .same { author.flow.inverse = .lost }
    return StageText("transform.dct")
  }

  static let transformIDCT = StageMaker(
    name: "transform.idct", generation: 7, weight: 2, suits: { !$0.isImage }
  ) { author in
    author.flow.kind = .float32
    author.flow.passLinear(keepsUnits: false)
    return StageText("transform.idct")
  }

  static let transformDCTThreshold = StageMaker(
    name: "transform.dct_threshold", generation: 7, weight: 4,
    suits: { !$0.isImage && $0.inverse != .lost && $0.inverse != .statistics }
  ) { author in
    var stage = StageText("transform.dct_threshold")
    stage.add("sigma", author.random.pick(["0.02", "5", "20", "300"]))
    if author.random.chance(40) { stage.add("kind", word: author.random.pick(["hard", "soft"])) }
    if author.random.chance(30) { stage.add("lambda", author.random.pick(["0.5", "2.7"])) }
    if author.random.chance(50) {
      stage.add("weights", word: author.random.pick(["uniform", "adaptive", "adaptive"]))
    }
    if author.random.chance(30) { stage.add("decorrelate", "false") }
    author.flow.kind = .float32
    return stage
  }

  static let median = ranked("median", weight: 8, isPatches: false)
  static let rank = ranked("rank", weight: 8, isPatches: false)
  static let transformMedian = ranked("transform.median", weight: 8, isPatches: true)

  /// A stage that takes the value of a rank out of each window.
  private static func ranked(_ name: String, weight: Int, isPatches: Bool) -> StageMaker {
    StageMaker(
      name: name, generation: 7, weight: weight,
      suits: { $0.isImage != isPatches && $0.valueCount < 60_000 }
    ) { author in
      var stage = StageText(name)
      let sizes = [nil, (3, 3), (5, 5), (7, 7), (1, 5), (9, 3), (13, 13)]
      if let size = author.random.pick(sizes) {
        stage.add("kernel_size", StageText.pair(size.0, size.1))
      }
      if name == "rank" { stage.add("rank", author.random.pick(["0", "0.2", "0.5", "0.9", "1"])) }
      let modes = ["zeros", "reflect", "symmetric", "replicate", "circular"]
      if author.random.chance(90) { stage.add("padding_mode", word: author.random.pick(modes)) }
      _ = author.filtersOpacity(&stage)
      if isPatches { author.flow.kind = .float32 }
      return stage
    }
  }

  static let transformClip = StageMaker(
    name: "transform.clip", generation: 7, weight: 6, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.clip")
    let ends = author.random.number(0...2)
    if ends != 1 { stage.add("min", author.random.pick(["-0.5", "0.1", "20"])) }
    if ends != 0 { stage.add("max", author.random.pick(["20", "40.5", "180"])) }
    author.flow.kind = .float32
    return stage
  }

  static let transformContrastNormalize = StageMaker(
    name: "transform.contrast_normalize", generation: 7, weight: 6, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.contrast_normalize")
    stage.add("epsilon", author.random.pick(["0.01", "10"]))
    stage.add("per", word: author.random.pick(["patch", "channel"]))
    author.flow.kind = .float32
    author.flow.inverse = .lost
    author.flow.isBounded = true
    return stage
  }

  static let transformReduce = StageMaker(
    name: "transform.reduce", generation: 7, weight: 5, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.reduce")
    let kind = author.random.pick(["mean", "max", "min", "std", "median"])
    stage.add("kind", word: kind)
    author.flow.shrinkBlocksToPixels()
    author.flow.kind = .float32
    if kind == "std" { author.flow.passLinear(keepsUnits: false) }
    return stage
  }
}
