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

extension MedianStrip {
  /// Medians of 3 × 3 values, two rows at a time.
  ///
  /// Three neighbours of a row are put in order once for the three windows that they belong to. The
  /// median is that of three: the largest of the smallest, the median of the middle ones, the smallest
  /// of the largest; and two neighbouring windows share two rows.
  @inlinable @inline(__always)
  func makeThree() {
    forEachVector { place, column in
      keep(ThreeInOrder(at: job.rows[0] + column, step: job.step), 0, place)
      keep(ThreeInOrder(at: job.rows[1] + column, step: job.step), 3, place)
    }
    var row = 0
    while row < job.outputRows {
      let next = min(row &+ 1, job.outputRows &- 1)
      let (third, fourth) = (job.rows[row &+ 2], job.rows[next &+ 2])
      let (upper, lower) = (job.outputs[row], job.outputs[next])
      forEachVector { place, column in
        let a = kept(0, place)
        let b = kept(3, place)
        let c = ThreeInOrder<O>(at: third + column, step: job.step)
        let d = ThreeInOrder<O>(at: fourth + column, step: job.step)
        var (middle, other) = (b.middle, c.middle)
        O.order(&middle, &other)
        let shared = ThreeInOrder(b.low.greater(c.low), middle, b.high.lesser(c.high))
        median(of: shared, other, and: a).store(to: upper + column)
        keep(c, 0, place)
        keep(d, 3, place)
        if next > row { median(of: shared, other, and: d).store(to: lower + column) }
      }
      row &+= 2
    }
  }

  /// The median of three rows, two of which came together: `shared.middle` and `other` are their
  /// middle ones in order.
  @inlinable @inline(__always)
  func median(of shared: ThreeInOrder<O>, _ other: O, and row: ThreeInOrder<O>) -> O {
    ThreeInOrder.median(
      shared.low.greater(row.low), row.middle.greater(shared.middle).lesser(other),
      shared.high.lesser(row.high))
  }

  @inlinable @inline(__always)
  func keep(_ values: ThreeInOrder<O>, _ number: Int, _ place: Int) {
    values.low.store(to: line(number, place))
    values.middle.store(to: line(number &+ 1, place))
    values.high.store(to: line(number &+ 2, place))
  }

  @inlinable @inline(__always)
  func kept(_ number: Int, _ place: Int) -> ThreeInOrder<O> {
    ThreeInOrder(
      O(at: line(number, place)), O(at: line(number &+ 1, place)), O(at: line(number &+ 2, place)))
  }
}
