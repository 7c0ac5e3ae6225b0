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

  package init(_ direction: Direction, _ axis: ResizeAxis) {
    self.direction = direction
    self.axis = axis
  }

  /// The passes that give an image another size, in their order; none along an axis that stays.
  ///
  /// - Parameters:
  ///   - source: the size that the image has.
  ///   - target: the size that it gets.
  ///   - filter: what its pixels are made with.
  ///   - precision: how weights are computed; in single precision rows come first always.
  /// - Returns: none, one or two.
  package static func passes(
    from source: Size, to target: Size, filter: ResizeFilter,
    precision: ResizeAxis.Precision = .double
  ) -> [ResizePass] {
    let horizontal = ResizePass(
      .horizontal,
      ResizeAxis(from: source.width, to: target.width, filter: filter, precision: precision))
    let vertical = ResizePass(
      .vertical,
      ResizeAxis(from: source.height, to: target.height, filter: filter, precision: precision))
    let lostRows = source.height - target.height
    let beginsVertical =
      precision == .double && lostRows > 0 && lostRows > 2 * (source.width - target.width)
    return (beginsVertical ? [vertical, horizontal] : [horizontal, vertical])
      .filter { $0.axis.source != $0.axis.target }
  }

  package var commutesWithRounding: Bool { axis.filter == .nearest }

  package func output(of input: RowFlow) -> RowFlow {
    let pixel = input.format.valuesPerPixel
    let isHorizontal = direction == .horizontal
    return RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: isHorizontal ? axis.target * pixel : input.format.width, valuesPerPixel: pixel),
      height: isHorizontal ? input.height : axis.target)
  }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    ResizeStep(self, unitCount: output.height)
  }

  package func manner(_ bandRows: Int) -> String {
    "\(direction == .horizontal ? "along" : "across") rows, \(bandRows) rows at a time"
  }
}

/// `ResizePass`, prepared; it keeps nothing of an image.
private final class ResizeStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: ResizePass
  private let weights: ResizeWeights

  init(_ work: ResizePass, unitCount: Int) {
    self.work = work
    self.unitCount = unitCount
    weights = ResizeWeights(work.axis)
  }

  var tableBytes: Int { 8 * (weights.starts.count + weights.offsets.count + weights.values.count) }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    work.direction == .horizontal ? rows : weights.sources(of: rows)
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    switch output.format.elementType {
    case .uint8: make(rows, from: input, into: output, as: UInt8.self, weighing: sumOfBytes)
    case .uint16: make(rows, from: input, into: output, as: UInt16.self, weighing: sumOfWords)
    case .float32: make(rows, from: input, into: output, as: Float.self, weighing: sumOfFloats)
    }
  }

  private func make<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type,
    weighing: (ArraySlice<Double>, (Int) -> E) -> E
  ) {
    let isNearest = work.axis.filter == .nearest
    for row in rows {
      for channel in 0..<output.format.channels {
        let target = output.row(row, channel: channel, as: type)
        for place in 0..<output.format.width {
          let value: (Int) -> E
          let sum: Int
          switch work.direction {
          case .horizontal:
            let pixel = output.format.valuesPerPixel
            sum = place / pixel
            let start = self.weights.starts[sum] * pixel + place % pixel
            let source = input.row(row, channel: channel, as: type)
            value = { source[start + $0 * pixel] }
          case .vertical:
            sum = row
            let start = self.weights.starts[sum]
            value = { input.row(start + $0, channel: channel, as: type)[place] }
          }
          target[place] = isNearest ? value(0) : weighing(weights.weights(of: sum), value)
        }
      }
    }
  }

  private func sumOfBytes(_ weights: ArraySlice<Double>, _ value: (Int) -> UInt8) -> UInt8 {
    var sum = 1 << 21
    for (index, weight) in weights.enumerated() {
      sum += Int(value(index)) * Int(weight * 4_194_304 + (weight >= 0 ? 0.5 : -0.5))
    }
    return UInt8(clamping: sum >> 22)
  }

  private func sumOfWords(_ weights: ArraySlice<Double>, _ value: (Int) -> UInt16) -> UInt16 {
    var sum = 0.0
    for (index, weight) in weights.enumerated() { sum += Double(value(index)) * weight }
    return UInt16(max(min(sum + 0.5, 65_535), 0))
  }

  private func sumOfFloats(_ weights: ArraySlice<Double>, _ value: (Int) -> Float) -> Float {
    var sum = 0.0
    for (index, weight) in weights.enumerated() { sum += Double(value(index)) * weight }
    return Float(sum)
  }
}
