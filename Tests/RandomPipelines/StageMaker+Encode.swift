extension StageMaker {
  static let encode = StageMaker(name: "encode", weight: 2, suits: { _ in true }) { author in
    var stage = StageText("encode")
    let format = author.format()
    stage.add("path", word: "out")
    if format != "png" || author.random.chance(20) { stage.add("format", word: format) }
    let ending = ["jpeg": "jpg", "tiff": "tif"][format] ?? format
    let name = author.random.pick(["{stem}-\(author.encodeCount)", "{dir}/{stem}-{ext}"])
    stage.add("name", word: "\(name).\(author.encodeCount).\(ending)")
    switch format {
    case "png": author.pictureKeys(&stage)
    case "jpeg": author.photographKeys(&stage)
    case "webp": author.webPKeys(&stage)
    case "tiff": author.pictureKeys(&stage, isTIFF: true)
    default: author.arrayKeys(&stage)
    }
    if author.random.chance(15), author.flow.choice != .masked { stage.add("verify", "true") }
    return stage
  }
}

extension Author {
  /// A kind of file that can hold what flows.
  fileprivate mutating func format() -> String {
    guard flow.isImage, flow.model != .cmyk || random.chance(15) else { return "npy" }
    if generation >= 8, flow.model != .cmyk, random.chance(50) {
      return random.pick(["webp", "tiff"])
    }
    let takesPhotograph = !flow.hasAlpha || random.chance(20)
    if isPlain, random.chance(80) { return takesPhotograph ? random.pick(["png", "jpeg"]) : "png" }
    return random.pick(takesPhotograph ? ["png", "png", "jpeg", "npy"] : ["png", "png", "npy"])
  }

  fileprivate mutating func pictureKeys(_ stage: inout StageText, isTIFF: Bool = false) {
    if random.chance(isPlain ? 8 : 25) {
      stage.add("bit_depth", random.pick(isTIFF ? ["8", "16", "32"] : ["8", "16"]))
    }
    if random.chance(15) {
      let levels = ["\"fast\"", "\"default\"", "\"best\"", "\"none\"", "0", "3", "9"]
      stage.add("compression", random.pick(levels))
    }
    metadata(&stage)
    range(&stage)
  }

  fileprivate mutating func webPKeys(_ stage: inout StageText) {
    if random.chance(60) {
      stage.add("lossless", "true")
    } else if random.chance(40) {
      stage.add("quality", "\(random.pick([1, 50, 75, 95, 100]))")
    }
    metadata(&stage)
    range(&stage)
  }

  fileprivate mutating func photographKeys(_ stage: inout StageText) {
    if random.chance(40) { stage.add("quality", "\(random.pick([1, 50, 75, 95, 100]))") }
    if random.chance(40) {
      stage.add("subsampling", word: random.pick(["4:2:0", "4:2:2", "4:4:4"]))
    }
    if random.chance(25) { stage.add("progressive", "true") }
    metadata(&stage)
    range(&stage)
  }

  fileprivate mutating func arrayKeys(_ stage: inout StageText) {
    if !flow.isImage, random.chance(80) {
      let layouts = ["torch", "tokens", "tokens_channels_last", "patches"]
      stage.add("layout", word: random.pick(layouts))
    }
    var kind = flow.kind
    if random.chance(30) {
      kind = random.pick([.uint8, .uint16, .float32])
      stage.add("dtype", word: "\(kind)")
    }
    if kind != .float32 { range(&stage) }
  }

  private mutating func metadata(_ stage: inout StageText) {
    if random.chance(30) { stage.add("metadata", word: random.pick(["icc", "keep", "strip"])) }
  }

  private mutating func range(_ stage: inout StageText) {
    var words = ["clip", "clip", "auto"]
    if flow.isBounded { words += ["bounds", "symmetric"] }
    // Where it is lost, few ask for it all the same, and are refused.
    if flow.inverse != .lost || random.chance(15) {
      if random.chance(50) { return }
      words.append("restore")
    }
    if random.chance(30) {
      stage.add("range", random.pick(["[0, 1]", "[-1, 1]", "[-100, 300]", "[-2.5, 2]"]))
    } else {
      stage.add("range", word: random.pick(words))
    }
  }
}
