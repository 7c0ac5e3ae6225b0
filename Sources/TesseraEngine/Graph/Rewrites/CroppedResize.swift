import TesseraCore

/// resize → crop: pixels that the crop would cut away are not made.
struct CroppedResize: Rewrite {
  let name = "cropped_resize"

  func apply(to graph: inout Graph) -> Bool {
    var isTaken = false
    for index in graph.links.indices.reversed() {
      guard let crop = graph.links[index].work as? CropRows else { continue }
      var work = CroppedPasses(crop)
      var first = index
      while first > 0, let pass = graph.links[first - 1].work as? ResizePass, work.take(pass) {
        first -= 1
      }
      guard work.makesLess else { continue }
      isTaken = true
      for (place, pass) in zip(first..<index, work.sparingPasses) { graph.links[place].work = pass }
      graph.links[index].work = work.rest
      if work.isWhole { graph.links.remove(at: index) }
    }
    return isTaken
  }
}

/// Passes of a resize, no two along one axis, and what is left of the crop that follows them.
private struct CroppedPasses {
  private(set) var passes: [ResizePass] = []
  private(set) var rest: CropRows
  /// Whether a pass makes fewer pixels than before.
  private(set) var makesLess = false
  private var areWhole: [ResizePass.Direction: Bool] = [:]

  init(_ crop: CropRows) { rest = crop }

  /// Whether nothing is left of the crop.
  var isWhole: Bool { areWhole == [.horizontal: true, .vertical: true] }

  /// The passes, of which one within rows leaves out those that the one across does not look at.
  var sparingPasses: [ResizePass] {
    guard passes.map(\.direction) == [.horizontal, .vertical] else { return passes }
    var (along, across) = (passes[0], passes[1])
    let spans = ResizeSpans(across.axis)
    let rows = spans.sources(of: spans.starts.indices)
    along.rows = rows
    across.axis.first = rows.lowerBound
    return [along, across]
  }

  /// Has the pass before the others make only what is kept of it; `false` where it cannot.
  mutating func take(_ pass: ResizePass) -> Bool {
    let isVertical = pass.direction == .vertical
    let first = isVertical ? rest.top : rest.left
    let wanted = first..<first + (isVertical ? rest.size.height : rest.size.width)
    let kept = wanted.clamped(to: 0..<pass.axis.target)
    // An earlier resize along the same axis is another's input.
    guard areWhole[pass.direction] == nil, pass.axis.kept == 0..<pass.axis.target, !kept.isEmpty
    else { return false }
    areWhole[pass.direction] = kept == wanted
    makesLess = makesLess || kept.count < pass.axis.target
    if isVertical { rest.top -= kept.lowerBound } else { rest.left -= kept.lowerBound }
    var pass = pass
    pass.axis.kept = kept
    passes.insert(pass, at: 0)
    return true
  }
}
