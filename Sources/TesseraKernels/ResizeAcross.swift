/// One pass of a resize across rows: one row of weighted sums of rows.
///
/// Sums run over rows in their order.
public struct ResizeAcross<E: ResizedElement> {
  /// `count` pointers to rows of `width` values; there is room for at least four vectors in each.
  public var rows: UnsafePointer<UnsafePointer<E>>
  /// One weight for each row.
  public var weights: UnsafePointer<E.Weight>
  /// Number of rows that are summed.
  public var count: Int
  /// The row that is made, with as much room.
  public var output: UnsafeMutablePointer<E>
  /// Values of a row.
  public var width: Int

  /// Describes one row of a pass across rows.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, weights: UnsafePointer<E.Weight>, count: Int,
    output: UnsafeMutablePointer<E>, width: Int
  ) {
    self.rows = rows
    self.weights = weights
    self.count = count
    self.output = output
    self.width = width
  }
}

/// Resizes to one row.
@inlinable @inline(__always)
func resizeAcross<V: Variant, E: ResizedElement>(_ variant: V.Type, _ job: ResizeAcross<E>) {
  let lanes = E.resizedLanes
  let block = 2 &* lanes
  var position = 0
  while position < job.width {
    // The last block is moved back to end with the row.
    let place = max(min(position, job.width &- block), 0)
    var (first, second) = (E.firstSums, E.firstSums)
    var row = 0
    while row < job.count {
      let weight = job.weights[row]
      let values = job.rows[row] + place
      E.add(values, times: weight, to: &first)
      E.add(values + lanes, times: weight, to: &second)
      row &+= 1
    }
    E.store(first, to: job.output + place)
    E.store(second, to: job.output + (place &+ lanes))
    position &+= block
  }
}
