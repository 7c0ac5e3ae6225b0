import TesseraCore
import TesseraKernels

/// A pass across rows, prepared; it keeps nothing of an image.
final class AcrossStep<E: ResizedElement & Element>: PreparedStep, RowStep {
  let unitCount: Int
  private let weights: ResizeWeights
  private let prepared: PreparedWeights<E>
  private let kernel: @Sendable (ResizeAcross<E>) -> Void

  init(
    _ weights: ResizeWeights, to output: RowFlow,
    _ kernel: @escaping @Sendable (ResizeAcross<E>) -> Void
  ) {
    unitCount = output.height
    self.weights = weights
    prepared = PreparedWeights(weights)
    self.kernel = kernel
  }

  var tableBytes: Int { weights.byteCount + prepared.byteCount }

  func needs(_ rows: Range<Int>) -> Range<Int> { weights.sources(of: rows) }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    prepared.withTable { table in
      for row in rows where !input.isCancelled {
        let sources = weights.sources(of: row)
        withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: sources.count) {
          pointers in
          for channel in 0..<output.format.channels {
            for (index, source) in sources.enumerated() {
              pointers[index] = UnsafePointer(input.row(source, channel: channel, as: E.self))
            }
            kernel(
              ResizeAcross(
                rows: UnsafePointer(pointers.first),
                weights: table.weights + weights.offsets[row], count: sources.count,
                output: output.row(row, channel: channel, as: E.self),
                width: output.format.width))
          }
        }
      }
    }
  }
}
