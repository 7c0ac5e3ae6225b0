extension StageMaker {
  static let crop = StageMaker(
    name: "crop", generation: 4, weight: 4, suits: { $0.isImage && $0.valueCount < 40_000 }
  ) { author in
    var stage = StageText("crop")
    let (height, width) = (author.flow.height, author.flow.width)
    // Smaller mostly, and larger at times: zeros stand around then.
    let size = (
      author.random.number(1...(height + (author.random.chance(25) ? 6 : 0))),
      author.random.number(1...(width + (author.random.chance(25) ? 6 : 0)))
    )
    stage.add("size", StageText.pair(size.0, size.1))
    let fits = size.0 <= height && size.1 <= width
    switch author.random.number(0...3) {
    case 0:
      let slack = fits ? (height - size.0, width - size.1) : (height - 1, width - 1)
      stage.add(
        "offset",
        StageText.list([
          "\(author.random.number(0...slack.0))", "\(author.random.number(0...slack.1))",
        ]))
    case 1:
      let corners = ["top_left", "top_right", "bottom_left", "bottom_right"]
      stage.add("position", word: author.random.pick(corners))
    case 2:
      stage.add("position", word: "random")
      if author.random.chance(50) { stage.add("seed", "\(author.random.number(0...999))") }
    default:
      if author.random.chance(40) { stage.add("position", word: "center") }
      if author.random.chance(60) {
        stage.add("rounding", word: author.random.pick(["floor", "half_even"]))
      }
    }
    if author.random.chance(40) {
      stage.add("small", word: fits ? author.random.pick(["error", "pad"]) : "pad")
    }
    (author.flow.height, author.flow.width) = size
    return stage
  }

  static let flip = StageMaker(
    name: "flip", generation: 4, weight: 2, suits: { $0.isImage && $0.valueCount < 40_000 }
  ) { author in
    var stage = StageText("flip")
    if author.random.chance(60) {
      stage.add("axis", word: author.random.pick(["horizontal", "vertical"]))
    }
    if author.random.chance(60) {
      stage.add("probability", author.random.pick(["0", "0.25", "1"]))
    }
    if author.random.chance(40) { stage.add("seed", "\(author.random.number(0...999))") }
    return stage
  }
}

extension StageMaker {
  static let randomResizedCrop = StageMaker(
    name: "random_resized_crop", generation: 4, weight: 2,
    suits: { $0.isImage && $0.valueCount < 40_000 && !$0.isPremultiplied }
  ) { author in
    var stage = StageText("random_resized_crop")
    let size = (author.random.number(1...24), author.random.number(1...24))
    stage.add("size", StageText.pair(size.0, size.1))
    if author.random.chance(30) { stage.add("scale", "[0.3, 0.9]") }
    if author.random.chance(30) { stage.add("ratio", "[0.5, 1]") }
    if author.random.chance(60) { stage.add("filter", word: author.random.pick(filters)) }
    if author.random.chance(40) { stage.add("seed", "\(author.random.number(0...999))") }
    (author.flow.height, author.flow.width) = size
    // Colours beside opacity may come out as anything where weights are below 0.
    if author.flow.kind == .float32 { author.flow.isBounded = false }
    return stage
  }

  private static let filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

  static let preset = StageMaker(
    name: "preset", generation: 4, weight: 3,
    suits: { flow in
      let isKnown =
        flow.model == .gray || flow.model == .rgb || flow.model == .cmyk && flow.kind == .uint8
      return flow.isImage && flow.valueCount < 40_000 && isKnown && !flow.isPremultiplied
        && (!flow.hasAlpha || flow.hasCommonFactor)
    }
  ) { author in
    var stage = StageText("preset")
    let patched = ["vit", "clip", "dinov2", "dinov3", "mae", "siglip", "siglip2"]
    let cuts = author.random.chance(40)
    stage.add("name", word: author.random.pick(cuts ? patched : patched + ["imagenet"]))
    let size = author.random.number(6...20)
    stage.add("size", "\(size)")
    if cuts || author.random.chance(20) { stage.add("patches", word: cuts ? "model" : "none") }
    author.flow.replaceChannels(by: 3)
    author.flow.model = .rgb
    author.flow.kind = .float32
    author.flow.inverse = [.statistics, .lost].contains(author.flow.inverse) ? .lost : .affine
    (author.flow.height, author.flow.width) = (size, size)
    guard cuts else { return stage }
    let patch = author.random.number(2...6)
    stage.add("patch_size", "\(patch)")
    if let axis = Axis.laid(
      size: size, kernel: patch, stride: patch, padding: 0, dilation: 1, edge: "drop")
    {
      author.flow.blocks = Blocks(rows: axis, columns: axis)
    }
    return stage
  }
}
