/// Covers `0..<width` with blocks and calls the function of the widest block that fits.
///
/// The last block is moved back to end at `width` and computes some values a second time, which is
/// cheaper than a tail of narrow blocks and gives the same bits. So the functions must write values
/// that do not depend on what the destination held.
@inlinable @inline(__always)
func sweep<V: Variant>(
  _ variant: V.Type, _ width: Int, wide: (Int) -> Void, vector: (Int) -> Void,
  lone: (Int) -> Void
) {
  var position = 0
  if width >= V.Wide.count {
    while position < width {
      wide(min(position, width &- V.Wide.count))
      position &+= V.Wide.count
    }
  } else if width >= V.Vector.scalarCount {
    while position < width {
      vector(min(position, width &- V.Vector.scalarCount))
      position &+= V.Vector.scalarCount
    }
  } else {
    while position < width {
      lone(position)
      position &+= 1
    }
  }
}
