extension StageMaker {
  static let resize = StageMaker(
    name: "resize", generation: 4, weight: 4, suits: { $0.isImage && $0.valueCount < 40_000 }
  ) { author in
    var stage = StageText("resize")
    let flow = author.flow
    let (shortest, longest) = (min(flow.height, flow.width), max(flow.height, flow.width))
    let enlarges = author.random.chance(80)
    var size = (flow.height, flow.width)
    switch author.random.number(0...3) {
    case 0 where longest < 20 * shortest:
      let side = author.random.number(1...40)
      stage.add("size", "\(side)")
      if enlarges || side < shortest { size = flow.sides { $0 * side / shortest } }
    case 1:
      let side = author.random.number(1...60)
      stage.add("longest_side", "\(side)")
      if enlarges || side < longest { size = flow.sides { max($0 * side / longest, 1) } }
    case 2:
      let (text, factor) = author.random.pick([("0.5", 0.5), ("0.3", 0.3), ("1.5", 1.5), ("2", 2)])
      stage.add("scale", text)
      if enlarges || factor < 1 {
        size = flow.sides { max(Int((Double($0) * factor + 0.5).rounded(.down)), 1) }
      }
    default:
      let sides = (author.random.number(1...50), author.random.number(1...50))
      stage.add("size", StageText.list(["\(sides.0)", "\(sides.1)"]))
      size = enlarges ? sides : (min(sides.0, size.0), min(sides.1, size.1))
    }
    if !enlarges || author.random.chance(10) { stage.add("enlarge", "\(enlarges)") }
    let filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
    let filter = author.random.pick(filters)
    if filter != "bicubic" || author.random.chance(50) { stage.add("filter", word: filter) }
    let isSame = size == (flow.height, flow.width)
    let weighsOpacity = flow.hasAlpha && flow.kind == .float32
    if !isSame, ["bicubic", "lanczos"].contains(filter), weighsOpacity {
      author.flow.isBounded = false
    }
    (author.flow.height, author.flow.width) = size
    return stage
  }
}

extension Flow {
  /// The same change of both sides.
  fileprivate func sides(_ change: (Int) -> Int) -> (Int, Int) { (change(height), change(width)) }
}
