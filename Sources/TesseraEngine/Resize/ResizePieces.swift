import TesseraKernels

/// The sums of an axis in pieces, each of them small enough to stay near while it is worked on.
struct ResizePieces: Sendable {
  /// The first sum of each piece, and where the last one ends.
  let bounds: [Int32]
  /// The most sums of a piece.
  let mostTargets: Int
  /// The most pixels that a piece is made of.
  let mostSources: Int

  /// Bytes of a piece, transposed: some times what the windows of two pieces share, and well within
  /// the second-level cache.
  private static let byteCount = 32_768

  /// - Parameters:
  ///   - spans: the sums of the axis.
  ///   - columnBytes: bytes of what stands side by side, of all rows that are summed at once.
  init(_ spans: ResizeSpans, columnBytes: Int) {
    let count = spans.starts.count
    let sources = spans.sources(of: 0..<count).count
    let window = (0..<count).map { spans.sources(of: $0).count }.max() ?? 0
    // Each sum adds itself and the distance to the next window.
    let room = max(Self.byteCount / columnBytes - window, 0) * count / max(count + sources, 1)
    let pieceCount = (count + max(room, 1) - 1) / max(room, 1)
    let pieces = (0...max(pieceCount, 1)).map { $0 * count / max(pieceCount, 1) }
    bounds = pieces.map(Int32.init)
    let ranges = zip(pieces, pieces.dropFirst()).map { $0..<$1 }
    mostTargets = ranges.map(\.count).max() ?? 0
    mostSources = ranges.map { spans.sources(of: $0).count }.max() ?? 0
  }

  var byteCount: Int { bounds.count * MemoryLayout<Int32>.stride }
}
