import TesseraKernels

/// The weights of an axis as the kernels of one type take them.
struct PreparedWeights<E: ResizedElement>: Sendable {
  let weights: [E.Weight]
  let starts: [Int32]
  let offsets: [Int32]
  /// The first sum of each piece, and where the last one ends.
  let pieces: [Int32]
  /// The most sums of a piece.
  let mostTargets: Int
  /// The most pixels that a piece is made of.
  let mostSources: Int

  /// Bytes of a piece, transposed: some times what the windows of two pieces share, and well within
  /// the second-level cache.
  private static var pieceBytes: Int { 32_768 }

  /// - Parameters:
  ///   - weights: those of the axis.
  ///   - pixel: values that stand side by side.
  init(_ weights: ResizeWeights, pixel: Int = 1) {
    self.weights = weights.values.map(E.resizeWeight)
    starts = weights.starts.map(Int32.init)
    offsets = weights.offsets.map(Int32.init)
    let count = weights.starts.count
    let sources = weights.sources(of: 0..<count).count
    let window = (0..<count).map { weights.sources(of: $0).count }.max() ?? 0
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    let bytes = streams * E.resizedLanes * MemoryLayout<E.Column>.stride
    // Each sum adds itself and the distance to the next window.
    let room = max(Self.pieceBytes / bytes - window, 0) * count / max(count + sources, 1)
    let pieceCount = (count + max(room, 1) - 1) / max(room, 1)
    let pieces = (0...max(pieceCount, 1)).map { $0 * count / max(pieceCount, 1) }
    self.pieces = pieces.map(Int32.init)
    let ranges = zip(pieces, pieces.dropFirst()).map { $0..<$1 }
    mostTargets = ranges.map(\.count).max() ?? 0
    mostSources = ranges.map { weights.sources(of: $0).count }.max() ?? 0
  }

  var byteCount: Int {
    weights.count * MemoryLayout<E.Weight>.stride
      + 4 * (starts.count + offsets.count + pieces.count)
  }

  /// Calls a function with the table of the axis.
  func withTable(_ body: (ResizeTable<E.Weight>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      starts.withUnsafeBufferPointer { starts in
        offsets.withUnsafeBufferPointer { offsets in
          pieces.withUnsafeBufferPointer { pieces in
            body(
              ResizeTable(
                starts: starts.first(), offsets: offsets.first(), weights: weights.first(),
                pieces: pieces.first(), pieceCount: pieces.count - 1))
          }
        }
      }
    }
  }
}
