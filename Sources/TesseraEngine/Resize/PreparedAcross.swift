import TesseraCore
import TesseraKernels

/// A pass across rows, prepared.
struct PreparedAcross<E: ResizedElement & Element>: PreparedStep {
  let unitCount: Int
  let axis: ResizeAxis
  let spans: ResizeSpans
  let tables: ResizeTables
  let tools: RunTools
  let kernel: @Sendable (ResizeAcross<E>) -> Void

  init(
    _ work: ResizePass, to output: RowFlow, _ tools: RunTools,
    _ kernel: @escaping @Sendable (ResizeAcross<E>) -> Void
  ) {
    unitCount = output.height
    axis = work.axis
    spans = ResizeSpans(axis)
    tables = ResizeTables(spans)
    self.tools = tools
    self.kernel = kernel
  }

  var tableBytes: Int { spans.byteCount + tables.byteCount }

  var stepBytes: Int { spans.weightBytes(as: E.self) }

  func needs(_ rows: Range<Int>) -> Range<Int> { spans.sources(of: rows) }

  func step() -> any RowStep { AcrossStep(self) }
}
