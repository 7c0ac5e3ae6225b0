/// The patches of a tile, for transforms that need each patch by itself.
///
/// The tile holds one patch per column, so every sum over a patch is a vertical sum of rows.
public struct TilePatches {
  /// The first patch's first value; row `d` starts `d · pitch` further.
  ///
  /// Changed in place.
  public var tile: UnsafeMutablePointer<Float>
  /// Values in a row of the tile, and from one row to the next: a multiple of `KernelSet.lanes`.
  public var pitch: Int
  /// Values of a patch.
  public var rowCount: Int
  /// Parts of a patch that are transformed by themselves: 1, or its channels.
  ///
  /// Divides `rowCount`.
  public var groups: Int

  /// Describes the patches of a tile.
  public init(tile: UnsafeMutablePointer<Float>, pitch: Int, rowCount: Int, groups: Int = 1) {
    self.tile = tile
    self.pitch = pitch
    self.rowCount = rowCount
    self.groups = groups
  }

  /// Calls a function for every group and every block of lanes, with the group's first row.
  @inlinable @inline(__always)
  func forEachGroup<V: Variant>(
    _ variant: V.Type, wide: (UnsafeMutablePointer<Float>, Int) -> Void,
    vector: (UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let size = rowCount / groups
    for group in 0..<groups {
      let first = tile + group &* size &* pitch
      var lane = 0
      while lane &+ V.Wide.count <= pitch {
        wide(first + lane, size)
        lane &+= V.Wide.count
      }
      while lane < pitch {
        vector(first + lane, size)
        lane &+= V.Vector.scalarCount
      }
    }
  }
}

/// The mean of `count` rows, lane by lane.
@inlinable @inline(__always)
func mean<B: ValueBlock>(
  _ block: B.Type, _ rows: UnsafeMutablePointer<Float>, _ count: Int, _ pitch: Int
) -> B {
  var even = B(repeating: 0)
  var odd = B(repeating: 0)
  var row = UnsafePointer(rows)
  var index = 0
  while index &+ 2 <= count {
    even = even + B(at: row)
    odd = odd + B(at: row + pitch)
    row += 2 &* pitch
    index &+= 2
  }
  if index < count { even = even + B(at: row) }
  return (even + odd) / B(repeating: Float(count))
}

/// Subtracts each group's mean.
@inlinable @inline(__always)
func subtractMean<V: Variant>(_ variant: V.Type, _ patches: TilePatches) {
  let pitch = patches.pitch
  patches.forEachGroup(
    variant,
    wide: { subtractMean(V.Wide.self, $0, $1, pitch) },
    vector: { subtractMean(Single<V>.self, $0, $1, pitch) })
}

/// Subtracts the mean of a group from one block of lanes.
@inlinable @inline(__always)
func subtractMean<B: ValueBlock>(
  _ block: B.Type, _ rows: UnsafeMutablePointer<Float>, _ count: Int, _ pitch: Int
) {
  let average = mean(block, rows, count, pitch)
  var row = rows
  var index = 0
  while index < count {
    (B(at: row) - average).store(to: row)
    row += pitch
    index &+= 1
  }
}

/// Makes each group (x − mean) / √(variance + 1e-6), with the variance over n − 1 values.
///
/// Source: the normalised pixel targets of MAE. A group of one value has variance 0.
@inlinable @inline(__always)
func standardize<V: Variant>(_ variant: V.Type, _ patches: TilePatches) {
  let pitch = patches.pitch
  patches.forEachGroup(
    variant,
    wide: { standardize(V.Wide.self, $0, $1, pitch) },
    vector: { standardize(Single<V>.self, $0, $1, pitch) })
}

/// Standardizes one block of lanes of a group.
@inlinable @inline(__always)
func standardize<B: ValueBlock>(
  _ block: B.Type, _ rows: UnsafeMutablePointer<Float>, _ count: Int, _ pitch: Int
) {
  let average = mean(block, rows, count, pitch)
  var squares = B(repeating: 0)
  var row = rows
  var index = 0
  while index < count {
    let difference = B(at: row) - average
    difference.store(to: row)
    squares.add(difference, times: difference)
    row += pitch
    index &+= 1
  }
  let variance = squares / B(repeating: Float(max(count &- 1, 1)))
  let deviation = (variance + B(repeating: 1e-6)).squareRoot()
  row = rows
  index = 0
  while index < count {
    (B(at: row) / deviation).store(to: row)
    row += pitch
    index &+= 1
  }
}
