import TesseraCore
import TesseraKernels

/// Takes patches out of the flow to learn their mean and covariance.
package struct PatchFigures: PatchTap {
  package init() {}

  /// Values are looked at as floats.
  package func copies(_ type: ElementType) -> Bool { type == .float32 }

  package func manner(isCopy: Bool) -> String { "learns tile by tile" }

  package func prepared(
    _ pass: TilePass, from input: RowFlow, _ tools: RunTools
  ) -> any PreparedSink {
    PreparedPatchFigures(pass: pass, tools: tools)
  }
}

struct PreparedPatchFigures: PreparedSink {
  let pass: TilePass
  let tools: RunTools

  /// Patches that are laid one after the other at once: their doubles stay in the caches.
  static let pieceCount = 256

  var isTiled: Bool { true }
  var unitCount: Int { pass.tileCount }
  var tableBytes: Int { pass.tableBytes }

  /// What is known so far, and what a piece of a tile adds to it.
  var stepBytes: Int { PatchMoments.byteCount(length: pass.output.length).saturating(times: 2) }

  func needs(_ tiles: Range<Int>) -> Range<Int> { pass.needs(tiles: tiles) }

  var pieceLength: Int {
    GramUpdate.pitch(of: pass.output.length).saturating(times: Self.pieceCount) + 4
  }

  func scratchBytes(for units: Int) -> Int {
    pass.scratchBytes.saturating(
      plus: pieceLength.saturating(times: MemoryLayout<Double>.stride))
  }

  func sink(in context: RunContext) throws(RunError) -> any Sink { PatchFiguresSink(self) }
}

/// Learns from the tiles of one image, in their order.
final class PatchFiguresSink: Sink {
  private let work: PreparedPatchFigures
  private(set) var moments: PatchMoments
  /// Those of a piece.
  private var part: PatchMoments

  init(_ work: PreparedPatchFigures) {
    self.work = work
    moments = PatchMoments(length: work.pass.output.length)
    part = moments
  }

  func take(
    _ units: Range<Int>, from input: RowWindow, loaded: RowWindow?
  ) throws(RunError) {
    for tile in units {
      try work.pass.withTile(tile, from: input, work.tools.scratch) { made in
        work.tools.scratch.with(work.pieceLength, of: Double.self) { piece in
          for first in stride(from: 0, to: made.blocks.count, by: PreparedPatchFigures.pieceCount)
          where !input.isCancelled {
            let last = min(first + PreparedPatchFigures.pieceCount, made.blocks.count)
            learn(made, first..<last, piece)
          }
        }
      }
    }
  }

  func finish() throws(RunError) {}

  /// Takes the finite patches of some lanes.
  private func learn(
    _ tile: Tile, _ lanes: Range<Int>, _ piece: UnsafeMutablePointer<Double>
  ) {
    let pitch = GramUpdate.pitch(of: tile.length)
    piece.update(repeating: 0, count: work.pieceLength)
    var count = 0
    for lane in lanes {
      let target = piece + count * pitch
      var isFinite = true
      for index in 0..<tile.length {
        let value = tile.values[index * tile.pitch + lane]
        target[index] = Double(value)
        isFinite = isFinite && value.isFinite
      }
      if isFinite { count += 1 }
    }
    if count < lanes.count { (piece + count * pitch).update(repeating: 0, count: tile.length) }
    moments.leftOutCount += lanes.count - count
    moments.add(piece, count: count, by: &part, work.tools.kernels)
  }
}
