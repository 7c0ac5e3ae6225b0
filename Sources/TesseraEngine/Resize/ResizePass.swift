import TesseraCore

/// One pass of a resize: each pixel is a weighted sum of its neighbours along one axis.
///
/// Integers are rounded after every pass. Source: Pillow's `ImagingResample`, to the bit: bytes with
/// weights of 22 bits, 16-bit integers and floats with sums in double precision, one product after
/// the other.
package struct ResizePass: RowOperator {
  /// Along which axis the sums run.
  package enum Direction: Hashable, Sendable {
    /// Within rows.
    case horizontal
    /// Across rows.
    case vertical
  }

  /// Along which axis the sums run.
  package var direction: Direction
  /// The sizes of that axis, and how its weights are computed.
  package var axis: ResizeAxis
  /// The rows that a pass within rows resizes, where others are not looked at; `nil` for all.
  package var rows: Range<Int>?
  /// Whether pixels whose values stand side by side become planes: within rows that costs nothing.
  package var givesPlanes = false

  package init(_ direction: Direction, _ axis: ResizeAxis) {
    self.direction = direction
    self.axis = axis
  }

  /// The passes that give an image another size, in their order; none along an axis that stays.
  ///
  /// - Parameters:
  ///   - whole: the size that the image has.
  ///   - divisor: what its height and width were divided by, and rounded up, as it was decoded.
  ///   - target: the size that it gets.
  ///   - filter: what its pixels are made with.
  ///   - precision: how weights are computed; in single precision rows come first always.
  /// - Returns: none, one or two.
  package static func passes(
    from whole: Size, dividedBy divisor: Int = 1, to target: Size, filter: ResizeFilter,
    precision: ResizeAxis.Precision = .double
  ) -> [ResizePass] {
    func axis(_ side: Int, _ target: Int) -> ResizeAxis {
      ResizeAxis(
        from: (side + divisor - 1) / divisor, extent: Double(side) / Double(divisor), to: target,
        filter: filter, precision: precision)
    }
    let horizontal = ResizePass(.horizontal, axis(whole.width, target.width))
    let vertical = ResizePass(.vertical, axis(whole.height, target.height))
    let source = Size(height: vertical.axis.source, width: horizontal.axis.source)
    let lostRows = source.height - target.height
    let beginsVertical =
      precision == .double && lostRows > 0 && lostRows > 2 * (source.width - target.width)
    return (beginsVertical ? [vertical, horizontal] : [horizontal, vertical])
      .filter { $0.axis.source != $0.axis.target }
  }

  package var commutesWithRounding: Bool { axis.filter == .nearest }

  package func output(of input: RowFlow) -> RowFlow {
    var width = input.format.width / input.format.valuesPerPixel
    var height = rows?.count ?? input.height
    switch direction {
    case .horizontal: width = axis.kept.count
    case .vertical: height = axis.kept.count
    }
    let planes = givesPlanes ? input.format.valuesPerPixel : 1
    let pixel = input.format.valuesPerPixel / planes
    return RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels * planes,
        width: width * pixel, valuesPerPixel: pixel),
      height: height)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    if axis.filter == .nearest { return NearestStep(self, to: output) }
    let kernels = tools.kernels
    switch (input.format.elementType, direction) {
    case (.uint8, .horizontal):
      return PreparedAlong(self, from: input, to: output, tools, kernels.resizeAlongU8)
    case (.uint16, .horizontal):
      return PreparedAlong(self, from: input, to: output, tools, kernels.resizeAlongU16)
    case (.float32, .horizontal):
      return PreparedAlong(self, from: input, to: output, tools, kernels.resizeAlongF32)
    case (.uint8, .vertical):
      return PreparedAcross(self, to: output, tools, kernels.resizeAcrossU8)
    case (.uint16, .vertical):
      return PreparedAcross(self, to: output, tools, kernels.resizeAcrossU16)
    case (.float32, .vertical):
      return PreparedAcross(self, to: output, tools, kernels.resizeAcrossF32)
    }
  }

  package func manner(_ bandRows: Int) -> String {
    "\(direction == .horizontal ? "along" : "across") rows, \(bandRows) rows at a time"
  }
}
