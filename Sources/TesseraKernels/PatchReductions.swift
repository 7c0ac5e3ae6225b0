/// What becomes of the values of a patch, or of a channel of one.
public enum PatchReduction: Sendable {
  /// Their mean.
  case mean
  /// Their deviation from it, that of a population.
  case deviation
  /// The largest; NaN where one is.
  case greatest
  /// The smallest; NaN where one is.
  case least
}

/// Makes one value of each group of rows of every patch; sums are in double precision.
///
/// - Parameters:
///   - variant: the instruction set.
///   - patches: the tile; its groups become rows.
///   - reduction: what is made.
///   - destination: where the rows go, as far apart as those of the tile.
@inlinable @inline(__always)
func reducePatches<V: Variant>(
  _ variant: V.Type, _ patches: TilePatches, _ reduction: PatchReduction,
  _ destination: UnsafeMutablePointer<Float>
) {
  let count = patches.rowCount / patches.groups
  for group in 0..<patches.groups {
    let first = patches.tile + group &* count &* patches.pitch
    let target = destination + group &* patches.pitch
    switch reduction {
    case .mean, .deviation:
      reduceBySums(first, count, patches.pitch, reduction, target)
    case .greatest:
      reduceByKeys(first, count, patches.pitch, target) {
        key(of: $0)
      } choose: {
        max($0, $1)
      }
    case .least:
      // Here NaN comes first.
      reduceByKeys(first, count, patches.pitch, target) {
        $0.isNaN ? Int32.min : key(of: $0)
      } choose: {
        min($0, $1)
      }
    }
  }
}

/// Means or deviations of the values below each other.
@inlinable @inline(__always)
func reduceBySums(
  _ first: UnsafePointer<Float>, _ count: Int, _ pitch: Int, _ reduction: PatchReduction,
  _ target: UnsafeMutablePointer<Float>
) {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 128) { buffer in
    let (means, squares) = (buffer.first, buffer.first + 64)
    var lane = 0
    while lane < pitch {
      let length = min(64, pitch &- lane)
      means.update(repeating: 0, count: length)
      for row in 0..<count {
        let values = first + (row &* pitch &+ lane)
        for index in 0..<length { means[index] += Double(values[index]) }
      }
      for index in 0..<length { means[index] /= Double(count) }
      if case .deviation = reduction {
        squares.update(repeating: 0, count: length)
        for row in 0..<count {
          let values = first + (row &* pitch &+ lane)
          for index in 0..<length {
            let difference = Double(values[index]) - means[index]
            squares[index] += difference * difference
          }
        }
        for index in 0..<length { means[index] = (squares[index] / Double(count)).squareRoot() }
      }
      for index in 0..<length { target[lane &+ index] = Float(means[index]) }
      lane &+= 64
    }
  }
}

/// The values below each other whose key is chosen.
@inlinable @inline(__always)
func reduceByKeys(
  _ first: UnsafePointer<Float>, _ count: Int, _ pitch: Int,
  _ target: UnsafeMutablePointer<Float>, key: (Float) -> Int32, choose: (Int32, Int32) -> Int32
) {
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: 64) { buffer in
    let keys = buffer.first
    var lane = 0
    while lane < pitch {
      let length = min(64, pitch &- lane)
      for index in 0..<length { keys[index] = key(first[lane &+ index]) }
      for row in 1..<max(count, 1) {
        let values = first + (row &* pitch &+ lane)
        for index in 0..<length { keys[index] = choose(keys[index], key(values[index])) }
      }
      for index in 0..<length { target[lane &+ index] = value(of: keys[index]) }
      lane &+= 64
    }
  }
}

/// Brings values into an interval, in place if wished; NaN stays.
@inlinable @inline(__always)
func clampRow<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ lower: Float, _ upper: Float,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  inChunks(destination, count) { chunk, first, length in
    let values = source + first
    var x = 0
    while x < length {
      let value = values[x]
      let risen = value < lower ? lower : value
      chunk[x] = risen > upper ? upper : risen
      x &+= 1
    }
  }
}
