import TesseraCore
import TesseraKernels

/// Turns every value into a float, alone: conversion, normalization, premultiplication.
package struct Pointwise: RowOperator {
  /// One map per channel.
  package var maps: [Normalization]
  /// Whether colours are then multiplied by the last channel over its maximum.
  package var premultiplies: Bool

  package init(_ maps: [Normalization], premultiplies: Bool = false) {
    self.maps = maps
    self.premultiplies = premultiplies
  }

  /// The map that only turns integers into floats.
  package static func conversion(channels: Int, premultiplies: Bool = false) -> Pointwise {
    Pointwise(
      Array(repeating: Normalization(), count: channels), premultiplies: premultiplies)
  }

  package func output(of input: RowFlow) -> RowFlow { input.asFloats }

  package func prepared(
    from input: RowFlow, to output: RowFlow, _ tools: RunTools
  ) -> any PreparedStep {
    PointwiseStep(self, from: input, tools.kernels)
  }
}

extension RowFlow {
  /// The same image with rows of floats, plane by plane.
  package var asFloats: RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: .float32, channels: format.channels, width: format.width,
        valuesPerPixel: format.valuesPerPixel),
      height: height)
  }
}

/// `Pointwise`, prepared; it keeps nothing of an image.
private final class PointwiseStep: PreparedStep, RowStep {
  let unitCount: Int
  private let conversion: PointwiseConversion
  private let premultiplies: Bool
  private let sourceMaximum: Float

  init(_ work: Pointwise, from input: RowFlow, _ kernels: KernelSet) {
    unitCount = input.height
    conversion = PointwiseConversion(work.maps, from: input.format.elementType, kernels: kernels)
    premultiplies = work.premultiplies
    sourceMaximum = Float(input.format.elementType.maximum ?? 1)
  }

  var tableBytes: Int { conversion.tableBytes }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    for row in rows {
      for channel in 0..<output.format.channels {
        conversion.convert(
          input.row(row, channel: channel), channel: channel,
          into: output.row(row, channel: channel, as: Float.self), count: output.format.width)
      }
      if premultiplies { premultiply(row, of: output) }
    }
  }

  private func premultiply(_ row: Int, of window: RowWindow) {
    let last = window.format.channels - 1
    let alpha = window.row(row, channel: last, as: Float.self)
    for channel in 0..<last {
      let color = window.row(row, channel: channel, as: Float.self)
      for x in 0..<window.format.width { color[x] *= alpha[x] / sourceMaximum }
    }
  }
}

/// Rows of one element type → rows of floats, channel by channel.
package struct PointwiseConversion: Sendable {
  private let channels: [Normalization]
  private let input: ElementType
  private let kernels: KernelSet
  /// What each byte becomes, per channel; empty where it only becomes a float.
  private let tables: [[Float]]

  package init(_ channels: [Normalization], from input: ElementType, kernels: KernelSet) {
    self.channels = channels
    self.input = input
    self.kernels = kernels
    let identity = Normalization()
    let needsTables = input == .uint8 && channels.contains { $0 != identity }
    tables = needsTables ? channels.map { $0 == identity ? [] : $0.table() } : []
  }

  /// Bytes of the tables.
  package var tableBytes: Int {
    tables.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
  }

  /// Converts `count` values of one row.
  package func convert(
    _ source: UnsafeRawPointer, channel: Int, into destination: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    switch input {
    case .uint8 where channels[channel] == Normalization():
      kernels.widenU8(source.assumingMemoryBound(to: UInt8.self), destination, count)
    case .uint8:
      tables[channel].withUnsafeBufferPointer { table in
        kernels.convertU8(
          source.assumingMemoryBound(to: UInt8.self), table.first(of: 256), destination, count)
      }
    case .uint16:
      kernels.normalizeU16(
        source.assumingMemoryBound(to: UInt16.self), channels[channel], destination, count)
    case .float32:
      kernels.normalizeF32(
        source.assumingMemoryBound(to: Float.self), channels[channel], destination, count)
    }
  }
}

/// Makes floats of rows that are none: what operators for floats alone put before themselves.
package struct ConvertToFloats: Operator {
  package init() {}

  package func join(_ builder: inout PlanBuilder) { builder.convertToFloats() }

  package var commutesWithRounding: Bool { true }
}
