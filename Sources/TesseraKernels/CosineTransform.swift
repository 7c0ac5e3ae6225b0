/// The patches of a tile and the bases of their orthonormal cosine transform (DCT-II) along both axes.
public struct CosinePatches {
  /// The first patch's first value; row `d` starts `d · pitch` further, in the order c, i, j.
  ///
  /// Changed in place.
  public var tile: UnsafeMutablePointer<Float>
  /// Values in a row of the tile, and from one row to the next.
  public var pitch: Int
  /// Channels that are transformed, each by itself.
  public var channels: Int
  /// Rows of a patch.
  public var height: Int
  /// Columns of a patch.
  public var width: Int
  /// `height` × `height`: row k holds coefficient k of every place.
  public var rowBasis: UnsafePointer<Float>
  /// `width` × `width`, alike.
  public var columnBasis: UnsafePointer<Float>
  /// `scratchCount` values.
  public var scratch: UnsafeMutablePointer<Float>

  /// Describes the patches of a tile.
  public init(
    tile: UnsafeMutablePointer<Float>, pitch: Int, channels: Int, height: Int, width: Int,
    rowBasis: UnsafePointer<Float>, columnBasis: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.tile = tile
    self.pitch = pitch
    self.channels = channels
    self.height = height
    self.width = width
    self.rowBasis = rowBasis
    self.columnBasis = columnBasis
    self.scratch = scratch
  }

  /// Values of working memory for patches of a size, given the lanes of a vector.
  public static func scratchCount(channels: Int, height: Int, width: Int, lanes: Int) -> Int {
    (channels * height * width + 2 * max(height, width)) * lanes
  }

  /// Calls a function for every block of lanes, given its first value.
  @inlinable @inline(__always)
  func forEachBlock<V: Variant>(
    _ variant: V.Type, vector: (UnsafeMutablePointer<Float>, Int) -> Void,
    lone: (UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    var lane = 0
    while lane &+ V.Vector.scalarCount <= pitch {
      vector(tile + lane, lane)
      lane &+= V.Vector.scalarCount
    }
    while lane < pitch {
      lone(tile + lane, lane)
      lane &+= 1
    }
  }
}

/// One line of one block of lanes: values on one side, coefficients on the other.
@usableFromInline
struct CosineLine {
  @usableFromInline var source: UnsafePointer<Float>
  @usableFromInline var sourcePitch: Int
  @usableFromInline var destination: UnsafeMutablePointer<Float>
  @usableFromInline var destinationPitch: Int
  @usableFromInline var count: Int
  @usableFromInline var basis: UnsafePointer<Float>
  /// Two lines of working memory.
  @usableFromInline var halves: UnsafeMutablePointer<Float>

  @inlinable @inline(__always)
  init(
    _ source: UnsafePointer<Float>, _ sourcePitch: Int,
    to destination: UnsafeMutablePointer<Float>, _ destinationPitch: Int, count: Int,
    basis: UnsafePointer<Float>, halves: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.sourcePitch = sourcePitch
    self.destination = destination
    self.destinationPitch = destinationPitch
    self.count = count
    self.basis = basis
    self.halves = halves
  }
}

// Basis vectors are even or odd about the middle, by turns: sums of mirrored places meet the even ones,
// their differences the odd ones, which halves the products.

/// Values to coefficients; source and destination may be the same line.
@inlinable @inline(__always)
func analyse<B: ValueBlock>(_ block: B.Type, _ line: CosineLine) {
  let (count, lanes) = (line.count, B.count)
  let (low, high) = (count / 2, (count &+ 1) / 2)
  let differences = line.halves + high &* lanes
  var place = 0
  while place < low {
    let first = B(at: line.source + place &* line.sourcePitch)
    let last = B(at: line.source + (count &- 1 &- place) &* line.sourcePitch)
    (first + last).store(to: line.halves + place &* lanes)
    (first - last).store(to: differences + place &* lanes)
    place &+= 1
  }
  if low < high {
    B(at: line.source + low &* line.sourcePitch).store(to: line.halves + low &* lanes)
  }
  project(block, line, from: line.halves, terms: high, parity: 0)
  project(block, line, from: differences, terms: low, parity: 1)
}

/// Every other coefficient of a line, from its sums or differences.
@inlinable @inline(__always)
func project<B: ValueBlock>(
  _ block: B.Type, _ line: CosineLine, from values: UnsafeMutablePointer<Float>, terms: Int,
  parity: Int
) {
  let pitch = line.count
  var k = parity
  while k &+ 6 < line.count {
    var sums = FourSums<B>(repeating: 0)
    var weights = line.basis + k &* pitch
    var term = 0
    while term < terms {
      sums.add(B(at: values + term &* B.count), weights, 2 &* pitch)
      weights += 1
      term &+= 1
    }
    sums.store(
      to: line.destination + k &* line.destinationPitch, 2 &* line.destinationPitch)
    k &+= 8
  }
  while k < line.count {
    var sum = B(repeating: 0)
    let weights = line.basis + k &* pitch
    var term = 0
    while term < terms {
      sum.add(B(at: values + term &* B.count), times: weights[term])
      term &+= 1
    }
    sum.store(to: line.destination + k &* line.destinationPitch)
    k &+= 2
  }
}

/// Coefficients to values; source and destination may be the same line.
@inlinable @inline(__always)
func synthesize<B: ValueBlock>(_ block: B.Type, _ line: CosineLine) {
  let (count, lanes) = (line.count, B.count)
  var place = 0
  while place < count {
    B(at: line.source + place &* line.sourcePitch).store(to: line.halves + place &* lanes)
    place &+= 1
  }
  let (low, high) = (count / 2, (count &+ 1) / 2)
  place = 0
  while place &+ 4 <= low {
    let even = expandFour(block, line, place, parity: 0)
    let odd = expandFour(block, line, place, parity: 1)
    put(line, place, even.first, odd.first)
    put(line, place &+ 1, even.second, odd.second)
    put(line, place &+ 2, even.third, odd.third)
    put(line, place &+ 3, even.fourth, odd.fourth)
    place &+= 4
  }
  while place < high {
    let even = expand(block, line, place, parity: 0)
    let odd = expand(block, line, place, parity: 1)
    if place < low {
      put(line, place, even, odd)
    } else {
      even.store(to: line.destination + place &* line.destinationPitch)
    }
    place &+= 1
  }
}

/// Writes a place of a line and the one that mirrors it.
@inlinable @inline(__always)
func put<B: ValueBlock>(_ line: CosineLine, _ place: Int, _ even: B, _ odd: B) {
  (even + odd).store(to: line.destination + place &* line.destinationPitch)
  (even - odd).store(
    to: line.destination + (line.count &- 1 &- place) &* line.destinationPitch)
}

/// The share of every other coefficient in four places.
@inlinable @inline(__always)
func expandFour<B: ValueBlock>(_ block: B.Type, _ line: CosineLine, _ place: Int, parity: Int)
  -> FourSums<B>
{
  var sums = FourSums<B>(repeating: 0)
  var k = parity
  while k < line.count {
    sums.add(B(at: line.halves + k &* B.count), line.basis + (k &* line.count &+ place), 1)
    k &+= 2
  }
  return sums
}

/// The share of every other coefficient in one place.
@inlinable @inline(__always)
func expand<B: ValueBlock>(_ block: B.Type, _ line: CosineLine, _ place: Int, parity: Int) -> B {
  var sum = B(repeating: 0)
  var k = parity
  while k < line.count {
    sum.add(B(at: line.halves + k &* B.count), times: line.basis[k &* line.count &+ place])
    k &+= 2
  }
  return sum
}
