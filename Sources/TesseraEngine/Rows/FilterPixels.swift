import TesseraCore
import TesseraKernels

/// Integers → normalization → convolution → integers, for images whose channels are filtered alike.
///
/// Pixels stay interleaved, as decoders give them and encoders take them: a row of them is one
/// channel whose columns are as far apart as a pixel has values. A strip of columns at a time is
/// turned into floats, convolved and rounded while it is in a cache, by the arithmetic,
/// and so to the bits, of the operators that this one stands for. Opacity that is kept is filtered with
/// the colours beside it, and then replaced.
package struct FilterPixels: RowOperator {
  /// Values of a pixel.
  package var channels: Int
  /// What each channel becomes before the convolution.
  package var normalizations: [Normalization]
  /// The convolution, one kernel and one bias for all channels; `nil` for none.
  package var convolution: ConvolveRows?
  /// What each channel becomes before it is rounded.
  package var maps: [Affine]
  /// The type of the results.
  package var elementType: ElementType
  /// The convolution of bytes as they are, where that gives the same results.
  package var integers: IntegerKernel?

  package init(
    channels: Int, normalizations: [Normalization], convolution: ConvolveRows?, maps: [Affine],
    elementType: ElementType
  ) {
    self.channels = channels
    self.normalizations = normalizations
    self.convolution = convolution
    self.maps = maps
    self.elementType = elementType
  }

  /// Rows that are computed at once.
  static let rowGroup = 8
  /// Bytes of a strip: wide enough that rows are not all beginnings and ends, and still in the
  /// second-level cache, of which a row at a time comes into the first.
  private static let cacheBytes = 64 << 10

  /// Values of a row that are computed at once.
  var stripWidth: Int {
    let rows = 2 * Self.rowGroup + (convolution?.unfold.grid.rows.extent ?? 1) - 1
    return max(Self.cacheBytes / 4 / rows / 64, 2) * 64
  }

  /// Values by which a strip is wider before the convolution.
  var margin: Int {
    ((convolution?.unfold.grid.columns.extent ?? 1) - 1) * channels
  }

  /// Whether strips are wide enough for what stands beside them.
  package var isWorthwhile: Bool { margin <= stripWidth / 2 }

  package var borders: Borders {
    let borders = convolution?.borders ?? Borders()
    return Borders(
      left: borders.left * channels, right: borders.right * channels, mode: borders.mode,
      needsZeros: borders.needsZeros)
  }

  package func output(of input: RowFlow) -> RowFlow {
    let grid = convolution?.unfold.grid
    return RowFlow(
      format: RowFormat(
        elementType: elementType, channels: 1,
        width: grid.map { $0.columns.count * channels } ?? input.format.width,
        valuesPerPixel: channels),
      height: grid?.rows.count ?? input.height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    if let convolution, let integers {
      return PreparedIntegers(
        convolution: convolution, kernel: integers, channels: channels, output: output,
        paddedRows: convolution.unfold.paddedRows(of: input), kernels: tools.kernels)
    }
    return PreparedPixels(self, from: input, to: output, tools)
  }

  package func manner(_ bandRows: Int) -> String {
    let work = convolution == nil ? "pixels as they are stored" : "direct convolution of pixels"
    return "\(work)\(integers == nil ? "" : " in integers"), \(bandRows) rows at a time"
  }
}
