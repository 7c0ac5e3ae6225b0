import TesseraCore

/// load → resize: pixels stay as they were decoded until the pass within rows, which gives planes at
/// no cost, where nobody looks at the rows before.
struct ResizedPixels: Rewrite {
  let name = "resized_pixels"

  func apply(to graph: inout Graph) -> Bool {
    guard !graph.keepsPixels, graph.source.orientation == 1, graph.source.channels > 1,
      !graph.source.header.storesPlanes,
      !graph.links.contains(where: { ($0.work as? any RowTap)?.readsLoaded ?? false })
    else { return false }
    for (index, link) in graph.links.enumerated() {
      guard var pass = link.work as? ResizePass else { return false }
      if pass.direction == .horizontal {
        pass.givesPlanes = true
        graph.links[index].work = pass
        graph.keepsPixels = true
        return true
      }
    }
    return false
  }
}
