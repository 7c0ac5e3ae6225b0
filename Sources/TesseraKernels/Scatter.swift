/// A run of blocks of one row of blocks, to be added back from columns of a tile to image rows.
///
/// The counterpart of `TileGather`. Additions to one pixel happen in ascending order of blocks,
/// so sums do not depend on how blocks are divided into runs and tiles.
public struct TileScatter<E, Sum> {
  /// The first block's first value; row `d` starts `d · pitch` further.
  public var tile: UnsafePointer<E>
  /// Values from one row of the tile to the next.
  public var pitch: Int
  /// For each channel and window row, in the order c·kH + i, the sums of the image row under it, or
  /// `nil` where that row is outside the image.
  public var accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>
  /// Channels × kernel height.
  public var rowCount: Int
  /// The first column of each block, ascending.
  ///
  /// Columns outside `0..<width` are left out.
  public var starts: UnsafePointer<Int>
  /// Blocks in the run.
  public var blockCount: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between neighbouring columns of the window.
  public var dilation: Int
  /// Columns of the image.
  public var width: Int

  /// Describes a run of blocks.
  public init(
    tile: UnsafePointer<E>, pitch: Int, accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>,
    rowCount: Int, starts: UnsafePointer<Int>, blockCount: Int, kernelWidth: Int, dilation: Int,
    width: Int
  ) {
    self.tile = tile
    self.pitch = pitch
    self.accumulators = accumulators
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
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

/// Folds values of any type into sums of any type.
@inlinable @inline(__always)
func scatterAdd<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ widen: (E) -> Sum
) {
  guard run.blockCount > 0 else { return }
  let isDense = run.isDense
  for row in 0..<run.rowCount {
    guard let sums = run.accumulators[row] else { continue }
    let tile = run.tile + row &* run.kernelWidth &* run.pitch
    if isDense {
      addDense(variant, run, tile, sums, widen)
    } else {
      addBlocks(variant, run, 0..<run.blockCount, tile, sums, widen)
    }
  }
}

/// Adds a run at stride 1, a row of the tile at a time.
///
/// The later a block, the smaller the window column with which it meets a given pixel: columns in
/// descending order are blocks in ascending order.
@inlinable @inline(__always)
func addDense<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ tile: UnsafePointer<E>,
  _ sums: UnsafeMutablePointer<Sum>, _ widen: (E) -> Sum
) {
  var column = run.kernelWidth &- 1
  while column >= 0 {
    let source = tile + column &* run.pitch
    let start = run.starts[0] &+ column &* run.dilation
    let end = min(run.blockCount, run.width &- start)
    var block = max(0, 0 &- start)
    let target = sums + start
    while block < end {
      target[block] = target[block] + widen(source[block])
      block &+= 1
    }
    column &-= 1
  }
}

/// Adds blocks one after the other, leaving out what falls outside the image.
@inlinable @inline(__always)
func addBlocks<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: TileScatter<E, Sum>, _ blocks: Range<Int>, _ tile: UnsafePointer<E>,
  _ sums: UnsafeMutablePointer<Sum>, _ widen: (E) -> Sum
) {
  var block = blocks.lowerBound
  while block < blocks.upperBound {
    var x = run.starts[block]
    var source = tile + block
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

/// Folds floats into floats; strided windows go through transposes of 4 columns × one vector of
/// blocks.
@inlinable @inline(__always)
func scatterAddFloats<V: Variant>(_ variant: V.Type, _ run: TileScatter<Float, Float>) {
  let lanes = V.Vector.scalarCount
  guard run.blockCount >= lanes, run.kernelWidth >= 4, run.dilation == 1, !run.isDense else {
    return scatterAdd(variant, run, { $0 })
  }
  let interior = run.interior
  let vectorEnd = interior.lowerBound &+ interior.count / lanes &* lanes
  for row in 0..<run.rowCount {
    guard let sums = run.accumulators[row] else { continue }
    let tile = run.tile + row &* run.kernelWidth &* run.pitch
    addBlocks(variant, run, 0..<interior.lowerBound, tile, sums, { $0 })
    var block = interior.lowerBound
    while block < vectorEnd {
      addTransposed(variant, run, tile + block, run.starts + block, sums)
      block &+= lanes
    }
    addBlocks(variant, run, vectorEnd..<run.blockCount, tile, sums, { $0 })
  }
}

/// Adds one vector of blocks.
///
/// Groups of columns descend and, within a group, blocks ascend: so a pixel meets its blocks in
/// ascending order.
@inlinable @inline(__always)
func addTransposed<V: Variant>(
  _ variant: V.Type, _ run: TileScatter<Float, Float>, _ tile: UnsafePointer<Float>,
  _ starts: UnsafePointer<Int>, _ sums: UnsafeMutablePointer<Float>
) {
  let lanes = V.Vector.scalarCount
  let remainder = run.kernelWidth & 3
  var column = run.kernelWidth
  var last = 0
  while last < remainder {
    column &-= 1
    let source = tile + column &* run.pitch
    var block = 0
    while block < lanes {
      sums[starts[block] &+ column] += source[block]
      block &+= 1
    }
    last &+= 1
  }
  while column > 0 {
    column &-= 4
    let source = tile + column &* run.pitch
    let target = sums + column
    var group = 0
    while group < lanes {
      addQuads(source + group, run.pitch, starts + group, target)
      group &+= 4
    }
  }
}

/// Transposes 4 columns × 4 blocks and adds the blocks one after the other.
@inlinable @inline(__always)
func addQuads(
  _ tile: UnsafePointer<Float>, _ pitch: Int, _ starts: UnsafePointer<Int>,
  _ sums: UnsafeMutablePointer<Float>
) {
  @inline(__always) func column(_ index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(tile + index &* pitch).loadUnaligned(as: SIMD4<Float>.self)
  }
  @inline(__always) func add(_ block: Int, _ values: SIMD4<Float>) {
    let target = UnsafeMutableRawPointer(sums + starts[block])
    let sum = target.loadUnaligned(as: SIMD4<Float>.self) + values
    target.storeBytes(of: sum, as: SIMD4<Float>.self)
  }
  typealias Quad = SIMD4<Float>
  let (a, b, c, d) = (column(0), column(1), column(2), column(3))
  let (evenLow, oddLow) = (Quad.evens(a, b), Quad.odds(a, b))
  let (evenHigh, oddHigh) = (Quad.evens(c, d), Quad.odds(c, d))
  add(0, Quad.evens(evenLow, evenHigh))
  add(1, Quad.evens(oddLow, oddHigh))
  add(2, Quad.odds(evenLow, evenHigh))
  add(3, Quad.odds(oddLow, oddHigh))
}
