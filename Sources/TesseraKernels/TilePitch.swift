extension KernelSet {
  /// How many blocks a tile of patches should hold.
  ///
  /// A multiple of `lanes`, and of four vectors where that fits, such that a tile stays in the
  /// second-level cache beside the image rows: at most 384 kB, unless one vector alone is more.
  /// Tiles of a small image are evened out, so that the last one is not mostly empty.
  ///
  /// - Parameters:
  ///   - depth: values of a patch, at least 1.
  ///   - blockCount: blocks of the image, at least 1.
  /// - Returns: a number of blocks, at most 1024.
  public func tilePitch(depth: Int, blockCount: Int) -> Int {
    let fitting = 98_304 / max(depth, 1)
    let step = fitting >= 4 * lanes ? 4 * lanes : lanes
    let most = min(max(fitting / step, 1) * step, 1024)
    let tiles = (blockCount + most - 1) / most
    let even = (blockCount + tiles - 1) / tiles
    return min(most, (even + lanes - 1) / lanes * lanes)
  }

  /// How many blocks a tile of patches should hold that are worked on some at a time, if that takes a
  /// tile out of the caches.
  ///
  /// - Parameters:
  ///   - depth: values of a patch, at least 1.
  ///   - blockCount: blocks of the image, at least 1.
  ///   - least: blocks that are worked on together.
  /// - Returns: a multiple of `lanes`, and of `least` where that does.
  public func tilePitch(depth: Int, blockCount: Int, atLeast least: Int) -> Int {
    let pitch = tilePitch(depth: depth, blockCount: blockCount)
    let wanted = (pitch + least - 1) / least * least
    return max(pitch, (min(wanted, blockCount) + lanes - 1) / lanes * lanes)
  }
}
