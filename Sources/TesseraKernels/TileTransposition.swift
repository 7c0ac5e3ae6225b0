/// A tile whose patches are to be laid one after the other: D × T becomes T × D.
public struct TileTransposition<E> {
  /// The first patch's first value; row `d` starts `d · pitch` further.
  public var tile: UnsafePointer<E>
  /// Values from one row of the tile to the next.
  public var pitch: Int
  /// Patches to write.
  public var blockCount: Int
  /// For every value of a patch, in the order in which they are written, the row of the tile that
  /// holds it.
  public var rows: UnsafePointer<Int32>
  /// Values of a patch.
  public var depth: Int
  /// Room for `blockCount` × `depth` values.
  ///
  /// Must not overlap `tile`.
  public var destination: UnsafeMutablePointer<E>

  /// Describes a transposition.
  public init(
    tile: UnsafePointer<E>, pitch: Int, blockCount: Int, rows: UnsafePointer<Int32>, depth: Int,
    destination: UnsafeMutablePointer<E>
  ) {
    self.tile = tile
    self.pitch = pitch
    self.blockCount = blockCount
    self.rows = rows
    self.depth = depth
    self.destination = destination
  }

  /// The row of the tile that holds a value of a patch.
  @inlinable @inline(__always)
  func line(_ position: Int) -> UnsafePointer<E> { tile + Int(rows[position]) &* pitch }
}

/// Transposes a tile of any type.
@inlinable @inline(__always)
func transpose<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ job: TileTransposition<E>) {
  transposeValues(variant, job, blocks: 0, positions: 0)
}

/// Transposes a tile of floats, four values of a vector of patches at a time.
@inlinable @inline(__always)
func transposeFloats<V: Variant>(_ variant: V.Type, _ job: TileTransposition<Float>) {
  let lanes = V.Vector.scalarCount
  let positions = job.depth & ~3
  var block = 0
  while block &+ lanes <= job.blockCount {
    var position = 0
    while position < positions {
      let columns = transposeGroups(
        Single<V>(at: job.line(position) + block).lanes,
        Single<V>(at: job.line(position &+ 1) + block).lanes,
        Single<V>(at: job.line(position &+ 2) + block).lanes,
        Single<V>(at: job.line(position &+ 3) + block).lanes)
      let target = job.destination + (block &* job.depth &+ position)
      columns.0.storeGroups(to: target, 4 &* job.depth)
      columns.1.storeGroups(to: target + job.depth, 4 &* job.depth)
      columns.2.storeGroups(to: target + 2 &* job.depth, 4 &* job.depth)
      columns.3.storeGroups(to: target + 3 &* job.depth, 4 &* job.depth)
      position &+= 4
    }
    block &+= lanes
  }
  transposeValues(variant, job, blocks: block, positions: positions)
}

/// Transposes the last positions of the first `blocks` patches, and every position of the others.
@inlinable @inline(__always)
func transposeValues<V: Variant, E: BitwiseCopyable>(
  _ variant: V.Type, _ job: TileTransposition<E>, blocks: Int, positions: Int
) {
  var position = 0
  while position < job.depth {
    let line = job.line(position)
    var block = position < positions ? blocks : 0
    var target = job.destination + (block &* job.depth &+ position)
    while block < job.blockCount {
      target.pointee = line[block]
      target += job.depth
      block &+= 1
    }
    position &+= 1
  }
}

extension FloatVector {
  /// Writes each group of four lanes, `pitch` values apart.
  @inlinable @inline(__always)
  func storeGroups(to target: UnsafeMutablePointer<Float>, _ pitch: Int) {
    // Not a loop: a lane whose index is not a constant would be read through memory.
    storeGroup(0, to: target)
    if Self.scalarCount > 4 { storeGroup(1, to: target + pitch) }
    if Self.scalarCount > 8 {
      storeGroup(2, to: target + 2 &* pitch)
      storeGroup(3, to: target + 3 &* pitch)
    }
  }

  /// Writes one group of four lanes.
  @inlinable @inline(__always)
  func storeGroup(_ group: Int, to target: UnsafeMutablePointer<Float>) {
    let lane = 4 &* group
    let values = SIMD4(self[lane], self[lane &+ 1], self[lane &+ 2], self[lane &+ 3])
    UnsafeMutableRawPointer(target).storeBytes(of: values, as: SIMD4<Float>.self)
  }
}
