extension Author {
  /// The first stage.
  mutating func loadStage() -> StageText {
    var stage = StageText("load")
    stage.add("path", word: image.name)
    if image.isChannelsLast || random.chance(5) {
      stage.add("npy_layout", word: image.isChannelsLast ? "hwc" : "chw")
    }
    if random.chance(5) { stage.add("max_pixels", "100000") }
    if random.chance(5) {
      stage.add("fail_on", word: random.pick(["error", "warning", "truncated", "none"]))
    }
    if generation >= 3 { nameArray(&stage) }
    orient(&stage)
    // Arrays without a name for their channels have no colours to convert.
    let colors = image.model == .nameless ? ["keep"] : ["keep", "keep", "rgb", "gray"]
    let color = random.pick(colors)
    if color != "keep" || random.chance(8) { stage.add("color", word: color) }
    chooseAlpha(color: color, &stage)
    switch (color, flow.model) {
    case ("rgb", .gray):
      flow.channels += 2
      flow.model = .rgb
    case ("rgb", .cmyk):
      flow.channels = 3
      flow.model = .rgb
    case ("gray", .rgb):
      flow.channels -= 2
      flow.model = .gray
    case ("gray", .cmyk):
      flow.channels = 1
      flow.model = .gray
    default: break
    }
    return stage
  }

  /// Says now and then what an array's channels mean, and that its values become floats.
  private mutating func nameArray(_ stage: inout StageText) {
    if random.chance(10) {
      stage.add("dtype", word: "float32")
      flow.kind = .float32
    }
    let words = [1: "gray", 2: "gray_alpha", 3: "rgb", 4: "rgba"]
    guard image.name.hasSuffix(".npy"), let word = words[image.channels] else {
      if random.chance(10) {
        stage.add("npy_color", word: random.pick(Array(words.values).sorted()))
      }
      return
    }
    guard random.chance(60) else { return }
    if random.chance(15) { return stage.add("npy_color", word: "none") }
    stage.add("npy_color", word: word)
    flow.hasAlpha = image.channels == 2 || image.channels == 4
    flow.model = image.channels < 3 ? .gray : .rgb
  }

  private mutating func orient(_ stage: inout StageText) {
    if random.chance(image.orientation == 1 ? 3 : 35) {
      stage.add("orientation", word: "ignore")
      return
    }
    if random.chance(8) { stage.add("orientation", word: "apply") }
    if image.orientation > 4 { swap(&flow.height, &flow.width) }
  }

  private mutating func chooseAlpha(color: String, _ stage: inout StageText) {
    var alpha = color == "keep" ? "keep" : "drop"
    if image.hasAlpha ? random.chance(75) : random.chance(10) {
      alpha = random.pick(["keep", "drop", "matte", "matte", "premultiply", "premultiply"])
      stage.add("alpha", word: alpha)
      if alpha == "matte" {
        let matte = random.pick([##""#20c0ff""##, "0", "[255, 12.5, 80]", "127.25"])
        stage.add("matte", matte)
        // What gray cannot show makes it RGB.
        if flow.hasAlpha, flow.model == .gray, color == "keep", Double(matte) == nil {
          flow.model = .rgb
          flow.channels += 2
        }
      }
    }
    guard flow.hasAlpha else { return }
    if alpha == "drop" || alpha == "matte" {
      flow.hasAlpha = false
      flow.channels -= 1
    } else if alpha == "premultiply" {
      flow.isPremultiplied = true
      flow.kind = .float32
    }
  }
}
