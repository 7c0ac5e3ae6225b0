import TesseraCore
import TesseraKernels

/// A pass within rows, prepared.
struct PreparedAlong<E: ResizedElement & Element>: PreparedStep {
  let unitCount: Int
  let axis: ResizeAxis
  let spans: ResizeSpans
  let tables: ResizeTables
  let pieces: ResizePieces
  /// The first row that is resized.
  let firstRow: Int
  /// Values of an input row.
  let width: Int
  /// Values of a pixel, side by side.
  let pixel: Int
  let givesPlanes: Bool
  let tools: RunTools
  let kernel: @Sendable (ResizeAlong<E>) -> Void

  init(
    _ work: ResizePass, from input: RowFlow, to output: RowFlow, _ tools: RunTools,
    _ kernel: @escaping @Sendable (ResizeAlong<E>) -> Void
  ) {
    unitCount = output.height
    axis = work.axis
    firstRow = work.rows?.lowerBound ?? 0
    width = input.format.width
    pixel = input.format.valuesPerPixel
    spans = ResizeSpans(axis)
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    pieces = ResizePieces(
      spans, columnBytes: streams * E.resizedLanes * MemoryLayout<E.Column>.stride)
    tables = ResizeTables(spans, pieces)
    givesPlanes = work.givesPlanes
    self.tools = tools
    self.kernel = kernel
  }

  var tableBytes: Int { spans.byteCount + tables.byteCount + pieces.byteCount }

  var stepBytes: Int { spans.weightBytes(as: E.self) }

  /// Twice what is summed at once.
  var preferredUnits: Int { 2 * E.resizedLanes }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    rows.lowerBound + firstRow..<rows.upperBound + firstRow
  }

  func scratchBytes(for rows: Int) -> Int {
    ResizeAlong<E>.scratchBytes(
      pixel: pixel, targets: pieces.mostTargets, sources: pieces.mostSources)
  }

  func step() -> any RowStep { AlongStep(self) }
}
