import TesseraCore
import TesseraKernels

/// A pass across rows of one image.
final class AcrossStep<E: ResizedElement & Element>: RowStep {
  private let pass: PreparedAcross<E>
  private let weights: [E.Weight]

  init(_ pass: PreparedAcross<E>) {
    self.pass = pass
    weights = pass.tools.weights.weights(of: pass.axis, pass.spans, for: E.self)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    pass.tables.with(weights) { table in
      for row in rows where !input.isCancelled {
        let sources = pass.spans.sources(of: row)
        withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: sources.count) {
          pointers in
          for channel in 0..<output.format.channels {
            for (index, source) in sources.enumerated() {
              pointers[index] = UnsafePointer(input.row(source, channel: channel, as: E.self))
            }
            pass.kernel(
              ResizeAcross(
                rows: UnsafePointer(pointers.first),
                weights: table.weights + pass.spans.offsets[row], count: sources.count,
                output: output.row(row, channel: channel, as: E.self),
                width: output.format.width))
          }
        }
      }
    }
  }
}
