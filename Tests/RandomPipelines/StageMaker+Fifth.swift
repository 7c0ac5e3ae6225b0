extension StageMaker {
  static let select = StageMaker(
    name: "select", generation: 5, weight: 2, suits: { !$0.isImage && $0.valueCount < 60_000 }
  ) { author in
    var stage = StageText("select")
    let figures =
      ["mean", "std", "entropy"] + (author.flow.hasAlpha ? ["alpha", "alpha", "alpha"] : [])
    let figure = author.random.pick(figures)
    if figure != "std" || author.random.chance(30) { stage.add("by", word: figure) }
    let bounds =
      switch figure {
      case "entropy": [("1", "3"), ("2", "6"), ("0", "8")]
      case "alpha": [("0.25", "0.75"), ("0.5", "1")]
      default: [("-1", "1"), ("0", "40"), ("20", "200"), ("0.05", "0.5")]
      }
    let (least, most) = author.random.pick(bounds)
    let ends = author.random.number(0...2)
    if ends != 1 { stage.add("min", least) }
    if ends != 0 { stage.add("max", most) }
    author.flow.choice = .byValues
    return stage
  }

  static let sample = StageMaker(
    name: "sample", generation: 5, weight: 2,
    suits: { !$0.isImage && $0.valueCount < 60_000 && $0.choice != .byValues }
  ) { author in
    var stage = StageText("sample")
    let count = author.flow.blocks?.count ?? 1
    if author.random.chance(50) {
      stage.add("count", "\(author.random.number(1...count + 2))")
    } else {
      stage.add("fraction", author.random.pick(["0", "0.25", "0.6", "1"]))
    }
    author.seed(&stage)
    author.flow.choice = .some
    return stage
  }

  static let mask = StageMaker(
    name: "mask", generation: 5, weight: 2,
    suits: { flow in
      !flow.isImage && flow.valueCount < 60_000 && (flow.blocks?.count ?? 0) > 3
        && flow.choice == .all
    }
  ) { author in
    var stage = StageText("mask")
    if author.random.chance(70) {
      stage.add("ratio", author.random.pick(["0", "0.3", "0.5", "0.75"]))
    }
    author.seed(&stage)
    author.flow.choice = .masked
    return stage
  }
}

extension Author {
  fileprivate mutating func seed(_ stage: inout StageText) {
    if random.chance(40) { stage.add("seed", "\(random.number(0...999))") }
  }
}
