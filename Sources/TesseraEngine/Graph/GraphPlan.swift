import TesseraCore

/// Everything that a run of one graph on one image will do: every window, node and byte, known before
/// a pixel is read.
///
/// Windows hold rows; nodes read one window, and write another or a file. What nodes have prepared is
/// shared by all images that have this plan.
package struct GraphPlan: Sendable {
  /// Rows in memory between two nodes.
  package struct Window: Sendable {
    package var flow: RowFlow
    /// Rows that are held at most.
    package var capacity = 1
    /// Bytes of the rows that are held at most, and of one of zeros.
    package var byteCount: Int {
      capacity.saturating(times: flow.format.bytesPerRow)
        .saturating(plus: flow.format.needsZeros ? flow.format.pitch : 0)
    }
  }

  /// The image as it is loaded, oriented and in the colours asked for.
  package var source: SourcePlan
  /// Rows between nodes; the decoder fills the first.
  package var windows: [Window] = []
  /// The work, in the order in which values flow.
  package var nodes: [RunNode] = []
  /// Names of the rewrites that were taken.
  package var rewrites: [String] = []
  /// Threads that one image may use.
  package var workers = 1
  /// Rows that are decoded at once.
  package var bandHeight = 1
  /// Window of the image as loaded.
  package var loadedWindow = 0

  /// The rows of the image, as it is decoded, that anything is made of.
  package var usedRows: Range<Int> {
    let all = 0..<source.stored.height
    let readers = nodes.filter { $0.input == 0 || ($0.readsLoaded && loadedWindow == 0) }
    let needs = readers.map { $0.readsLoaded ? all : $0.needs(0..<$0.unitCount) }
      .filter { !$0.isEmpty }
    guard let first = needs.map(\.lowerBound).min(), let end = needs.map(\.upperBound).max() else {
      return 0..<0
    }
    return (first..<end).clamped(to: all)
  }

  /// Bytes that one image takes at most: windows, tables, working memory, and what its decoder holds.
  package var byteCount: Int {
    let parts =
      windows.map(\.byteCount) + nodes.map(\.byteCount)
      + [source.byteCount, bandHeight.saturating(times: source.rowBytes)]
    return parts.reduce(0) { $0.saturating(plus: $1) }
  }

  /// Bytes of what is kept for all images of the plan.
  package var tableByteCount: Int {
    nodes.reduce(0) { $0.saturating(plus: $1.prepared.tableBytes) }
  }

  /// Bytes that the work of one stage takes: windows that its nodes fill, tables and working memory;
  /// the decoder's for the first.
  package func byteCount(ofStage index: Int) -> Int {
    let own = nodes.filter { $0.stageIndex == index }
    var parts = own.map(\.byteCount) + own.compactMap(\.output).map { windows[$0].byteCount }
    if index == 0 {
      parts += [
        windows[0].byteCount, source.byteCount, bandHeight.saturating(times: source.rowBytes),
      ]
    }
    return parts.reduce(0) { $0.saturating(plus: $1) }
  }

  /// How the work of one stage is carried out, in words.
  package func manners(ofStage index: Int) -> [String] {
    nodes.filter { $0.stageIndex == index }.flatMap { node in
      (node.manner.isEmpty ? [] : [node.manner])
        + (node.isBarrier ? ["waits for the whole image"] : [])
    }
  }
}
