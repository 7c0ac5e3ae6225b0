import TesseraCore

/// A pass that copies pixels, prepared; it keeps nothing of an image.
final class NearestStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: ResizePass
  private let sources: [Int]
  /// The first row that is resized.
  private let firstRow: Int

  init(_ work: ResizePass, to output: RowFlow) {
    self.work = work
    unitCount = output.height
    sources = ResizeSpans(work.axis).starts
    firstRow = work.rows?.lowerBound ?? 0
  }

  var tableBytes: Int { sources.count * MemoryLayout<Int>.stride }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    guard work.direction == .vertical, let last = rows.last else {
      return rows.lowerBound + firstRow..<rows.upperBound + firstRow
    }
    return sources[rows.lowerBound]..<sources[last] + 1
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    switch output.format.elementType {
    case .uint8: make(rows, from: input, into: output, as: UInt8.self)
    case .uint16: make(rows, from: input, into: output, as: UInt16.self)
    case .float32: make(rows, from: input, into: output, as: Float.self)
    }
  }

  private func make<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type
  ) {
    for row in rows {
      for channel in 0..<output.format.channels {
        let target = output.row(row, channel: channel, as: type)
        if work.direction == .vertical {
          let source = input.row(sources[row], channel: channel, as: type)
          target.update(from: source, count: output.format.width)
        } else if work.givesPlanes {
          let (source, pixel) = (
            input.row(firstRow + row, channel: 0, as: type), input.format.valuesPerPixel
          )
          for (x, place) in sources.enumerated() { target[x] = source[place * pixel + channel] }
        } else {
          pick(
            input.row(firstRow + row, channel: channel, as: type), target,
            pixel: output.format.valuesPerPixel)
        }
      }
    }
  }

  private func pick<E: Element>(
    _ source: UnsafePointer<E>, _ target: UnsafeMutablePointer<E>, pixel: Int
  ) {
    for (x, place) in sources.enumerated() {
      for value in 0..<pixel { target[x * pixel + value] = source[place * pixel + value] }
    }
  }
}
