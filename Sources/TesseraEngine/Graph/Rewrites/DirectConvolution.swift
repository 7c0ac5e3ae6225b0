import TesseraCore

/// unfold → linear map of windows → fold to one pixel a block, at stride 1: a convolution of rows that
/// stores no patches.
struct DirectConvolution: LocalRewrite {
  let name = "direct_convolution"

  func replacement(
    for links: ArraySlice<Graph.Link>
  ) -> (count: Int, operators: [any Operator])? {
    var works = links.lazy.map(\.work).makeIterator()
    guard let unfold = works.next() as? UnfoldRows,
      unfold.grid.rows.stride == 1, unfold.grid.columns.stride == 1,
      let map = (works.next() as? any TileTransform)?.linear, let kernelSize = map.kernelSize,
      let next = works.next()
    else { return nil }
    let response = next.response
    let last: (any Operator)? = response == nil ? next : works.next()
    guard let fold = last as? FoldPatches, fold.isPlacement(of: unfold.grid) else { return nil }
    let convolution = ConvolveRows(
      unfold, map: map, kernelSize: kernelSize, response: response ?? .linear)
    return (response == nil ? 3 : 4, [ConvertToFloats(), convolution])
  }
}

extension Operator {
  /// What it makes of sums, where it is a transform that a convolution of rows makes by itself.
  fileprivate var response: ConvolveRows.Response? {
    switch self {
    case is TakeAbsolute: .absolute
    case is TakeSquare: .square
    case is TakeMagnitude: .magnitude
    case let maximum as TakeMaximum: .maximum(maximum.runs)
    default: nil
    }
  }
}
