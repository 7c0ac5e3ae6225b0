/// Covers `0..<count` values of interleaved pixels with vectors; `count` is at least a vector's.
///
/// Constants stay in registers where channels fall on the same lanes again after one vector or three:
/// pixels of 1, 2, 3 and 4 channels.
///
/// - Parameters:
///   - variant: the instruction set.
///   - count: values.
///   - channels: values of a pixel.
///   - phase: the channel of the first value.
///   - constants: reads the constants of a vector whose first value belongs to a channel.
///   - vector: computes the vector at a position.
///   - last: computes the vector that ends at `count`, given how many of its values were computed
///     already.
@inlinable @inline(__always)
func sweepPixels<V: Variant, Constants>(
  _ variant: V.Type, _ count: Int, channels: Int, phase: Int, constants: (Int) -> Constants,
  vector: (Constants, Int) -> Void, last: (Constants, Int, Int) -> Void
) {
  let lanes = V.Vector.scalarCount
  var x = 0
  if lanes % channels == 0 {
    let only = constants(phase)
    while x &+ lanes <= count {
      vector(only, x)
      x &+= lanes
    }
  } else if channels == 3 {
    let first = constants(phase)
    let second = constants((phase &+ lanes) % 3)
    let third = constants((phase &+ 2 &* lanes) % 3)
    while x &+ 3 &* lanes <= count {
      vector(first, x)
      vector(second, x &+ lanes)
      vector(third, x &+ 2 &* lanes)
      x &+= 3 &* lanes
    }
  }
  while x &+ lanes <= count {
    vector(constants((phase &+ x) % channels), x)
    x &+= lanes
  }
  if x < count {
    let start = count &- lanes
    last(constants((phase &+ start) % channels), start, x &- start)
  }
}
