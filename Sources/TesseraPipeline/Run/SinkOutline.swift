/// What planning knows of a sink: which rows it will need, and how much memory.
package final class SinkOutline: Sink {
  package let unitCount: Int
  /// Whether the sink takes tiles of patches, not rows.
  package let isTiled: Bool
  /// Bytes of working memory.
  package let scratchBytes: Int
  private let height: Int
  private let pass: TilePass?
  private let needsEveryRow: Bool

  /// - Parameters:
  ///   - height: rows of the image that is read.
  ///   - pass: cuts the tiles that are taken, where those are the units.
  ///   - needsEveryRow: whether the whole image must be there first.
  ///   - scratchBytes: working memory beside that of the pass.
  package init(height: Int, pass: TilePass?, needsEveryRow: Bool, scratchBytes: Int) {
    self.height = height
    self.pass = pass
    self.needsEveryRow = needsEveryRow
    self.scratchBytes = scratchBytes + (pass?.scratchBytes ?? 0)
    unitCount = pass?.tileCount ?? height
    isTiled = pass != nil
  }

  package func inputRows(for units: Range<Int>) -> Range<Int> {
    needsEveryRow ? 0..<height : pass?.inputRows(forTiles: units) ?? units
  }

  package func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) {}
  package func finish() {}
}
