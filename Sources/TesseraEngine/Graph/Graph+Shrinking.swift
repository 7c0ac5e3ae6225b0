import TesseraCore

extension Graph {
  /// Has the decoder give a smaller image, where that may be, and a resize follows that makes it no
  /// larger than that; only values one by one are looked at before.
  ///
  /// No rewrite: other pixels come out. The geometry stays that of the whole image.
  package mutating func shrinkSource() {
    guard source.mayShrink, source.header.canShrink,
      !links.contains(where: { ($0.work as? any RowTap)?.readsLoaded ?? false }),
      let first = links.firstIndex(where: { !$0.work.takesValuesAlone })
    else { return }
    let stage = links[first].stageIndex
    let resize = links[first...].prefix(2).prefix { $0.stageIndex == stage }
    let passes = resize.prefix { $0.work is ResizePass }.compactMap { $0.work as? ResizePass }
    guard let axis = passes.first?.axis, axis.filter != .nearest,
      let width = passes.first(where: { $0.direction == .horizontal })?.axis.target,
      let height = passes.first(where: { $0.direction == .vertical })?.axis.target
    else { return }
    let whole = source.size
    let fitting = [8, 4, 2].first { $0 * width <= whole.width && $0 * height <= whole.height }
    guard let divisor = fitting else { return }
    source.divisor = divisor
    var smaller = ResizePass.passes(
      from: whole, dividedBy: divisor, to: Size(height: height, width: width),
      filter: axis.filter, precision: axis.precision)
    // What is rounded up lies at the end as stored, and so at the beginning of what is mirrored.
    let mirrored: [ResizePass.Direction: [Int]] = [
      .horizontal: [2, 3, 6, 7], .vertical: [3, 4, 7, 8],
    ]
    for index in smaller.indices {
      let axis = smaller[index].axis
      if mirrored[smaller[index].direction]?.contains(source.orientation) ?? false {
        smaller[index].axis.origin = Double(axis.source) - axis.extent
      }
    }
    links.replaceSubrange(
      first..<first + passes.count, with: smaller.map { Link($0, stageIndex: stage) })
  }
}

extension Operator {
  /// Whether every value becomes another by itself.
  fileprivate var takesValuesAlone: Bool {
    if self is ViewRows { return true }
    if let map = self as? Pointwise { return !map.premultiplies }
    return self is ConvertToFloats
  }
}
