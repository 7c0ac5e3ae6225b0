/// A run of blocks of one row of blocks, to be unfolded into columns of a tile.
///
/// Row `d` of the tile, d = c·kH·kW + i·kW + j, starts at `tile + d · pitch`; block `t` of the run
/// goes to column `t`. A tile as wide as the image has blocks (`pitch` = L) is torch's unfold.
public struct TileGather<E> {
  /// For each channel and window row, in the order c·kH + i, the image row under it; `rowCount`
  /// pointers.
  ///
  /// A row of padding is a pointer to its values.
  public var rows: UnsafePointer<UnsafePointer<E>>
  /// Channels × kernel height.
  public var rowCount: Int
  /// The first column of each block, ascending, relative to the row pointers.
  ///
  /// It may be negative where rows have margins.
  public var starts: UnsafePointer<Int>
  /// Blocks in the run.
  public var blockCount: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between neighbouring columns of the window.
  public var dilation: Int
  /// Where the first block's first value goes.
  public var tile: UnsafeMutablePointer<E>
  /// Values from one row of the tile to the next.
  public var pitch: Int

  /// Describes a run of blocks.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, rowCount: Int, starts: UnsafePointer<Int>,
    blockCount: Int, kernelWidth: Int, dilation: Int, tile: UnsafeMutablePointer<E>, pitch: Int
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.kernelWidth = kernelWidth
    self.dilation = dilation
    self.tile = tile
    self.pitch = pitch
  }

  /// Whether each block starts one column after the one before it.
  @inlinable @inline(__always)
  var isDense: Bool { starts[blockCount &- 1] &- starts[0] == blockCount &- 1 }
}

/// Unfolds values of any type.
@inlinable @inline(__always)
func gather<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ run: TileGather<E>) {
  guard run.blockCount > 0 else { return }
  let (starts, pitch, width) = (run.starts, run.pitch, run.kernelWidth)
  if run.isDense {
    gatherDense(variant, run)
    return
  }
  for row in 0..<run.rowCount {
    let source = run.rows[row]
    for column in 0..<width {
      let shifted = source + column &* run.dilation
      let target = run.tile + (row &* width &+ column) &* pitch
      var block = 0
      while block < run.blockCount {
        target[block] = shifted[starts[block]]
        block &+= 1
      }
    }
  }
}

/// Unfolds blocks at stride 1: each row of the tile is a copy of a piece of an image row.
@inlinable @inline(__always)
func gatherDense<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ run: TileGather<E>) {
  for row in 0..<run.rowCount {
    let source = run.rows[row] + run.starts[0]
    for column in 0..<run.kernelWidth {
      (run.tile + (row &* run.kernelWidth &+ column) &* run.pitch)
        .update(from: source + column &* run.dilation, count: run.blockCount)
    }
  }
}

/// Unfolds floats; strided windows go through transposes of 4 columns × one vector of blocks.
@inlinable @inline(__always)
func gatherFloats<V: Variant>(_ variant: V.Type, _ run: TileGather<Float>) {
  let lanes = V.Vector.scalarCount
  let (starts, pitch, width) = (run.starts, run.pitch, run.kernelWidth)
  guard run.blockCount >= lanes, width >= 4, run.dilation == 1, !run.isDense else {
    return gather(variant, run)
  }
  for row in 0..<run.rowCount {
    let source = run.rows[row]
    let rowTile = run.tile + row &* width &* pitch
    var first = 0
    while first < run.blockCount {
      let block = min(first, run.blockCount &- lanes)
      let origin = starts + block
      var next = 0
      while next < width {
        let column = min(next, width &- 4)
        transposeColumns(
          variant, source + column, origin, rowTile + (column &* pitch &+ block), pitch)
        next &+= 4
      }
      first &+= lanes
    }
  }
}

/// Writes 4 adjacent columns of `lanes` blocks as 4 rows of the tile.
@inlinable @inline(__always)
func transposeColumns<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ starts: UnsafePointer<Int>,
  _ target: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  let quads = V.Vector.scalarCount / 4
  @inline(__always) func blocks(_ group: Int) -> V.Vector {
    V.Vector(quads: { quad in
      UnsafeRawPointer(source + starts[group &* quads &+ quad])
        .loadUnaligned(as: SIMD4<Float>.self)
    })
  }
  let (a, b, c, d) = (blocks(0), blocks(1), blocks(2), blocks(3))
  let (evenLow, oddLow) = (V.Vector.evens(a, b), V.Vector.odds(a, b))
  let (evenHigh, oddHigh) = (V.Vector.evens(c, d), V.Vector.odds(c, d))
  Single<V>(V.Vector.evens(evenLow, evenHigh)).store(to: target)
  Single<V>(V.Vector.evens(oddLow, oddHigh)).store(to: target + pitch)
  Single<V>(V.Vector.odds(evenLow, evenHigh)).store(to: target + 2 &* pitch)
  Single<V>(V.Vector.odds(oddLow, oddHigh)).store(to: target + 3 &* pitch)
}
