import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Writes the rows that flow by as an image.
package final class ImageEncoder: EncodingSink {
  package let unitCount: Int
  package var counts: QuantizationCounts { quantizer.counts }

  private let quantizer: RowQuantizer
  private let path: String
  private let writer: ImageFileWriter
  private let stretches: Bool
  private let height: Int
  /// Whether rows come as the file takes them: interleaved, in its type.
  private let hasPixels: Bool
  private var isStretched = false

  package init(
    _ file: ImageFile, path: String, writer: ImageFileWriter, input: RowWindow.Format, height: Int,
    statistics: StatisticsStep?, kernels: KernelSet, scratch: ScratchPool
  ) {
    self.path = path
    self.writer = writer
    self.height = height
    unitCount = height
    hasPixels = input.valuesPerPixel > 1
    quantizer = RowQuantizer(
      file.quantization, input: input, statistics: statistics, kernels: kernels,
      scratch: scratch)
    stretches = file.quantization.map == .automatic
  }

  /// Every row, where the smallest and largest value must be known first.
  package func inputRows(for units: Range<Int>) -> Range<Int> { stretches ? 0..<height : units }

  package func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(InputFailure) {
    if stretches, !isStretched {
      let (lower, upper) = quantizer.bounds(of: 0..<height, in: input)
      quantizer.stretch(from: lower, to: upper)
      isStretched = true
    }
    do throws(CodecError) {
      let bytesPerRow = input.format.bytesPerRow
      if hasPixels {
        try input.forEachPiece(of: units) { (rows, count) throws(CodecError) in
          try writer.writePixels(rows, count: count, bytesPerRow: bytesPerRow)
        }
      } else if quantizer.isCopy, writer.storesPlanes {
        try input.forEachPiece(of: units) { (rows, count) throws(CodecError) in
          let planes = (0..<input.format.channels).map {
            UnsafeRawPointer(rows + $0 * input.format.pitch)
          }
          try writer.writePlanes(planes, count: count, bytesPerRow: bytesPerRow)
        }
      } else {
        for row in units { try writer.write(quantizer.row(row, in: input)) }
      }
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }

  package func verify(_ paths: [String]) throws(InputFailure) { try writer.verify(paths) }

  package func finish() throws(InputFailure) {
    do throws(CodecError) {
      try writer.finish()
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }
}
