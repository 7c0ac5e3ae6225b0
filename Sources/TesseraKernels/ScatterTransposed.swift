extension TileScatter<Float, Float> {
  /// The distance between neighbouring blocks, and whether the last one is closer than that to the
  /// one before it, as `edge: shift` makes it.
  @inlinable @inline(__always)
  var spacing: (distance: Int, isLastCloser: Bool) {
    guard blockCount > 1 else { return (0, false) }
    var least = starts[1] &- starts[0]
    var block = 2
    while block < blockCount &- 1 {
      least = min(least, starts[block] &- starts[block &- 1])
      block &+= 1
    }
    return (least, starts[blockCount &- 1] &- starts[blockCount &- 2] < least)
  }
}

/// Folds floats into floats; strided windows go through transposes of 8 or 4 columns of blocks.
///
/// Only as many columns at once as blocks are apart: a block that reads what the one before it has
/// half written would wait for the store.
@inlinable @inline(__always)
func scatterAddFloats<V: Variant>(_ variant: V.Type, _ run: TileScatter<Float, Float>) {
  let spacing = run.spacing
  guard run.blockCount >= 4, run.kernelWidth >= 4, run.dilation == 1, spacing.distance >= 4 else {
    return scatterAdd(variant, run, { $0 })
  }
  let lanes = V.Vector.scalarCount
  let interior = run.interior
  let first = interior.lowerBound
  let regular = min(interior.upperBound, run.blockCount &- (spacing.isLastCloser ? 1 : 0))
  let count = max(regular &- first, 0)
  let vectors = first..<(first &+ count / lanes &* lanes)
  let groups = vectors.upperBound..<(first &+ count / 4 &* 4)
  var row = run.rowCount &- 1
  while row >= 0 {
    addBlocks(variant, run, row, 0..<first, { $0 })
    addColumns(variant, V.Vector.self, run, row, vectors, spacing.distance)
    if lanes > 4 { addColumns(variant, SIMD4<Float>.self, run, row, groups, spacing.distance) }
    var column = run.kernelWidth &- 1
    while column >= 0 {
      addColumn(variant, run, row, column, groups.upperBound..<interior.upperBound, { $0 })
      column &-= 1
    }
    addBlocks(variant, run, row, interior.upperBound..<run.blockCount, { $0 })
    row &-= 1
  }
}

/// Adds all columns of whole vectors of blocks that lie inside the image.
@inlinable @inline(__always)
func addColumns<V: Variant, Vector: FloatVector>(
  _ variant: V.Type, _ vector: Vector.Type, _ run: TileScatter<Float, Float>, _ row: Int,
  _ blocks: Range<Int>, _ spacing: Int
) {
  var column = run.kernelWidth
  while column & 3 != 0 {
    column &-= 1
    addColumn(variant, run, row, column, blocks, { $0 })
  }
  while column > 0 {
    if column & 7 == 0 && spacing >= 8 {
      column &-= 8
      addEightColumns(variant, vector, run, row, column, blocks)
    } else {
      column &-= 4
      addFourColumns(variant, vector, run, row, column, blocks)
    }
  }
}

/// Adds 4 adjacent columns of whole vectors of blocks.
@inlinable @inline(__always)
func addFourColumns<V: Variant, Vector: FloatVector>(
  _ variant: V.Type, _ vector: Vector.Type, _ run: TileScatter<Float, Float>, _ row: Int,
  _ column: Int,
  _ blocks: Range<Int>
) {
  run.forEachBlockRow(row, column) { line, sums in
    let target = sums + column
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let columns = transposedColumns(variant, vector, line + block, run.pitch)
      let starts = run.starts + block
      @inline(__always) func addGroup(_ group: Int) {
        columns.0.addGroup(group, to: target, starts[4 &* group])
        columns.1.addGroup(group, to: target, starts[4 &* group &+ 1])
        columns.2.addGroup(group, to: target, starts[4 &* group &+ 2])
        columns.3.addGroup(group, to: target, starts[4 &* group &+ 3])
      }
      // Not a loop: a lane whose index is not a constant would be read through memory.
      addGroup(0)
      if Vector.scalarCount > 4 { addGroup(1) }
      if Vector.scalarCount > 8 {
        addGroup(2)
        addGroup(3)
      }
      block &+= Vector.scalarCount
    }
  }
}

/// Adds 8 adjacent columns of whole vectors of blocks, which are at least 8 columns apart.
@inlinable @inline(__always)
func addEightColumns<V: Variant, Vector: FloatVector>(
  _ variant: V.Type, _ vector: Vector.Type, _ run: TileScatter<Float, Float>, _ row: Int,
  _ column: Int,
  _ blocks: Range<Int>
) {
  run.forEachBlockRow(row, column) { line, sums in
    let target = sums + column
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let first = transposedColumns(variant, vector, line + block, run.pitch)
      let second = transposedColumns(variant, vector, line + (4 &* run.pitch &+ block), run.pitch)
      let starts = run.starts + block
      Vector.addGroups(first.0, second.0, to: target, starts)
      Vector.addGroups(first.1, second.1, to: target, starts + 1)
      Vector.addGroups(first.2, second.2, to: target, starts + 2)
      Vector.addGroups(first.3, second.3, to: target, starts + 3)
      block &+= Vector.scalarCount
    }
  }
}

/// Four rows of a tile as four vectors of groups: group g of vector k is block 4g + k.
@inlinable @inline(__always)
func transposedColumns<V: Variant, Vector: FloatVector>(
  _ variant: V.Type, _ vector: Vector.Type, _ line: UnsafePointer<Float>, _ pitch: Int
) -> (Vector, Vector, Vector, Vector) {
  @inline(__always) func column(_ index: Int) -> Vector {
    UnsafeRawPointer(line + index &* pitch).loadUnaligned(as: Vector.self)
  }
  return transposeGroups(column(0), column(1), column(2), column(3))
}
