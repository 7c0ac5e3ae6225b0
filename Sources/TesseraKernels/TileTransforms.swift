/// The patches of a tile, for transforms that need each patch by itself.
///
/// The tile holds one patch per column, so every sum over a patch is a vertical sum of rows.
public struct TilePatches {
  /// The first patch's first value; row `d` starts `d · pitch` further.
  ///
  /// Changed in place.
  public var tile: UnsafeMutablePointer<Float>
  /// Values in a row of the tile, and from one row to the next.
  public var pitch: Int
  /// Values of a patch.
  public var rowCount: Int
  /// Parts of a patch that are transformed by themselves: 1, or its channels.
  ///
  /// Divides `rowCount`.
  public var groups: Int
  /// Columns of a patch: values are added column by column, as `BlockStatistics` adds them.
  ///
  /// Divides `rowCount / groups`.
  public var width: Int
  /// What is added to variances before deviations are divided by.
  public var epsilon: Float

  /// Describes the patches of a tile.
  public init(
    tile: UnsafeMutablePointer<Float>, pitch: Int, rowCount: Int, groups: Int = 1, width: Int = 1,
    epsilon: Float = 1e-6
  ) {
    self.tile = tile
    self.pitch = pitch
    self.rowCount = rowCount
    self.groups = groups
    self.width = width
    self.epsilon = epsilon
  }

  /// Calls a function for every group and every block of lanes, with the group's first row.
  @inlinable @inline(__always)
  func forEachGroup<V: Variant>(
    _ variant: V.Type, wide: (UnsafeMutablePointer<Float>, Int) -> Void,
    vector: (UnsafeMutablePointer<Float>, Int) -> Void,
    lone: (UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let size = rowCount / groups
    for group in 0..<groups {
      let first = tile + group &* size &* pitch
      var lane = 0
      while lane &+ V.Wide.count <= pitch {
        wide(first + lane, size)
        lane &+= V.Wide.count
      }
      while lane &+ V.Vector.scalarCount <= pitch {
        vector(first + lane, size)
        lane &+= V.Vector.scalarCount
      }
      while lane < pitch {
        lone(first + lane, size)
        lane &+= 1
      }
    }
  }
}

/// One group of the patches of a tile, from one lane on.
@usableFromInline
struct TileGroup {
  @usableFromInline var first: UnsafeMutablePointer<Float>
  @usableFromInline var rowCount: Int
  @usableFromInline var pitch: Int
  @usableFromInline var width: Int
  @usableFromInline var epsilon: Float

  @inlinable @inline(__always)
  init(_ first: UnsafeMutablePointer<Float>, _ rowCount: Int, _ patches: TilePatches) {
    self.first = first
    self.rowCount = rowCount
    pitch = patches.pitch
    width = patches.width
    epsilon = patches.epsilon
  }

  /// The sum of a function of every value: column by column of a patch, each column from its first
  /// row down.
  @inlinable @inline(__always)
  func sum<B: ValueBlock>(_ block: B.Type, _ add: (inout B, UnsafeMutablePointer<Float>) -> Void)
    -> B
  {
    var total = B(repeating: 0)
    var column = 0
    while column < width {
      var sum = B(repeating: 0)
      var row = column
      while row < rowCount {
        add(&sum, first + row &* pitch)
        row &+= width
      }
      total = total + sum
      column &+= 1
    }
    return total
  }

  /// The mean, lane by lane.
  @inlinable @inline(__always)
  func mean<B: ValueBlock>(_ block: B.Type) -> B {
    sum(block) { $0 = $0 + B(at: $1) } / B(repeating: Float(rowCount))
  }
}

/// Subtracts each group's mean.
@inlinable @inline(__always)
func subtractMean<V: Variant>(_ variant: V.Type, _ patches: TilePatches) {
  patches.forEachGroup(
    variant,
    wide: { subtractMean(V.Wide.self, TileGroup($0, $1, patches)) },
    vector: { subtractMean(Single<V>.self, TileGroup($0, $1, patches)) },
    lone: { subtractMean(Lone<V>.self, TileGroup($0, $1, patches)) })
}

/// Subtracts the mean of a group from one block of lanes.
@inlinable @inline(__always)
func subtractMean<B: ValueBlock>(_ block: B.Type, _ group: TileGroup) {
  let average = group.mean(block)
  var row = group.first
  var index = 0
  while index < group.rowCount {
    (B(at: row) - average).store(to: row)
    row += group.pitch
    index &+= 1
  }
}

/// Makes each group (x − mean) / √(variance + ε), with the variance over n − 1 values.
///
/// Source: the normalised pixel targets of MAE. A group of one value has variance 0. Values are
/// multiplied by the inverse of the root, which takes a tenth of the time of dividing each.
@inlinable @inline(__always)
func standardize<V: Variant>(_ variant: V.Type, _ patches: TilePatches) {
  patches.forEachGroup(
    variant,
    wide: { standardize(V.Wide.self, TileGroup($0, $1, patches)) },
    vector: { standardize(Single<V>.self, TileGroup($0, $1, patches)) },
    lone: { standardize(Lone<V>.self, TileGroup($0, $1, patches)) })
}

/// Standardizes one block of lanes of a group.
@inlinable @inline(__always)
func standardize<B: ValueBlock>(_ block: B.Type, _ group: TileGroup) {
  let average = group.mean(block)
  let squares = group.sum(block) {
    let difference = B(at: $1) - average
    difference.store(to: $1)
    $0.add(difference, times: difference)
  }
  let factor = inverseDeviation(squares, group.rowCount, group.epsilon)
  var row = group.first
  var index = 0
  while index < group.rowCount {
    (B(at: row) * factor).store(to: row)
    row += group.pitch
    index &+= 1
  }
}
