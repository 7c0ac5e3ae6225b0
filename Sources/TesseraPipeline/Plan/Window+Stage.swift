import TesseraCore

extension Window {
  /// The blocks on an image, or the key to change.
  func stageGrid(on size: Size) throws(StageError) -> BlockGrid {
    do throws(GeometryError) {
      return try grid(on: size)
    } catch {
      throw StageError(SharedRefusal.window(error))
    }
  }
}

extension BlockGrid {
  /// Whether a block reaches into padding.
  var reachesOutside: Bool {
    rows.reachBefore + rows.reachAfter + columns.reachBefore + columns.reachAfter > 0
  }

  /// One 1 × 1 block per pixel of an image: what flows after every block became one value per
  /// output channel.
  static func pixels(of size: Size) throws(StageError) -> BlockGrid {
    try Window().stageGrid(on: size)
  }
}
