import TesseraCore
import TesseraKernels

/// Turns every value into a float, alone: conversion, normalization, premultiplication.
package final class PointwiseStep: RowStep {
  package let output: RowWindow.Format
  package let outputHeight: Int
  private let conversion: PointwiseConversion
  private let premultiplies: Bool
  private let sourceMaximum: Float

  package init(
    map: PointwiseMap, input: ElementType, output: RowWindow.Format, height: Int,
    kernels: KernelSet
  ) {
    self.output = output
    outputHeight = height
    conversion = PointwiseConversion(map.channels, from: input, kernels: kernels)
    premultiplies = map.premultiplies
    sourceMaximum = Float(input.maximum ?? 1)
  }

  package func inputRows(for rows: Range<Int>) -> Range<Int> { rows }

  package func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
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
  /// What each byte becomes, per channel.
  private let tables: [[Float]]

  package init(_ channels: [Normalization], from input: ElementType, kernels: KernelSet) {
    self.channels = channels
    self.input = input
    self.kernels = kernels
    tables = input == .uint8 ? channels.map { $0.table() } : []
  }

  /// Converts `count` values of one row.
  package func convert(
    _ source: UnsafeMutableRawPointer, channel: Int, into destination: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    switch input {
    case .uint8 where channels[channel] == Normalization():
      kernels.widenU8(source.assumingMemoryBound(to: UInt8.self), destination, count)
    case .uint8:
      tables[channel].withUnsafeBufferPointer { table in
        guard let table = table.baseAddress else { return }
        kernels.convertU8(source.assumingMemoryBound(to: UInt8.self), table, destination, count)
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
