import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Writes the rows that flow by as an image.
final class ImageEncoder: EncodingSink {
  let unitCount: Int
  var counts: QuantizationCounts { quantizer.counts }

  private let quantizer: RowQuantizer
  private let path: String
  private let writer: ImageFileWriter
  private let stretches: Bool
  private let height: Int
  /// Whether rows come as the file takes them: interleaved, in its type.
  private let hasPixels: Bool
  private var isStretched = false

  init(
    _ file: ImageFile, path: String, writer: ImageFileWriter, input: RowWindow.Format, height: Int,
    statistics: StatisticsStep?, kernels: KernelSet
  ) {
    self.path = path
    self.writer = writer
    self.height = height
    unitCount = height
    hasPixels = input.valuesPerPixel > 1
    quantizer = RowQuantizer(
      file.quantization, input: input, statistics: statistics, kernels: kernels)
    stretches = file.quantization.map == .automatic
  }

  /// Every row, where the smallest and largest value must be known first.
  func inputRows(for units: Range<Int>) -> Range<Int> { stretches ? 0..<height : units }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(InputFailure) {
    if stretches, !isStretched {
      let (lower, upper) = quantizer.bounds(of: 0..<height, in: input)
      quantizer.stretch(from: lower, to: upper)
      isStretched = true
    }
    do throws(CodecError) {
      guard !hasPixels else {
        return try input.forEachPiece(of: units) { (rows, count) throws(CodecError) in
          try writer.writePixels(rows, count: count, bytesPerRow: input.format.bytesPerRow)
        }
      }
      for row in units { try writer.write(quantizer.row(row, in: input)) }
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }

  func verify(_ paths: [String]) throws(InputFailure) { try writer.verify(paths) }

  func finish() throws(InputFailure) {
    do throws(CodecError) {
      try writer.finish()
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }
}
