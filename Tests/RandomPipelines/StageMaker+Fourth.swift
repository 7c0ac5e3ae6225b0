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
