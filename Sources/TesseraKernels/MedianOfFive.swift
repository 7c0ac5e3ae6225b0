/// Five vectors in ascending order.
@usableFromInline
struct FiveInOrder<O: OrderedVector> {
  @usableFromInline var first: O
  @usableFromInline var second: O
  @usableFromInline var third: O
  @usableFromInline var fourth: O
  @usableFromInline var fifth: O

  /// Takes five that are in order.
  @inlinable @inline(__always)
  init(_ first: O, _ second: O, _ third: O, _ fourth: O, _ fifth: O) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
    self.fifth = fifth
  }

  /// Five neighbouring values of a row.
  @inlinable @inline(__always)
  init(at row: UnsafePointer<O.Scalar>, step: Int) {
    var (a, b) = (O(at: row), O(at: row + step))
    var (c, d) = (O(at: row + 2 &* step), O(at: row + 3 &* step))
    O.order(&a, &b)
    O.order(&c, &d)
    O.order(&a, &c)
    O.order(&b, &d)
    O.order(&b, &c)
    var rest = O(at: row + 4 &* step)
    first = a.lesser(rest)
    rest = a.greater(rest)
    second = b.lesser(rest)
    rest = b.greater(rest)
    third = c.lesser(rest)
    rest = c.greater(rest)
    fourth = d.lesser(rest)
    fifth = d.greater(rest)
  }
}

/// Medians of windows of 5 × 5 values; rows are at least as wide as a vector.
@inlinable @inline(__always)
func chooseMediansOfFive<O: OrderedVector>(_ vector: O.Type, _ job: WindowRanks<O.Scalar>) {
  var job = job
  // Vectors that cross lines of the cache are slow to store.
  let start = UnsafeMutableRawPointer(job.scratch).alignedUp(toMultipleOf: MemoryLayout<O>.size)
  job.scratch = start.assumingMemoryBound(to: O.Scalar.self)
  var x = 0
  while x < job.width {
    MedianStrip<O>(job, x).make()
    x &+= SmallMedians.vectors &* O.count
  }
}

/// Some neighbouring vectors of every row, and lines of as many that are kept from row to row.
@usableFromInline
struct MedianStrip<O: OrderedVector> {
  @usableFromInline let job: WindowRanks<O.Scalar>
  /// The first column.
  @usableFromInline let first: Int
  /// Values of the result.
  @usableFromInline let length: Int

  @inlinable @inline(__always)
  init(_ job: WindowRanks<O.Scalar>, _ first: Int) {
    self.job = job
    self.first = first
    length = min(SmallMedians.vectors &* O.count, job.width &- first)
  }

  /// Calls a function with the place of every vector in kept lines, and with its column.
  ///
  /// The last one is moved back where the row ends before it.
  @inlinable @inline(__always)
  func forEachVector(_ body: (Int, Int) -> Void) {
    var place = 0
    while place < length {
      body(place, min(first &+ place, job.width &- O.count))
      place &+= O.count
    }
  }

  /// Some values of a kept line.
  @inlinable @inline(__always)
  func line(_ number: Int, _ place: Int) -> UnsafeMutablePointer<O.Scalar> {
    job.scratch + (number &* SmallMedians.vectors &* O.count &+ place)
  }
}

extension MedianStrip {
  /// Medians of 5 × 5 values, two rows at a time.
  ///
  /// Five neighbours of a row are put in order once for the five windows that they belong to, and rows
  /// merge in pairs once for those that both belong to. Two neighbouring windows share two such pairs,
  /// of whose twenty values only six can be the median with five more. Lines 0 to 29 keep six rows, 30
  /// to 49 two pairs.
  @inlinable @inline(__always)
  func make() {
    forEachVector { place, column in
      for row in 0..<4 {
        keep(FiveInOrder(at: job.rows[row] + column, step: job.step), 5 &* row, place)
      }
      mergeFive(keptFive(5, place), keptFive(10, place), 30, place)
    }
    var row = 0
    while row < job.outputRows {
      let next = min(row &+ 1, job.outputRows &- 1)
      let (fifth, sixth) = (job.rows[row &+ 4], job.rows[next &+ 4])
      let (upper, lower) = (job.outputs[row], job.outputs[next])
      // Rows and pairs take turns in their lines.
      let (above, before) = (5 &* (row % 6), 5 &* ((row &+ 3) % 6))
      let (inner, below) = (5 &* ((row &+ 4) % 6), 5 &* ((row &+ 5) % 6))
      let (old, new) = row & 2 == 0 ? (30, 40) : (40, 30)
      forEachVector { place, column in
        let values = FiveInOrder<O>(at: fifth + column, step: job.step)
        keep(values, inner, place)
        mergeFive(keptFive(before, place), values, new, place)
        let middle = MiddleSix(self, old, new, place)
        middle.median(with: keptFive(above, place)).store(to: upper + column)
        if next > row {
          let values = FiveInOrder<O>(at: sixth + column, step: job.step)
          keep(values, below, place)
          middle.median(with: values).store(to: lower + column)
        }
      }
      row &+= 2
    }
  }

  @inlinable @inline(__always)
  func keep(_ values: FiveInOrder<O>, _ number: Int, _ place: Int) {
    values.first.store(to: line(number, place))
    values.second.store(to: line(number &+ 1, place))
    values.third.store(to: line(number &+ 2, place))
    values.fourth.store(to: line(number &+ 3, place))
    values.fifth.store(to: line(number &+ 4, place))
  }

  @inlinable @inline(__always)
  func keptFive(_ number: Int, _ place: Int) -> FiveInOrder<O> {
    FiveInOrder(
      O(at: line(number, place)), O(at: line(number &+ 1, place)), O(at: line(number &+ 2, place)),
      O(at: line(number &+ 3, place)), O(at: line(number &+ 4, place)))
  }

  /// Merges two times five vectors in order and keeps the ten.
  ///
  /// Batcher's odd-even merge: the odd ones and the even ones first, then neighbours.
  @inlinable @inline(__always)
  func mergeFive(_ a: FiveInOrder<O>, _ b: FiveInOrder<O>, _ number: Int, _ place: Int) {
    // First, third and fifth of both: p ≤ q ≤ r ≤ s are the ends, t ≤ u the ones in the middle.
    var (p, q, r, s) = (a.first, b.first, a.fifth, b.fifth)
    O.order(&p, &q)
    O.order(&r, &s)
    O.order(&q, &r)
    var (t, u) = (a.third, b.third)
    O.order(&t, &u)
    O.order(&t, &q)
    O.order(&u, &r)
    // In order now: p t q u r s. Second and fourth of both: w ≤ x ≤ y ≤ z.
    var (w, x, y, z) = (a.second, b.second, a.fourth, b.fourth)
    O.order(&w, &x)
    O.order(&y, &z)
    O.order(&x, &y)
    O.order(&w, &t)
    O.order(&x, &q)
    O.order(&y, &u)
    O.order(&z, &r)
    keep(FiveInOrder(p, w, t, x, q), number, place)
    keep(FiveInOrder(y, u, z, r, s), number &+ 5, place)
  }
}

/// The six of twenty values in the middle, in order.
@usableFromInline
struct MiddleSix<O: OrderedVector> {
  @usableFromInline var low: ThreeInOrder<O>
  @usableFromInline var high: ThreeInOrder<O>

  /// Those of two pairs of rows, ten kept lines each.
  ///
  /// The lesser of the first and the last, of the second and the last but one and so on are the ten
  /// smallest, and rise and fall once: such a sequence halves by comparing values half of it apart.
  @inlinable @inline(__always)
  init(_ strip: MedianStrip<O>, _ first: Int, _ second: Int, _ place: Int) {
    @inline(__always)
    func smaller(_ number: Int) -> O {
      O(at: strip.line(first &+ number, place))
        .lesser(O(at: strip.line(second &+ 9 &- number, place)))
    }
    @inline(__always)
    func larger(_ number: Int) -> O {
      O(at: strip.line(first &+ number, place))
        .greater(O(at: strip.line(second &+ 9 &- number, place)))
    }
    low = ThreeInOrder(
      largestOf: smaller(0).greater(smaller(5)), smaller(1).greater(smaller(6)),
      smaller(2).greater(smaller(7)), smaller(3).greater(smaller(8)),
      smaller(4).greater(smaller(9)))
    high = ThreeInOrder(
      smallestOf: larger(0).lesser(larger(5)), larger(1).lesser(larger(6)),
      larger(2).lesser(larger(7)), larger(3).lesser(larger(8)),
      larger(4).lesser(larger(9)))
  }

  /// The median of the twenty and of five more that are in order.
  @inlinable @inline(__always)
  func median(with row: FiveInOrder<O>) -> O {
    let first = high.high.lesser(high.middle.greater(row.first))
    let second = high.low.greater(row.second).lesser(low.high.greater(row.third))
    let third = low.middle.greater(row.fourth).lesser(low.low.greater(row.fifth))
    return first.lesser(second).lesser(third)
  }
}

extension ThreeInOrder {
  /// The three largest of five.
  @inlinable @inline(__always)
  init(largestOf a: O, _ b: O, _ c: O, _ d: O, _ e: O) {
    var (first, second, third, fourth) = (a, b, c, d)
    O.order(&first, &second)
    O.order(&third, &fourth)
    // The lesser of the two smaller ones has three above it.
    first = first.greater(third)
    O.order(&second, &fourth)
    O.order(&first, &second)
    // Of four, three in order, the smallest goes.
    let fifth = first.greater(e)
    low = second.lesser(fifth)
    let rest = second.greater(fifth)
    middle = rest.lesser(fourth)
    high = rest.greater(fourth)
  }

  /// The three smallest of five.
  @inlinable @inline(__always)
  init(smallestOf a: O, _ b: O, _ c: O, _ d: O, _ e: O) {
    var (first, second, third, fourth) = (a, b, c, d)
    O.order(&first, &second)
    O.order(&third, &fourth)
    // The greater of the two larger ones has three below it.
    second = second.lesser(fourth)
    O.order(&first, &third)
    O.order(&second, &third)
    // Of four, three in order, the largest goes.
    let fifth = third.lesser(e)
    high = second.greater(fifth)
    let rest = second.lesser(fifth)
    low = rest.lesser(first)
    middle = rest.greater(first)
  }
}
