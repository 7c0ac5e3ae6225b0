extension StageMaker {
  static let pad = StageMaker(
    name: "pad", generation: 2, weight: 4, suits: { $0.isImage && $0.valueCount < 40_000 }
  ) { author in
    var stage = StageText("pad")
    let flow = author.flow
    var size = (flow.height, flow.width)
    switch author.random.number(0...2) {
    case 0:
      let sides = (0..<4).map { _ in author.random.number(0...7) }
      let isEven = author.random.chance(40)
      let (top, bottom, left, right) =
        isEven ? (sides[0], sides[0], sides[0], sides[0]) : (sides[0], sides[1], sides[2], sides[3])
      stage.add(
        "amount", isEven ? "\(top)" : StageText.list([top, bottom, left, right].map { "\($0)" }))
      size = (size.0 + top + bottom, size.1 + left + right)
    case 1:
      let multiple = author.random.pick([(4, 4), (8, 8), (3, 5), (16, 2), (1, 1)])
      stage.add("to_multiple", StageText.pair(multiple.0, multiple.1))
      size.0 = (size.0 + multiple.0 - 1) / multiple.0 * multiple.0
      size.1 = (size.1 + multiple.1 - 1) / multiple.1 * multiple.1
      author.position(&stage)
    default:
      size.0 += author.random.number(0...9)
      size.1 += author.random.number(0...9)
      stage.add("size", StageText.list(["\(size.0)", "\(size.1)"]))
      author.position(&stage)
    }
    let modes = ["zeros", "reflect", "symmetric", "replicate", "circular", "constant"]
    let mode = author.random.pick(modes)
    if mode != "zeros" || author.random.chance(70) { stage.add("padding_mode", word: mode) }
    if mode == "constant" {
      let values = (0..<flow.channels).map { _ in "\(author.random.number(0...255))" }
      stage.add("value", author.random.chance(50) ? values[0] : StageText.list(values))
    }
    (author.flow.height, author.flow.width) = size
    return stage
  }

  static let transformQuantize = StageMaker(
    name: "transform.quantize", generation: 2, weight: 3, suits: { !$0.isImage }
  ) { author in
    var stage = StageText("transform.quantize")
    stage.add("step", author.random.pick(["1", "0.125", "0.3", "16"]))
    author.flow.kind = .float32
    return stage
  }
}

extension Author {
  fileprivate mutating func position(_ stage: inout StageText) {
    if random.chance(60) { stage.add("position", word: random.pick(["center", "top_left"])) }
  }
}
