/// A run of blocks, to be added back from columns of a tile to image rows.
///
/// The counterpart of `TileGather`: `blockCount` blocks of each of `blockRows` rows of blocks, from
/// consecutive columns. Additions to one pixel happen in ascending order of blocks,
/// so sums do not depend on how blocks are divided into runs and tiles.
public struct TileScatter<E, Sum> {
  /// The first block's first value; row `d` starts `d · pitch` further.
  public var tile: UnsafePointer<E>
  /// Values from one row of the tile to the next.
  public var pitch: Int
  /// For each row of blocks, and in it for each channel and window row in the order c·kH + i, the
  /// sums of the image row under it: `blockRows` × `rowCount` pointers.
  ///
  /// `nil` stands for a row outside the image. Two rows of blocks may share a row of sums only where
  /// the later one meets it with an earlier window row, as windows that move down do.
  public var accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>
  /// Channels × kernel height.
  public var rowCount: Int
  /// The first column of each block, ascending.
  ///
  /// Columns outside `0..<width` are left out.
  public var starts: UnsafePointer<Int>
  /// Blocks of the run in each row of blocks.
  public var blockCount: Int
  /// Rows of blocks.
  public var blockRows: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between neighbouring columns of the window.
  public var dilation: Int
  /// Columns of the image.
  public var width: Int

  /// Describes a run of blocks.
  public init(
    tile: UnsafePointer<E>, pitch: Int, accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>,
    rowCount: Int, starts: UnsafePointer<Int>, blockCount: Int, blockRows: Int = 1,
    kernelWidth: Int, dilation: Int, width: Int
  ) {
    self.tile = tile
    self.pitch = pitch
    self.accumulators = accumulators
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.blockRows = blockRows
    self.kernelWidth = kernelWidth
    self.dilation = dilation
    self.width = width
  }

  /// Whether each block starts one column after the one before it.
  @inlinable @inline(__always)
  var isDense: Bool { starts[blockCount &- 1] &- starts[0] == blockCount &- 1 }

  /// The blocks that lie inside `0..<width` with every column: a contiguous range, as starts ascend.
  @inlinable @inline(__always)
  var interior: Range<Int> {
    let extent = dilation &* (kernelWidth &- 1) &+ 1
    var lower = 0
    while lower < blockCount && starts[lower] < 0 { lower &+= 1 }
    var upper = blockCount
    while upper > lower && starts[upper &- 1] &+ extent > width { upper &-= 1 }
    return Range(uncheckedBounds: (lower, upper))
  }
}

extension TileScatter {
  /// Calls a function for every row of blocks, given one row of the window and one of its columns:
  /// the first block's value of that row and column, and the sums of the image row under it.
  @inlinable @inline(__always)
  func forEachBlockRow(
    _ row: Int, _ column: Int, _ body: (UnsafePointer<E>, UnsafeMutablePointer<Sum>) -> Void
  ) {
    let line = tile + (row &* kernelWidth &+ column) &* pitch
    for blockRow in 0..<blockRows {
      if let sums = accumulators[blockRow &* rowCount &+ row] {
        body(line + blockRow &* blockCount, sums)
      }
    }
  }
}

// The later a block, the smaller the window row and column with which it meets a given pixel. So
// rows and columns in descending order are blocks in ascending order, for every pixel.

/// Folds values of any type into sums of any type.
@inlinable @inline(__always)
func scatterAdd<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ widen: (E) -> Sum
) {
  guard run.blockCount > 0 else { return }
  let isDense = run.isDense
  let interior = run.interior
  var row = run.rowCount &- 1
  while row >= 0 {
    if isDense {
      addDense(variant, run, row, widen)
    } else {
      addBlocks(variant, run, row, 0..<interior.lowerBound, widen)
      var column = run.kernelWidth &- 1
      while column >= 0 {
        addColumn(variant, run, row, column, interior, widen)
        column &-= 1
      }
      addBlocks(variant, run, row, interior.upperBound..<run.blockCount, widen)
    }
    row &-= 1
  }
}

/// Adds one row of windows at stride 1, a row of the tile at a time.
@inlinable @inline(__always)
func addDense<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ row: Int, _ widen: (E) -> Sum
) {
  var column = run.kernelWidth &- 1
  while column >= 0 {
    let start = run.starts[0] &+ column &* run.dilation
    let first = max(0, 0 &- start)
    let end = min(run.blockCount, run.width &- start)
    run.forEachBlockRow(row, column) { line, sums in
      let target = sums + start
      var block = first
      while block < end {
        target[block] = target[block] + widen(line[block])
        block &+= 1
      }
    }
    column &-= 1
  }
}

/// Adds one row of some windows, block after block, leaving out what falls outside the image.
@inlinable @inline(__always)
func addBlocks<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ row: Int, _ blocks: Range<Int>,
  _ widen: (E) -> Sum
) {
  run.forEachBlockRow(row, 0) { line, sums in
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      var x = run.starts[block]
      var source = line + block
      var column = 0
      while column < run.kernelWidth {
        if x >= 0 && x < run.width { sums[x] = sums[x] + widen(source.pointee) }
        x &+= run.dilation
        source += run.pitch
        column &+= 1
      }
      block &+= 1
    }
  }
}

/// Adds one column of blocks that lie inside the image.
@inlinable @inline(__always)
func addColumn<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ row: Int, _ column: Int, _ blocks: Range<Int>,
  _ widen: (E) -> Sum
) {
  let starts = run.starts
  run.forEachBlockRow(row, column) { line, sums in
    let target = sums + column &* run.dilation
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let start = starts[block]
      target[start] = target[start] + widen(line[block])
      block &+= 1
    }
  }
}
