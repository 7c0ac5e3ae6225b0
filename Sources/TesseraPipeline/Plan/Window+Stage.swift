import TesseraCore

extension Window {
  /// The blocks on an image, with errors that name the key to change.
  func stageGrid(on size: Size) throws(StageError) -> BlockGrid {
    do {
      return try grid(on: size)
    } catch {
      let key =
        switch error {
        case .uncovered: "edge"
        case .windowTooLarge, .overflow: "kernel_size"
        case .outOfRange(_, let quantity, _): quantity
        }
      throw StageError(key: key, error.description)
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
