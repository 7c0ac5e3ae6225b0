/// A run of blocks, to be unfolded into columns of a tile.
///
/// The run is `blockCount` blocks of one row of blocks, or of several rows of blocks. Row `d` of the
/// tile, d = c·kH·kW + i·kW + j, starts at `tile + d · pitch`; the blocks go to consecutive columns,
/// in raster order. A tile as wide as the image has blocks (`pitch` = L) is torch's unfold; several
/// rows of blocks at once then make longer pieces of its rows, which is faster.
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
  /// Blocks of the run in each row of blocks.
  public var blockCount: Int
  /// Rows of blocks.
  public var blockRows: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between neighbouring columns of the window.
  public var dilation: Int
  /// Where the first block's first value goes.
  public var tile: UnsafeMutablePointer<E>
  /// Values from one row of the tile to the next.
  public var pitch: Int
  /// Working memory of `stageCount(blockCount:blockRows:)` values for a tile that no cache holds,
  /// which is then written past the caches; `nil` for a tile that is read soon.
  public var stage: UnsafeMutablePointer<E>?

  /// Describes a run of blocks.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, rowCount: Int, starts: UnsafePointer<Int>,
    blockCount: Int, blockRows: Int = 1, kernelWidth: Int, dilation: Int,
    tile: UnsafeMutablePointer<E>, pitch: Int, stage: UnsafeMutablePointer<E>? = nil
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.blockRows = blockRows
    self.kernelWidth = kernelWidth
    self.dilation = dilation
    self.tile = tile
    self.pitch = pitch
    self.stage = stage
  }

  /// Whether each block starts one column after the one before it.
  @inlinable @inline(__always)
  var isDense: Bool { starts[blockCount &- 1] &- starts[0] == blockCount &- 1 }
}

extension TileGather {
  /// Calls a function for every row of blocks, given one row of the window and one of its columns:
  /// the image row under it, and where the first block's value of that row and column goes.
  ///
  /// Rows of blocks are the innermost loop, so that a row of the tile is written in one go.
  @inlinable @inline(__always)
  func forEachBlockRow(
    _ row: Int, _ column: Int, _ body: (UnsafePointer<E>, UnsafeMutablePointer<E>) -> Void
  ) {
    let line = tile + (row &* kernelWidth &+ column) &* pitch
    for blockRow in 0..<blockRows {
      body(rows[blockRow &* rowCount &+ row], line + blockRow &* blockCount)
    }
  }
}

/// Unfolds values of any type.
@inlinable @inline(__always)
func gather<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ run: TileGather<E>) {
  guard run.blockCount > 0 else { return }
  if run.isDense { return gatherDense(variant, run) }
  if let stage = run.stage {
    return gatherStreamed(variant, run, stage) { collect(variant, run, $0, $1, $2, $3) }
  }
  for row in 0..<run.rowCount {
    var column = 0
    while column &+ 4 <= run.kernelWidth {
      run.forEachBlockRow(row, column) {
        gatherFourColumns(variant, run, column, $0, $1, run.pitch)
      }
      column &+= 4
    }
    while column < run.kernelWidth {
      run.forEachBlockRow(row, column) { gatherColumn(variant, run, column, $0, $1) }
      column &+= 1
    }
  }
}

/// Copies one column of the window from every block of a row of blocks.
@inlinable @inline(__always)
func gatherColumn<V: Variant, E>(
  _ variant: V.Type, _ run: TileGather<E>, _ column: Int, _ source: UnsafePointer<E>,
  _ line: UnsafeMutablePointer<E>
) {
  let (starts, values) = (run.starts, source + column &* run.dilation)
  var block = 0
  while block < run.blockCount {
    line[block] = values[starts[block]]
    block &+= 1
  }
}

/// Copies 4 columns of the window, so that each start is read once for four values.
@inlinable @inline(__always)
func gatherFourColumns<V: Variant, E>(
  _ variant: V.Type, _ run: TileGather<E>, _ column: Int, _ source: UnsafePointer<E>,
  _ line: UnsafeMutablePointer<E>, _ pitch: Int
) {
  let (starts, dilation) = (run.starts, run.dilation)
  let values = source + column &* dilation
  let (second, third, fourth) = (line + pitch, line + 2 &* pitch, line + 3 &* pitch)
  var block = 0
  while block < run.blockCount {
    let value = values + starts[block]
    line[block] = value[0]
    second[block] = value[dilation]
    third[block] = value[2 &* dilation]
    fourth[block] = value[3 &* dilation]
    block &+= 1
  }
}

/// Unfolds blocks at stride 1: each row of the tile is a copy of a piece of an image row.
@inlinable @inline(__always)
func gatherDense<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ run: TileGather<E>) {
  for row in 0..<run.rowCount {
    for column in 0..<run.kernelWidth {
      let start = run.starts[0] &+ column &* run.dilation
      run.forEachBlockRow(row, column) { source, line in
        if run.stage == nil {
          line.update(from: source + start, count: run.blockCount)
        } else {
          stream(variant, to: line, from: source + start, count: run.blockCount)
        }
      }
    }
  }
  if run.stage != nil { endStreaming(variant) }
}

/// Unfolds floats; strided windows go through transposes of 4 columns × one vector of blocks.
@inlinable @inline(__always)
func gatherFloats<V: Variant>(_ variant: V.Type, _ run: TileGather<Float>) {
  let lanes = V.Vector.scalarCount
  guard run.blockCount >= lanes, run.kernelWidth >= 4, run.dilation == 1, !run.isDense else {
    return gather(variant, run)
  }
  if let stage = run.stage {
    return gatherStreamed(variant, run, stage) { collectFloats(variant, run, $0, $1, $2, $3) }
  }
  for row in 0..<run.rowCount {
    var next = 0
    while next < run.kernelWidth {
      let column = min(next, run.kernelWidth &- 4)
      run.forEachBlockRow(row, column) { transposeColumns(variant, run, column, $0, $1, run.pitch) }
      next &+= 4
    }
  }
}

/// Writes 4 adjacent columns of all blocks of a row of blocks, at least a vector of them.
@inlinable @inline(__always)
func transposeColumns<V: Variant>(
  _ variant: V.Type, _ run: TileGather<Float>, _ column: Int, _ source: UnsafePointer<Float>,
  _ line: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  var first = 0
  while first < run.blockCount {
    let block = min(first, run.blockCount &- V.Vector.scalarCount)
    transposeColumns(variant, source + column, run.starts + block, line + block, pitch)
    first &+= V.Vector.scalarCount
  }
}

/// Writes 4 adjacent columns of `lanes` blocks as 4 rows of the tile.
@inlinable @inline(__always)
func transposeColumns<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ starts: UnsafePointer<Int>,
  _ target: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  let rows = transposeGroups(
    V.Vector(groupsAt: source, starts, 0), V.Vector(groupsAt: source, starts, 1),
    V.Vector(groupsAt: source, starts, 2), V.Vector(groupsAt: source, starts, 3))
  Single<V>(rows.0).store(to: target)
  Single<V>(rows.1).store(to: target + pitch)
  Single<V>(rows.2).store(to: target + 2 &* pitch)
  Single<V>(rows.3).store(to: target + 3 &* pitch)
}
