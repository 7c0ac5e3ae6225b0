extension KernelSet {
  /// How many blocks a tile of patches should hold.
  ///
  /// A multiple of `lanes` such that a tile stays in the second-level cache beside the image rows:
  /// at most 384 kB, but at least four vectors. Depends on nothing but its argument and the set.
  ///
  /// - Parameter depth: values of a patch, at least 1.
  /// - Returns: a number of blocks, at most 1024.
  public func tilePitch(depth: Int) -> Int {
    let step = 4 * lanes
    return min(max(98_304 / max(depth, 1) / step, 1) * step, 1024)
  }
}
