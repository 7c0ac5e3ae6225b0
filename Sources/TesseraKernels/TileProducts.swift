/// A filter that is applied inside every patch of a tile.
public struct TileFilter {
  /// The patches; row `d` starts `d · pitch` further.
  public var tile: UnsafePointer<Float>
  /// Where the filtered patches go, with the same pitch.
  ///
  /// Must not overlap `tile`.
  public var destination: UnsafeMutablePointer<Float>
  /// Values in a row of either tile: a multiple of `KernelSet.lanes`.
  public var pitch: Int
  /// Channels of a patch.
  public var channels: Int
  /// Values of one channel of a patch.
  public var positions: Int
  /// One kernel per channel: `channels` × `taps`.
  public var weights: UnsafePointer<Float>
  /// Elements of the kernel.
  public var taps: Int
  /// `positions` × `taps`: the position whose value the tap meets, or −1 for a zero.
  public var sources: UnsafePointer<Int32>

  /// Describes a filter.
  public init(
    tile: UnsafePointer<Float>, destination: UnsafeMutablePointer<Float>, pitch: Int, channels: Int,
    positions: Int, weights: UnsafePointer<Float>, taps: Int, sources: UnsafePointer<Int32>
  ) {
    self.tile = tile
    self.destination = destination
    self.pitch = pitch
    self.channels = channels
    self.positions = positions
    self.weights = weights
    self.taps = taps
    self.sources = sources
  }
}

/// Filters inside every patch.
@inlinable @inline(__always)
func filter<V: Variant>(_ variant: V.Type, _ job: TileFilter) {
  for channel in 0..<job.channels {
    let offset = channel &* job.positions &* job.pitch
    let weights = job.weights + channel &* job.taps
    for position in 0..<job.positions {
      let sources = job.sources + position &* job.taps
      let target = job.destination + offset + position &* job.pitch
      sweep(
        variant, job.pitch,
        wide: { filter(V.Wide.self, job, job.tile + offset + $0, sources, weights, target + $0) },
        vector: {
          filter(Single<V>.self, job, job.tile + offset + $0, sources, weights, target + $0)
        },
        lone: { filter(Lone<V>.self, job, job.tile + offset + $0, sources, weights, target + $0) })
    }
  }
}

/// Computes one position of one block of patches.
@inlinable @inline(__always)
func filter<B: ValueBlock>(
  _ block: B.Type, _ job: TileFilter, _ tile: UnsafePointer<Float>,
  _ sources: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
  _ target: UnsafeMutablePointer<Float>
) {
  var sum = B(repeating: 0)
  var tap = 0
  while tap < job.taps {
    let source = Int(sources[tap])
    if source >= 0 { sum.add(B(at: tile + source &* job.pitch), times: weights[tap]) }
    tap &+= 1
  }
  sum.store(to: target)
}

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
@inlinable @inline(__always)
func multiply<V: Variant>(_ variant: V.Type, _ job: TileProduct) {
  sweep(
    variant, job.columns,
    wide: { multiplyColumns(V.Wide.self, job, $0) },
    vector: { multiplyColumns(Single<V>.self, job, $0) },
    lone: { multiplyColumns(Lone<V>.self, job, $0) })
}

/// Computes one block of columns of a product, 4 rows at a time.
@inlinable @inline(__always)
func multiplyColumns<B: ValueBlock>(_ block: B.Type, _ job: TileProduct, _ column: Int) {
  let depth = job.depth
  var row = 0
  while row < job.rows {
    let lanes = min(4, job.rows &- row)
    let weights = job.weights + row &* depth
    var source = job.tile + column
    let target = job.destination + row &* job.destinationPitch + column
    if lanes == 4 {
      var sums = FourSums<B>(bias: job.bias.map { $0 + row })
      var step = 0
      while step < depth {
        sums.add(B(at: source), weights + step, depth)
        source += job.tilePitch
        step &+= 1
      }
      sums.first.store(to: target)
      sums.second.store(to: target + job.destinationPitch)
      sums.third.store(to: target + 2 &* job.destinationPitch)
      sums.fourth.store(to: target + 3 &* job.destinationPitch)
      row &+= 4
    } else {
      var sum = B(repeating: job.bias.map { $0[row] } ?? 0)
      var step = 0
      while step < depth {
        sum.add(B(at: source), times: weights[step])
        source += job.tilePitch
        step &+= 1
      }
      sum.store(to: target)
      row &+= 1
    }
  }
}
