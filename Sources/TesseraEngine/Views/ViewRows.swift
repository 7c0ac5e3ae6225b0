import TesseraCore
import TesseraKernels

/// Looks at the rows that flow by: a smaller image of means, and which values there are.
package struct ViewRows: RowTap {
  /// How large the view becomes.
  package var size: ViewSize
  /// How values in force become those that are seen.
  package var quantization: Quantization
  /// Whether values are counted as they are seen, or else as they flow.
  package var countsSeen: Bool
  /// Whether the largest differences from the loaded rows are seen instead.
  package var comparesLoaded: Bool

  package init(
    _ size: ViewSize, quantization: Quantization, countsSeen: Bool, comparesLoaded: Bool = false
  ) {
    self.size = size
    self.quantization = quantization
    self.countsSeen = countsSeen
    self.comparesLoaded = comparesLoaded
  }

  package var readsLoaded: Bool { comparesLoaded }
  package var manner: String { "" }

  package func prepared(from input: RowFlow, _ tools: RunTools) -> any PreparedSink {
    PreparedViewOfRows(work: self, input: input, tools: tools)
  }
}

private struct PreparedViewOfRows: PreparedSink {
  let work: ViewRows
  let input: RowFlow
  let tools: RunTools

  var unitCount: Int { input.height }

  /// Every row, where the smallest and largest value must be known first.
  func needs(_ units: Range<Int>) -> Range<Int> {
    work.quantization.map == .automatic ? 0..<input.height : units
  }

  /// The view with its sums, and the counts.
  var stepBytes: Int {
    let channels = input.format.channels
    let size = work.size.size(of: input.shape.size, channels: channels)
    let sums = channels * size.width * MemoryLayout<Double>.stride
    return size.height * size.width * channels * MemoryLayout<Float>.stride + sums
      + ViewSize.censusCount(of: channels) * ValueCensus.byteCount
  }

  func scratchBytes(for units: Int) -> Int {
    let rowValues = input.format.channels * ((input.format.width + 63) / 64 * 64)
    return rowValues.saturating(times: 3 * MemoryLayout<Float>.stride)
  }

  func sink(in context: RunContext) -> any Sink { RowsView(work, input, in: context, tools) }
}

/// The view of one image.
private final class RowsView: ViewSink {
  private let work: ViewRows
  private let format: RowFormat
  private let height: Int
  private let size: Size
  private let quantizer: Quantizer
  private let quantized: ScratchPool.Loan
  private let pitch: Int
  private var isStretched = false
  private var values: [Float]
  /// Of a row of the view: sums, or the largest difference.
  private var sums: [Double]
  private var sumRow = 0
  private var rowsInSum = 0
  private var censuses: [ValueCensus]
  /// Where each column of the view begins among those of the image, and where the last ends.
  private let columns: [Int]

  init(_ work: ViewRows, _ input: RowFlow, in context: RunContext, _ tools: RunTools) {
    precondition(input.format.valuesPerPixel == 1, "views are taken of planes")
    self.work = work
    format = input.format
    height = input.height
    let size = work.size.size(of: input.shape.size, channels: format.channels)
    self.size = size
    quantizer = Quantizer(
      work.quantization, channels: format.channels, inputType: format.elementType,
      capacity: format.width, in: context, tools)
    let type = work.quantization.elementType
    pitch = (format.width + 63) / 64 * 64 * type.byteCount
    quantized = tools.scratch.loan(byteCount: quantizer.isCopy ? 0 : pitch * format.channels)
    values = Array(repeating: 0, count: format.channels * size.height * size.width)
    sums = Array(repeating: 0, count: format.channels * size.width)
    let counted = work.comparesLoaded || work.countsSeen ? type : format.elementType
    censuses = Array(
      repeating: ValueCensus(of: counted), count: ViewSize.censusCount(of: format.channels))
    let width = format.width
    columns = (0...size.width).map { ($0 * width + size.width - 1) / size.width }
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    if work.quantization.map == .automatic, !isStretched { stretch(over: input) }
    for row in units {
      if input.isCancelled { throw .cancelled }
      if !quantizer.isCopy {
        quantizer.quantize(
          format.width, from: { UnsafeRawPointer(input.row(row, channel: $0)) },
          to: { quantized.base + $0 * pitch })
      }
      begin(row)
      switch work.quantization.elementType {
      case .uint8: add(row, of: input, loaded, as: UInt8.self)
      case .uint16: add(row, of: input, loaded, as: UInt16.self)
      case .float32: add(row, of: input, loaded, as: Float.self)
      }
      if !work.countsSeen, !work.comparesLoaded { count(row, of: input) }
    }
  }

  func finish() throws(RunError) { endSums() }

  var view: StageView {
    StageView(
      subject: work.comparesLoaded ? .differences : .image, channels: format.channels, size: size,
      values: values, censuses: censuses)
  }

  private func stretch(over input: RowWindow) {
    var statistics = RowStatistics()
    for row in 0..<height where !input.isCancelled {
      statistics.add(
        quantizer.statistics(of: format.width) { UnsafeRawPointer(input.row(row, channel: $0)) })
    }
    quantizer.stretch(over: statistics, valuesPerChannel: height * format.width)
    isStretched = true
  }

  private func census(of channel: Int) -> Int { min(channel, censuses.count - 1) }

  /// Counts the values of a row as they flow.
  private func count(_ row: Int, of input: RowWindow) {
    for channel in 0..<format.channels {
      let census = census(of: channel)
      switch format.elementType {
      case .uint8:
        censuses[census].add(input.row(row, channel: channel, as: UInt8.self), format.width)
      case .uint16:
        censuses[census].add(input.row(row, channel: channel, as: UInt16.self), format.width)
      case .float32:
        censuses[census].add(input.row(row, channel: channel, as: Float.self), format.width)
      }
    }
  }

  /// Turns to the row of the view that a row falls on.
  private func begin(_ row: Int) {
    let target = row * size.height / height
    if target != sumRow { endSums() }
    sumRow = target
    rowsInSum += 1
  }

  private func add<Value: Element>(
    _ row: Int, of input: RowWindow, _ loaded: RowWindow?, as type: Value.Type
  ) where Value: Real {
    for channel in 0..<format.channels {
      let source: UnsafePointer<Value> =
        quantizer.isCopy
        ? UnsafePointer(input.row(row, channel: channel, as: type))
        : UnsafeRawPointer(quantized.base + channel * pitch).assumingMemoryBound(to: type)
      if let loaded, work.comparesLoaded {
        addDifferences(source, loaded.row(row, channel: channel, as: type), channel)
      } else {
        if work.countsSeen { censuses[census(of: channel)].add(source, format.width) }
        sums.withUnsafeMutableBufferPointer { sums in
          for x in 0..<size.width {
            var sum = 0.0
            for column in columns[x]..<columns[x + 1] { sum += source[column].double }
            sums[channel * size.width + x] += sum
          }
        }
      }
    }
  }

  private func addDifferences<Value: Real>(
    _ values: UnsafePointer<Value>, _ originals: UnsafePointer<Value>, _ channel: Int
  ) {
    sums.withUnsafeMutableBufferPointer { sums in
      for x in 0..<size.width {
        var largest = sums[channel * size.width + x]
        for column in columns[x]..<columns[x + 1] {
          let (value, original) = (values[column].double, originals[column].double)
          let difference = (value - original).magnitude
          if difference.isFinite {
            largest = max(largest, difference)
          } else if value != original, !(value.isNaN && original.isNaN) {
            // As comparisons have it: alike where both are the same, or else infinitely far apart.
            largest = .infinity
          }
        }
        sums[channel * size.width + x] = largest
      }
    }
  }

  /// Writes a row of the view.
  private func endSums() {
    guard rowsInSum > 0 else { return }
    for channel in 0..<format.channels {
      for x in 0..<size.width {
        let sum = sums[channel * size.width + x]
        let count = Double((columns[x + 1] - columns[x]) * rowsInSum)
        values[(channel * size.height + sumRow) * size.width + x] =
          Float(work.comparesLoaded ? sum : sum / count)
        sums[channel * size.width + x] = 0
      }
    }
    rowsInSum = 0
  }
}

/// Values that are numbers.
private protocol Real {
  /// The value.
  var double: Double { get }
}

extension UInt8: Real { fileprivate var double: Double { Double(self) } }
extension UInt16: Real { fileprivate var double: Double { Double(self) } }
extension Float: Real { fileprivate var double: Double { Double(self) } }
