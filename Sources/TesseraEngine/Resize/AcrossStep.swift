import TesseraCore
import TesseraKernels

/// A pass across rows, prepared; weights are made for each image.
struct AcrossPass<E: ResizedElement & Element>: PreparedStep {
  let unitCount: Int
  let axis: ResizeAxis
  let spans: ResizeSpans
  let kernel: @Sendable (ResizeAcross<E>) -> Void

  init(
    _ work: ResizePass, to output: RowFlow,
    _ kernel: @escaping @Sendable (ResizeAcross<E>) -> Void
  ) {
    unitCount = output.height
    axis = work.axis
    spans = ResizeSpans(axis)
    self.kernel = kernel
  }

  var tableBytes: Int { spans.byteCount }

  var stepBytes: Int { PreparedWeights<E>.byteCount(spans) }

  func needs(_ rows: Range<Int>) -> Range<Int> { spans.sources(of: rows) }

  func step() -> any RowStep { AcrossStep(self) }
}

/// A pass across rows of one image.
private final class AcrossStep<E: ResizedElement & Element>: RowStep {
  private let pass: AcrossPass<E>
  private let weights: PreparedWeights<E>

  init(_ pass: AcrossPass<E>) {
    self.pass = pass
    weights = PreparedWeights(pass.axis, pass.spans)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    weights.withTable { table in
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
