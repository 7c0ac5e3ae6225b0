import TesseraKernels

/// The weights of an axis as the kernels of one type take them.
struct PreparedWeights<E: ResizedElement>: Sendable {
  let weights: [E.Weight]
  private let starts: [Int32]
  private let offsets: [Int32]
  private let pieces: [Int32]

  /// - Parameters:
  ///   - axis: the axis.
  ///   - spans: its sums.
  ///   - pieces: the first sum of each piece, and where the last one ends.
  init(_ axis: ResizeAxis, _ spans: ResizeSpans, pieces: [Int32] = [0]) {
    weights = E.resizeWeights(ResizeWeights(axis, spans).values)
    starts = spans.starts.map(Int32.init)
    offsets = spans.offsets.map(Int32.init)
    self.pieces = pieces
  }

  /// Bytes of the weights of an axis, while they are made too.
  static func byteCount(_ spans: ResizeSpans) -> Int {
    spans.weightCount * (MemoryLayout<E.Weight>.stride + MemoryLayout<Double>.stride)
      + 4 * (spans.starts.count + spans.offsets.count)
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
