import TesseraCore
import TesseraThreads

/// Has a program of somebody else's work on patches: batches go to its standard input and come back
/// on its standard output, as arrays.
package struct ProgramPatches: TileTransform {
  /// What is run.
  package var command: ChildCommand
  /// Planes of a patch.
  package var channels: Int
  /// Height and width of a patch.
  package var patchSize: Size
  /// How many times as high and wide patches come back.
  package var scale: Int
  /// Patches of a batch, at most.
  package var batch: Int
  /// What a batch may take [s].
  package var seconds: Double
  /// The stage that is to blame where it fails.
  package var stageIndex: Int

  package init(
    _ command: ChildCommand, channels: Int, patchSize: Size, scale: Int, batch: Int,
    seconds: Double, stageIndex: Int
  ) {
    self.command = command
    self.channels = channels
    self.patchSize = patchSize
    self.scale = scale
    self.batch = batch
    self.seconds = seconds
    self.stageIndex = stageIndex
  }

  /// Sides of the patches that come back.
  var scaledSides: [Int] { [channels, patchSize.height * scale, patchSize.width * scale] }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: input.length * scale * scale, width: input.width * scale)
  }

  package var blocksAtOnce: Int { batch }
  package var isCostly: Bool { true }
  package var suitsSingleBlocks: Bool { batch == 1 }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedProgram(work: self, children: tools.children)
  }
}

private struct PreparedProgram: PreparedTransform {
  let work: ProgramPatches
  let children: ChildPool

  var scratchCount: Int { PatchConversation.scratchCount }

  func apply(to tile: inout Tile) throws(RunError) {
    for first in stride(from: 0, to: tile.blocks.count, by: work.batch) {
      try answer(first..<min(first + work.batch, tile.blocks.count), of: tile)
    }
    tile.length *= work.scale * work.scale
    tile.exchange()
  }

  /// Has the program make the spare values of some lanes.
  private func answer(_ lanes: Range<Int>, of tile: Tile) throws(RunError) {
    let child: ChildProcess
    do throws(ChildFailure.Reason) {
      child = try children.borrow(work.command)
    } catch {
      throw failure(error, complaint: [])
    }
    let size = work.patchSize
    var talk = PatchConversation(
      PatchConversation.Lanes(
        values: tile.values + lanes.lowerBound, pitch: tile.pitch, count: lanes.count,
        sides: [work.channels, size.height, size.width]),
      answer: PatchConversation.Lanes(
        values: tile.spare + lanes.lowerBound, pitch: tile.pitch, count: lanes.count,
        sides: work.scaledSides),
      scratch: tile.scratch)
    do throws(ChildProcess.Interruption) {
      try child.exchange(&talk, seconds: work.seconds) { tile.cancellation.isCancelled }
    } catch {
      child.kill()
      switch error {
      case .cancelled: throw .cancelled
      case .failure(let reason): throw failure(reason, complaint: child.errors)
      }
    }
    children.giveBack(child)
  }

  private func failure(_ reason: ChildFailure.Reason, complaint: [UInt8]) -> RunError {
    .program(
      ChildFailure(
        program: work.command.arguments.first ?? work.command.path, reason: reason,
        complaint: ChildFailure.complaint(complaint)),
      stageIndex: work.stageIndex)
  }
}
