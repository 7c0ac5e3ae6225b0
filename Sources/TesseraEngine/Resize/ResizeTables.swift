import TesseraKernels

/// What of an axis kernels take beside its weights, shared by all images of one plan.
struct ResizeTables: Sendable {
  private let starts: [Int32]
  private let offsets: [Int32]
  private let pieces: [Int32]

  /// - Parameters:
  ///   - spans: the sums of the axis.
  ///   - pieces: how they are parted; `nil` where each is made by itself.
  init(_ spans: ResizeSpans, _ pieces: ResizePieces? = nil) {
    starts = spans.starts.map(Int32.init)
    offsets = spans.offsets.map(Int32.init)
    self.pieces = pieces?.bounds ?? [0]
  }

  var byteCount: Int {
    (starts.count + offsets.count + pieces.count) * MemoryLayout<Int32>.stride
  }

  /// Calls a function with the table of the axis.
  func with<Weight>(_ weights: [Weight], _ body: (ResizeTable<Weight>) -> Void) {
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
