/// What planning knows of a sink: which rows it will need, and how much memory.
final class SinkOutline: Sink {
  let unitCount: Int
  /// Whether the sink takes tiles of patches, not rows.
  let isTiled: Bool
  /// Bytes of working memory.
  let scratchBytes: Int
  private let height: Int
  private let pass: TilePass?
  private let needsEveryRow: Bool

  /// - Parameters:
  ///   - height: rows of the image that is read.
  ///   - pass: cuts the tiles that are taken, where those are the units.
  ///   - needsEveryRow: whether the whole image must be there first.
  ///   - scratchBytes: working memory beside that of the pass.
  init(height: Int, pass: TilePass?, needsEveryRow: Bool, scratchBytes: Int) {
    self.height = height
    self.pass = pass
    self.needsEveryRow = needsEveryRow
    self.scratchBytes = scratchBytes + (pass?.scratchBytes ?? 0)
    unitCount = pass?.tileCount ?? height
    isTiled = pass != nil
  }

  func inputRows(for units: Range<Int>) -> Range<Int> {
    needsEveryRow ? 0..<height : pass?.inputRows(forTiles: units) ?? units
  }

  func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) {}
  func finish() {}
}
