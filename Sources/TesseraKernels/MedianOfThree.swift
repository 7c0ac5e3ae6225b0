/// Three vectors in ascending order.
@usableFromInline
struct ThreeInOrder<O: OrderedVector> {
  @usableFromInline var low: O
  @usableFromInline var middle: O
  @usableFromInline var high: O

  /// Takes three that are in order.
  @inlinable @inline(__always)
  init(_ low: O, _ middle: O, _ high: O) {
    self.low = low
    self.middle = middle
    self.high = high
  }

  /// Three neighbouring values of a row.
  @inlinable @inline(__always)
  init(at row: UnsafePointer<O.Scalar>, step: Int) {
    var (first, second) = (O(at: row), O(at: row + step))
    O.order(&first, &second)
    let third = O(at: row + 2 &* step)
    low = first.lesser(third)
    let rest = first.greater(third)
    middle = second.lesser(rest)
    high = second.greater(rest)
  }

  /// The median of three.
  @inlinable @inline(__always)
  static func median(_ a: O, _ b: O, _ c: O) -> O {
    a.lesser(b).greater(a.greater(b).lesser(c))
  }
}

/// Medians of windows of 3 × 3 values; rows are at least as wide as a vector.
@inlinable @inline(__always)
func chooseMediansOfThree<O: OrderedVector>(_ vector: O.Type, _ job: WindowRanks<O.Scalar>) {
  var row = 0
  while row < job.outputRows {
    let end = min(row &+ MedianOfThree<O>.rows, job.outputRows)
    var x = 0
    while x < job.width {
      // The last vector is moved back where rows end before it.
      MedianOfThree<O>(job, min(x, job.width &- O.count)).make(row, end)
      x &+= O.count
    }
    row = end
  }
}

/// The medians of one vector of columns.
@usableFromInline
struct MedianOfThree<O: OrderedVector> {
  /// Rows that are made together; the two before them are put in order once more.
  @inlinable @inline(__always)
  static var rows: Int { 8 }

  @usableFromInline let job: WindowRanks<O.Scalar>
  @usableFromInline let column: Int

  @inlinable @inline(__always)
  init(_ job: WindowRanks<O.Scalar>, _ column: Int) {
    self.job = job
    self.column = column
  }

  /// Makes some rows, two at a time.
  ///
  /// Three neighbours of a row are put in order once for the three windows that they belong to. The
  /// median is that of three: the largest of the smallest, the median of the middle ones, the smallest
  /// of the largest; and two neighbouring windows share two rows. What is in order stays in registers
  /// on the way down.
  @inlinable @inline(__always)
  func make(_ first: Int, _ end: Int) {
    var (a, b) = (inOrder(first), inOrder(first &+ 1))
    var row = first
    while row < end {
      let next = min(row &+ 1, end &- 1)
      let (c, d) = (inOrder(row &+ 2), inOrder(next &+ 2))
      var (middle, other) = (b.middle, c.middle)
      O.order(&middle, &other)
      let shared = ThreeInOrder(b.low.greater(c.low), middle, b.high.lesser(c.high))
      median(of: shared, other, and: a).store(to: job.outputs[row] + column)
      if next > row { median(of: shared, other, and: d).store(to: job.outputs[next] + column) }
      (a, b) = (c, d)
      row &+= 2
    }
  }

  @inlinable @inline(__always)
  func inOrder(_ row: Int) -> ThreeInOrder<O> {
    ThreeInOrder(at: job.rows[row] + column, step: job.step)
  }

  /// The median of three rows, two of which came together: `shared.middle` and `other` are their
  /// middle ones in order.
  @inlinable @inline(__always)
  func median(of shared: ThreeInOrder<O>, _ other: O, and row: ThreeInOrder<O>) -> O {
    ThreeInOrder.median(
      shared.low.greater(row.low), row.middle.greater(shared.middle).lesser(other),
      shared.high.lesser(row.high))
  }
}
