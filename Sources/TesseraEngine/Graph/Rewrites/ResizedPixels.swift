import TesseraCore

/// load → resize: pixels stay as they were decoded until the pass within rows, which gives planes at
/// no cost, where nobody looks at the rows before.
///
/// Columns that the pass does not look at are not decoded.
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
        graph.source.crop(for: &pass.axis)
        graph.links[index].work = pass
        graph.keepsPixels = true
        return true
      }
    }
    return false
  }
}

extension SourcePlan {
  /// Has only those columns decoded that a pass looks at, where that spares a good part of them.
  fileprivate mutating func crop(for axis: inout ResizeAxis) {
    guard let step = header.columnStep, divisor == 1 else { return }
    let spans = ResizeSpans(axis)
    let used = spans.sources(of: spans.starts.indices)
    // What is interpolated between blocks may come out differently within a block of the edge.
    let first = max(used.lowerBound - step, 0) / step * step
    let columns = first..<min(used.upperBound + step, axis.source)
    guard columns.count < axis.source / 8 * 7 else { return }
    self.columns = columns
    axis.first = first
  }
}
