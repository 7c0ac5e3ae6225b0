import Synchronization
import TesseraCore
import TesseraKernels

/// A convolution of bytes in integers, straight from the rows that were decoded.
struct PreparedIntegers: PreparedStep {
  let convolution: ConvolveRows
  let kernel: IntegerKernel
  let channels: Int
  let output: RowFlow
  let paddedRows: PaddedRows
  let kernels: KernelSet

  var unitCount: Int { output.height }
  var tableBytes: Int { kernel.byteCount }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    paddedRows.sources(of: convolution.unfold.grid.rows.paddedRange(rows))
  }

  func step() -> any RowStep { IntegerStep(self) }
}

/// One image's bytes, band by band.
private final class IntegerStep: RowStep {
  private let prepared: PreparedIntegers
  private let saturated = Atomic(0)

  init(_ prepared: PreparedIntegers) { self.prepared = prepared }

  var counts: QuantizationCounts? {
    QuantizationCounts(
      saturated: saturated.load(ordering: .relaxed),
      quantized: prepared.output.format.width * prepared.output.height)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let axes = prepared.convolution.unfold.grid
    let left = axes.columns.starts[0] * prepared.channels
    let sources = axes.rows.paddedRange(rows).map {
      input.row($0, of: prepared.paddedRows, channel: 0, as: UInt8.self) + left
    }
    let targets = rows.map { output.row($0, channel: 0, as: UInt8.self) }
    sources.withUnsafeBufferPointer { sources in
      targets.withUnsafeBufferPointer { targets in
        let count = prepared.kernels.convolveU8(
          IntegerConvolution(
            rows: sources.first(), outputs: targets.first(), outputRows: rows.count,
            width: prepared.output.format.width, kernel: prepared.kernel,
            dilationHeight: axes.rows.dilation,
            dilationWidth: axes.columns.dilation * prepared.channels))
        saturated.add(count, ordering: .relaxed)
      }
    }
  }
}
