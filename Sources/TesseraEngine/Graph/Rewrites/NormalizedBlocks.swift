/// unfold → mean_removal or standardize → fold: figures of blocks in place of tiles.
struct NormalizedBlocks: LocalRewrite {
  let name = "normalized_blocks"

  func replacement(
    for links: ArraySlice<Graph.Link>
  ) -> (count: Int, operators: [any Operator])? {
    var works = links.lazy.map(\.work).makeIterator()
    guard let unfold = works.next() as? UnfoldRows,
      let transform = works.next() as? NormalizePatches,
      let fold = works.next() as? FoldPatches,
      let blocks = NormalizeBlocks(unfold, transform, fold)
    else { return nil }
    return (3, [ConvertToFloats(), blocks])
  }
}
