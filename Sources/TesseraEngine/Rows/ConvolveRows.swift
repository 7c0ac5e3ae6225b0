import TesseraCore

/// A convolution of image rows with stride 1 that never stores patches.
///
/// Every output value is computed by one sequence of operations, whatever band it is asked for in: that
/// of the linear map on patches.
package struct ConvolveRows: RowOperator {
  /// What is made of the sums.
  package enum Response: Hashable, Sendable {
    case linear
    case absolute
    case square
    case magnitude
    /// The largest of each run of so many neighbouring sums.
    case maximum([Int])

    /// How many neighbouring sums become one value, value by value; `nil` where each becomes one.
    func runs(of sums: Int) -> [Int]? {
      switch self {
      case .linear, .absolute, .square: nil
      case .magnitude: Array(repeating: 2, count: sums / 2)
      case .maximum(let runs): runs
      }
    }
  }

  /// The blocks, one for each pixel of the result.
  package var unfold: UnfoldRows
  /// What each block is multiplied by.
  package var map: LinearMap
  /// Height and width of the kernels.
  package var kernelSize: Size
  /// What is made of the sums.
  package var response: Response

  package init(
    _ unfold: UnfoldRows, map: LinearMap, kernelSize: Size, response: Response
  ) {
    self.unfold = unfold
    self.map = map
    self.kernelSize = kernelSize
    self.response = response
  }

  package var borders: Borders { unfold.borders }

  /// Channels of the result.
  package var channels: Int { colors + (map.keptRow == nil ? 0 : 1) }

  /// Channels of the result that are made of sums.
  var colors: Int { response.runs(of: map.outputs)?.count ?? map.outputs }

  /// Rows and columns of the image from the beginning of a window to the place whose opacity is kept.
  var keptPlace: (row: Int, column: Int)? {
    guard let row = map.keptRow else { return nil }
    let (i, j) = (row % (kernelSize.height * kernelSize.width))
      .quotientAndRemainder(dividingBy: kernelSize.width)
    return (i * unfold.grid.rows.dilation, j * unfold.grid.columns.dilation)
  }

  package func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: .float32, channels: channels, width: unfold.grid.columns.count),
      height: unfold.grid.rows.count)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    ConvolutionStep(self, from: input, width: output.format.width, tools)
  }

  package func manner(_ bandRows: Int) -> String {
    "direct convolution, \(bandRows) rows at a time"
  }
}
