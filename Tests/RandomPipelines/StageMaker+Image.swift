extension StageMaker {
  static let normalize = StageMaker(name: "normalize", weight: 3, suits: { $0.isImage }) {
    author in
    var stage = StageText("normalize")
    let scale = author.random.pick(["unit", "unit", "unit", "none", "number"])
    if scale == "number" {
      stage.add("scale", author.random.pick(["0.5", "0.0078125", "2"]))
    } else if scale != "unit" || author.random.chance(15) {
      stage.add("scale", word: scale)
    }
    let before = author.flow.inverse
    if scale != "none", author.flow.hasCommonFactor { author.flow.inverse = .scale }
    author.flow.kind = .float32
    if author.random.chance(25) {
      stage.add("per_image", word: author.random.pick(["standardize", "minmax"]))
      author.flow.inverse = before == .same ? .statistics : .lost
      author.flow.isBounded = true
      return stage
    }
    if before == .statistics { author.flow.inverse = .lost }
    if author.random.chance(8) { stage.add("per_image", word: "none") }
    guard author.random.chance(60) else { return stage }
    if author.generation >= 4, author.random.chance(40) {
      let names = ["half", "vit", "siglip", "siglip2", "siglip2-naflex"]
      let colored = ["imagenet", "clip", "mae", "dinov2", "dinov3", "qwen2vl"]
      stage.add(
        "preset",
        word: author.random.pick(author.flow.colorChannels == 3 ? names + colored : names))
      if author.flow.hasCommonFactor { author.flow.inverse = .affine }
      return stage
    }
    let mean = author.constants(["0.5", "0.4", "0.1", "0.25"])
    let std = author.constants(["0.5", "0.25", "0.2", "2"])
    let hasMean = author.random.chance(80)
    let hasStd = author.random.chance(80)
    // Two names that do not belong together are refused, and so is one alone: numbers say the same.
    let areNames = hasMean && hasStd && mean.hasPrefix("\"") && std.hasPrefix("\"")
    if hasMean { stage.add("mean", areNames ? mean : Self.numbers(of: mean, isMean: true)) }
    if hasStd { stage.add("std", areNames ? mean : Self.numbers(of: std, isMean: false)) }
    if author.flow.hasCommonFactor { author.flow.inverse = .affine }
    return stage
  }

  /// The numbers that a model's name stands for; numbers stay as they are.
  private static func numbers(of constants: String, isMean: Bool) -> String {
    switch constants {
    case "\"imagenet\"", "\"mae\"": isMean ? "[0.485, 0.456, 0.406]" : "[0.229, 0.224, 0.225]"
    case "\"clip\"":
      isMean ? "[0.48145466, 0.4578275, 0.40821073]" : "[0.26862954, 0.26130258, 0.27577711]"
    case "\"half\"", "\"vit\"": "0.5"
    default: constants
    }
  }

  static let convolve = StageMaker(
    name: "convolve", weight: 5, suits: { $0.channels < 13 && $0.valueCount < 200_000 }
  ) { author in
    var stage = StageText("convolve")
    if author.convolvesLocally(&stage) { return stage }
    let flow = author.flow
    let size = flow.blocks.map { ($0.rows.kernel, $0.columns.kernel) }
    let isSimple = author.isPlain && author.random.chance(90)
    let mixing: Kernels.Mixing =
      isSimple ? author.random.chance(15) ? .channelwise : .never : .sometimes
    let counts = isSimple || flow.channels > 4 ? [1] : [1, 1, 1, 2, 3]
    let filtersOpacity = author.filtersOpacity(&stage)
    let kernels = author.kernels(
      channels: filtersOpacity ? flow.channels : flow.colorChannels, size: size, mixing: mixing,
      counts: counts)
    stage.add(kernels.key, kernels.value)
    if let tensor = kernels.tensor { stage.add("tensor", word: tensor) }
    if kernels.groups > 1 { stage.add("groups", "\(kernels.groups)") }
    if author.random.chance(15) { stage.add("flip_kernel", "true") }
    if size == nil {
      author.flow.blocks = author.window(
        kernel: (kernels.height, kernels.width), isDense: true, into: &stage)
    }
    author.flow.shrinkBlocksToPixels()
    if size == nil { author.flow.blocks = nil }
    author.respond(
      to: kernels, filtersOpacity: filtersOpacity, isSimple: isSimple, &stage)
    return stage
  }

  static let compare = StageMaker(
    name: "compare", weight: 2,
    suits: { flow in
      flow.isImage && flow.inverse != .lost
        && flow.loaded == [flow.channels, flow.height, flow.width]
    }
  ) { author in
    var stage = StageText("compare")
    let hasStructure = min(author.flow.height, author.flow.width) >= 11
    let choices = [["psnr"], ["max_abs", "mean_abs"], ["mean_abs", "psnr"]]
    let metrics = author.random.pick(hasStructure ? choices + [["ssim", "psnr"]] : choices)
    stage.add("metrics", StageText.list(metrics.map(StageText.quoted)))
    if author.flow.sourceKind == .float32 || author.random.chance(10) {
      stage.add("data_range", author.random.pick(["1", "2.5", "255"]))
    }
    guard author.random.chance(20) else { return stage }
    // Bounds that most images meet, and one that few do.
    let bounds = [#"{ "max_abs": 70000 }"#, #"{ "mean_abs": 65000 }"#, #"{ "psnr": 30 }"#]
    stage.add("require", author.random.pick(bounds))
    return stage
  }
}

extension Author {
  /// One number, one per colour channel, or a model's name.
  fileprivate mutating func constants(_ numbers: [String]) -> String {
    let names = flow.colorChannels == 3 ? ["imagenet", "clip", "half", "mae"] : ["half", "vit"]
    switch random.number(0...3) {
    case 0: return StageText.quoted(random.pick(names))
    case 1: return StageText.list((0..<flow.colorChannels).map { _ in random.pick(numbers) })
    default: return random.pick(numbers)
    }
  }

  /// Writes what becomes of the responses, and what flows on.
  fileprivate mutating func respond(
    to kernels: Kernels, filtersOpacity: Bool, isSimple: Bool, _ stage: inout StageText
  ) {
    let isMagnitude = kernels.count % 2 == 0 && random.chance(isSimple ? 15 : 50)
    // Opacity that multiplies colours is filtered by one kernel only.
    let combination = combination(of: kernels)
    let keepsOpacity =
      flow.hasAlpha
      && (combination != nil
        ? true
        : flow.isPremultiplied
          ? !kernels.mixesChannels && (kernels.count > 1 || isMagnitude) : !filtersOpacity)
    let filtered = keepsOpacity ? flow.colorChannels : flow.channels
    let outputs = kernels.mixesChannels ? kernels.count : filtered * kernels.count
    var response = isMagnitude ? "magnitude" : random.chance(isSimple ? 4 : 12) ? "abs" : "linear"
    if let combination { response = combination }
    if response != "linear" || random.chance(10) { stage.add("response", word: response) }
    let hasBias = random.chance(isSimple ? 12 : 20)
    if hasBias {
      switch random.number(0...2) {
      case 0: stage.add("bias", random.pick(["19.5", "-0.25", "1"]))
      case 1:
        let values = (0..<outputs).map { _ in "\(Double(random.number(-40...40)) / 8)" }
        stage.add("bias", StageText.list(values))
      case 2 where generation >= 6: add("bias", "bias_tensor", [outputs], to: &stage)
      default: stage.add("bias", array([outputs]))
      }
    }
    var channels = response == "magnitude" ? outputs / 2 : outputs
    if response == "max" { channels = maximum(of: outputs, kernels, &stage) }
    if response == "energy", random.chance(70) {
      stage.add("window", random.pick(["1", "3", "9"]))
    }
    if keepsOpacity {
      if kernels.mixesChannels || channels != filtered { flow.model = .nameless }
      flow.channels = channels + 1
    } else if kernels.mixesChannels || channels != flow.channels {
      flow.replaceChannels(by: channels)
    }
    flow.kind = .float32
    let keepsUnits = kernels.hasUnitGain && !kernels.mixesChannels && !hasBias
    flow.passLinear(keepsUnits: keepsUnits && response == "linear")
  }
}
