/// unfold → fold of untouched values in wide windows: rows of windows are copied whole.
struct CopiedBlocks: LocalRewrite {
  let name = "copied_blocks"

  func replacement(
    for links: ArraySlice<Graph.Link>
  ) -> (count: Int, operators: [any Operator])? {
    guard let unfold = links.first?.work as? UnfoldRows,
      let fold = links.dropFirst().first?.work as? FoldPatches,
      case let copy = CopyBlocks(unfold, fold), copy.isWorthwhile
    else { return nil }
    return (2, [copy])
  }
}
