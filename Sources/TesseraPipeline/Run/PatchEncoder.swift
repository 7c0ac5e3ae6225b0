import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Writes patches as an array, tile after tile.
package final class PatchEncoder: EncodingSink {
  package let unitCount: Int
  package private(set) var counts = QuantizationCounts()

  private let file: PatchFile
  private let pass: TilePass
  private let path: String
  private let writer: PatchFileWriter
  private let channels: Int
  private let height: Int
  private let statistics: StatisticsStep?
  private let kernels: KernelSet
  private let scratch: ScratchPool.Loan
  private let quantized: ScratchPool.Loan
  private var maps: [Affine]
  private var isResolved = false

  /// The shape of the array that holds `blocks` patches.
  package static func shape(
    _ layout: Encode.PatchLayout, channels: Int, patchSize: Size, blocks: Int
  ) -> [Int] {
    let length = channels * patchSize.height * patchSize.width
    switch layout {
    case .torch: return [length, blocks]
    case .tokens, .tokensChannelsLast: return [blocks, length]
    case .patches: return [blocks, channels, patchSize.height, patchSize.width]
    }
  }

  /// Prepares to write into an array that is as large as all patches.
  ///
  /// - Parameters:
  ///   - file: order and type of the array.
  ///   - path: its final name.
  ///   - pass: cuts and transforms tiles.
  ///   - channels: planes of a patch after the transforms.
  ///   - writer: puts tiles where they belong.
  ///   - height: rows of the image.
  ///   - statistics: keeps the inverse of each image, where the map depends on that.
  ///   - kernels: the arithmetic.
  ///   - pool: lends memory.
  package init(
    _ file: PatchFile, path: String, pass: TilePass, channels: Int, writer: PatchFileWriter,
    height: Int, statistics: StatisticsStep?, kernels: KernelSet, scratch pool: ScratchPool
  ) {
    self.file = file
    self.pass = pass
    self.channels = channels
    self.path = path
    self.writer = writer
    self.height = height
    self.statistics = statistics
    self.kernels = kernels
    unitCount = pass.tileCount
    scratch = pool.loan(byteCount: pass.scratchBytes)
    quantized = pool.loan(
      byteCount: pass.outputLength * pass.tileWidth * file.quantization.elementType.byteCount)
    if case .affine(let maps) = file.quantization.map {
      self.maps = maps
    } else {
      maps = Array(repeating: .identity, count: channels)
    }
  }

  package func inputRows(for units: Range<Int>) -> Range<Int> {
    file.quantization.map == .automatic ? 0..<height : pass.inputRows(forTiles: units)
  }

  package func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(InputFailure) {
    if file.quantization.map == .automatic, !isResolved { stretch(over: input) }
    if let statistics, case .perImage(_, let channels, let then) = file.quantization.map {
      maps = statistics.inverses(of: channels, then: then)
    }
    do throws(CodecError) {
      for tile in units {
        switch input.format.elementType {
        case .uint8: try write(makeTile(tile, from: input, as: UInt8.self), tile: tile)
        case .uint16: try write(makeTile(tile, from: input, as: UInt16.self), tile: tile)
        case .float32: try writeFloats(makeTile(tile, from: input, as: Float.self), tile: tile)
        }
      }
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }

  package func verify(_ paths: [String]) throws(InputFailure) {
    for path in paths {
      let isSame: Bool
      do throws(CodecError) {
        isSame = try writer.matches(path)
      } catch {
        throw InputFailure(.requirement, "an array read back is not what was written: \(error)")
      }
      guard isSame else {
        throw InputFailure(.requirement, "an array read back has other values than were written")
      }
    }
  }

  package func finish() throws(InputFailure) {
    do throws(CodecError) {
      try writer.finish()
    } catch {
      throw InputFailure(output: error, path: path)
    }
  }

  private func makeTile<E: Element>(
    _ tile: Int, from input: RowWindow, as type: E.Type
  ) -> UnsafeMutablePointer<E> {
    pass.makeTile(tile, from: input, scratch: scratch, as: type)
  }

  private func stretch(over input: RowWindow) {
    var (lower, upper) = (Float.infinity, -Float.infinity)
    for tile in 0..<pass.tileCount {
      let values = makeTile(tile, from: input, as: Float.self)
      let stretched = file.quantization.stretchedChannels(of: channels)
      for row in 0..<pass.outputLength / channels * stretched {
        let statistics = kernels.statistics(
          values + row * pass.tileWidth, pass.blocks(of: tile).count)
        lower = min(lower, statistics.minimum)
        upper = max(upper, statistics.maximum)
      }
    }
    maps = file.quantization.stretched(from: lower, to: upper, channels: channels)
    isResolved = true
  }

  /// Rounds a tile to the file's type where that is one of integers, and writes it.
  private func writeFloats(
    _ values: UnsafeMutablePointer<Float>, tile: Int
  ) throws(CodecError) {
    let count = pass.blocks(of: tile).count
    switch file.quantization.elementType {
    case .float32:
      try write(values, tile: tile)
    case .uint8:
      let rounded = quantized.pointer(to: UInt8.self)
      for row in 0..<pass.outputLength {
        let map = maps[row / (pass.outputLength / channels)]
        counts.saturated += kernels.quantizeToU8(
          values + row * pass.tileWidth, rounded + row * pass.tileWidth, count, Float(map.scale),
          Float(map.offset))
      }
      counts.quantized += pass.outputLength * count
      try write(rounded, tile: tile)
    case .uint16:
      let rounded = quantized.pointer(to: UInt16.self)
      for row in 0..<pass.outputLength {
        let map = maps[row / (pass.outputLength / channels)]
        counts.saturated += kernels.quantizeToU16(
          values + row * pass.tileWidth, rounded + row * pass.tileWidth, count, Float(map.scale),
          Float(map.offset))
      }
      counts.quantized += pass.outputLength * count
      try write(rounded, tile: tile)
    }
  }

  private func write<E: Element>(
    _ values: UnsafeMutablePointer<E>, tile: Int
  ) throws(CodecError) {
    try writer.write(values, pitch: pass.tileWidth, blocks: pass.blocks(of: tile))
  }
}
