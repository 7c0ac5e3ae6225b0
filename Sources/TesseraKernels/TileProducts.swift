/// The product of a matrix and a tile, and a bias per row of the result.
public struct TileProduct {
  /// `rows` × `depth`, row after row.
  public var weights: UnsafePointer<Float>
  /// One value per row of the result, or `nil`.
  public var bias: UnsafePointer<Float>?
  /// `depth` rows, `tilePitch` apart.
  public var tile: UnsafePointer<Float>
  /// Values from one row of the tile to the next.
  public var tilePitch: Int
  /// `rows` rows, `destinationPitch` apart.
  ///
  /// Must not overlap `tile`.
  public var destination: UnsafeMutablePointer<Float>
  /// Values from one row of the result to the next.
  public var destinationPitch: Int
  /// Rows of the result.
  public var rows: Int
  /// Rows of the tile.
  public var depth: Int
  /// Columns of both.
  public var columns: Int

  /// Describes a product.
  public init(
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, tile: UnsafePointer<Float>,
    tilePitch: Int, destination: UnsafeMutablePointer<Float>, destinationPitch: Int, rows: Int,
    depth: Int, columns: Int
  ) {
    self.weights = weights
    self.bias = bias
    self.tile = tile
    self.tilePitch = tilePitch
    self.destination = destination
    self.destinationPitch = destinationPitch
    self.rows = rows
    self.depth = depth
    self.columns = columns
  }
}

/// Multiplies a matrix and a tile.
///
/// Twelve rows of the result at a time: their weights are read once for all columns, and what is read
/// of the tile, which lies in the second-level cache, serves twelve sums.
@inlinable @inline(__always)
func multiply<V: Variant>(_ variant: V.Type, _ job: TileProduct) {
  var row = 0
  while row &+ 12 <= job.rows {
    sweepNarrow(
      variant, job.columns,
      narrow: { multiplyTwelveRows(V.Narrow.self, job, row, $0) },
      vector: { multiplyTwelveRows(Single<V>.self, job, row, $0) },
      lone: { multiplyTwelveRows(Lone<V>.self, job, row, $0) })
    row &+= 12
  }
  while row &+ 4 <= job.rows {
    sweep(
      variant, job.columns,
      wide: { multiplyFourRows(V.Wide.self, job, row, $0) },
      vector: { multiplyFourRows(Single<V>.self, job, row, $0) },
      lone: { multiplyFourRows(Lone<V>.self, job, row, $0) })
    row &+= 4
  }
  while row < job.rows {
    sweep(
      variant, job.columns,
      wide: { multiplyRow(V.Wide.self, job, row, $0) },
      vector: { multiplyRow(Single<V>.self, job, row, $0) },
      lone: { multiplyRow(Lone<V>.self, job, row, $0) })
    row &+= 1
  }
}

/// Covers `0..<width` like `sweep`, with narrow blocks; what they leave over gets one vector where
/// that suffices.
@inlinable @inline(__always)
func sweepNarrow<V: Variant>(
  _ variant: V.Type, _ width: Int, narrow: (Int) -> Void, vector: (Int) -> Void,
  lone: (Int) -> Void
) {
  let lanes = V.Vector.scalarCount
  var position = 0
  while position &+ V.Narrow.count <= width {
    narrow(position)
    position &+= V.Narrow.count
  }
  if width >= lanes {
    while position < width {
      vector(min(position, width &- lanes))
      position &+= lanes
    }
  } else {
    while position < width {
      lone(position)
      position &+= 1
    }
  }
}

/// Computes one block of columns of twelve rows.
@inlinable @inline(__always)
func multiplyTwelveRows<B: ValueBlock>(
  _ block: B.Type, _ job: TileProduct, _ row: Int, _ column: Int
) {
  let depth = job.depth
  var low = FourSums<B>(bias: job.bias.map { $0 + row })
  var middle = FourSums<B>(bias: job.bias.map { $0 + (row &+ 4) })
  var high = FourSums<B>(bias: job.bias.map { $0 + (row &+ 8) })
  var weights = job.weights + row &* depth
  var source = job.tile + column
  var step = 0
  while step < depth {
    let values = B(at: source)
    low.add(values, weights, depth)
    middle.add(values, weights + 4 &* depth, depth)
    high.add(values, weights + 8 &* depth, depth)
    weights += 1
    source += job.tilePitch
    step &+= 1
  }
  let pitch = job.destinationPitch
  let target = job.destination + (row &* pitch &+ column)
  low.store(to: target, pitch)
  middle.store(to: target + 4 &* pitch, pitch)
  high.store(to: target + 8 &* pitch, pitch)
}

/// Computes one block of columns of four rows.
@inlinable @inline(__always)
func multiplyFourRows<B: ValueBlock>(
  _ block: B.Type, _ job: TileProduct, _ row: Int, _ column: Int
) {
  var sums = FourSums<B>(bias: job.bias.map { $0 + row })
  var weights = job.weights + row &* job.depth
  var source = job.tile + column
  var step = 0
  while step < job.depth {
    sums.add(B(at: source), weights, job.depth)
    weights += 1
    source += job.tilePitch
    step &+= 1
  }
  sums.store(
    to: job.destination + (row &* job.destinationPitch &+ column), job.destinationPitch)
}

/// Computes one block of columns of one row.
@inlinable @inline(__always)
func multiplyRow<B: ValueBlock>(_ block: B.Type, _ job: TileProduct, _ row: Int, _ column: Int) {
  var sum = B(repeating: job.bias.map { $0[row] } ?? 0)
  let weights = job.weights + row &* job.depth
  var source = job.tile + column
  var step = 0
  while step < job.depth {
    sum.add(B(at: source), times: weights[step])
    source += job.tilePitch
    step &+= 1
  }
  sum.store(to: job.destination + (row &* job.destinationPitch &+ column))
}
