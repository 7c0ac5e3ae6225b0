/// The inverse deviations of blocks that are one column apart, one lane per block.
@inlinable @inline(__always)
func deviateDense<B: ValueBlock>(
  _ block: B.Type, _ job: BlockStatistics, _ first: Int, _ factors: UnsafeMutablePointer<Float>
) {
  let mean = B(at: job.means + first)
  let start = job.starts[0] &+ first
  var total = B(repeating: 0)
  var column = 0
  while column < job.kernelWidth {
    let squares = squares(block, job, start &+ column &* job.dilation, mean)
    total = total + squares
    column &+= 1
  }
  inverseDeviation(total, job.rowCount &* job.kernelWidth).store(to: factors + first)
}

/// The inverse deviations of blocks anywhere, one lane per column.
///
/// Blocks that share no column are worked on together: a row of means as wide as the image, with
/// each block's mean above its columns, and a row of sums of squares. Two such sets at a time read
/// the image once for both.
@inlinable @inline(__always)
func deviate<V: Variant>(
  _ variant: V.Type, _ job: BlockStatistics, _ factors: UnsafeMutablePointer<Float>
) {
  let (origin, span) = (job.starts[0], job.span)
  let means = job.scratch + 2 &* span
  means.update(repeating: 0, count: 2 &* span)
  let sets = min(job.overlap, job.blockCount)
  var set = 0
  while set < sets {
    layMeans(variant, job, set, means)
    if set &+ 1 < sets {
      layMeans(variant, job, set &+ 1, means + span)
      sweep(
        variant, span,
        wide: { addSquares(V.Wide.self, job, origin, $0, means) },
        vector: { addSquares(Single<V>.self, job, origin, $0, means) },
        lone: { addSquares(Lone<V>.self, job, origin, $0, means) })
      invertDeviations(variant, job, set &+ 1, job.scratch + span, factors)
    } else {
      sweep(
        variant, span,
        wide: { squares(V.Wide.self, job, origin, $0, means).store(to: job.scratch + $0) },
        vector: { squares(Single<V>.self, job, origin, $0, means).store(to: job.scratch + $0) },
        lone: { squares(Lone<V>.self, job, origin, $0, means).store(to: job.scratch + $0) })
    }
    invertDeviations(variant, job, set, job.scratch, factors)
    set &+= 2
  }
}

/// Writes the mean of each block of a set above the block's columns.
@inlinable @inline(__always)
func layMeans<V: Variant>(
  _ variant: V.Type, _ job: BlockStatistics, _ set: Int, _ line: UnsafeMutablePointer<Float>
) {
  let extent = job.extent
  var block = set
  while block < job.blockCount {
    let target = line + (job.starts[block] &- job.starts[0])
    let mean = job.means[block]
    var column = 0
    while column < extent {
      target[column] = mean
      column &+= 1
    }
    block &+= job.overlap
  }
}

/// The inverse deviations of the blocks of a set, from sums of squares per column.
@inlinable @inline(__always)
func invertDeviations<V: Variant>(
  _ variant: V.Type, _ job: BlockStatistics, _ set: Int, _ sums: UnsafePointer<Float>,
  _ factors: UnsafeMutablePointer<Float>
) {
  var block = set
  while block < job.blockCount {
    let columns = sums + (job.starts[block] &- job.starts[0])
    let squares = Lone<V>(repeating: sum(variant, columns, job))
    factors[block] = inverseDeviation(squares, job.rowCount &* job.kernelWidth).value
    block &+= job.overlap
  }
}

/// Two rows of sums of squared distances from two rows of means, `x` columns after the first block's
/// first.
@inlinable @inline(__always)
func addSquares<B: ValueBlock>(
  _ block: B.Type, _ job: BlockStatistics, _ origin: Int, _ x: Int, _ means: UnsafePointer<Float>
) {
  let span = job.span
  let (first, second) = (B(at: means + x), B(at: means + (span &+ x)))
  var (firstSquares, secondSquares) = (B(repeating: 0), B(repeating: 0))
  var row = 0
  while row < job.rowCount {
    let values = B(at: job.rows[row] + (origin &+ x))
    let (one, other) = (values - first, values - second)
    firstSquares.add(one, times: one)
    secondSquares.add(other, times: other)
    row &+= 1
  }
  firstSquares.store(to: job.scratch + x)
  secondSquares.store(to: job.scratch + (span &+ x))
}

/// One row of such sums.
@inlinable @inline(__always)
func squares<B: ValueBlock>(
  _ block: B.Type, _ job: BlockStatistics, _ origin: Int, _ x: Int, _ means: UnsafePointer<Float>
) -> B {
  squares(block, job, origin &+ x, B(at: means + x))
}

/// The sum over all rows of the squared distance from some means, from a column on.
@inlinable @inline(__always)
func squares<B: ValueBlock>(_ block: B.Type, _ job: BlockStatistics, _ x: Int, _ mean: B) -> B {
  var squares = B(repeating: 0)
  var row = 0
  while row < job.rowCount {
    let difference = B(at: job.rows[row] + x) - mean
    squares.add(difference, times: difference)
    row &+= 1
  }
  return squares
}

/// 1 / √(variance + 1e-6), the variance over n − 1 values; that of a single value is 0.
@inlinable @inline(__always)
func inverseDeviation<B: ValueBlock>(_ squares: B, _ count: Int, _ epsilon: Float = 1e-6) -> B {
  let variance = squares / B(repeating: Float(max(count &- 1, 1)))
  return B(repeating: 1) / (variance + B(repeating: epsilon)).squareRoot()
}
