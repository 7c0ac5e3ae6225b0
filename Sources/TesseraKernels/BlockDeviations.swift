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
/// each block's mean above its columns, and a row of sums of squares.
@inlinable @inline(__always)
func deviate<V: Variant>(
  _ variant: V.Type, _ job: BlockStatistics, _ factors: UnsafeMutablePointer<Float>
) {
  let (origin, span) = (job.starts[0], job.span)
  let (sums, means) = (job.scratch, job.scratch + span)
  means.update(repeating: 0, count: span)
  for phase in 0..<min(job.overlap, job.blockCount) {
    var block = phase
    while block < job.blockCount {
      let target = means + (job.starts[block] &- origin)
      for column in 0..<job.extent { target[column] = job.means[block] }
      block &+= job.overlap
    }
    sweep(
      variant, span,
      wide: { squares(V.Wide.self, job, origin &+ $0, .init(at: means + $0)).store(to: sums + $0) },
      vector: {
        squares(Single<V>.self, job, origin &+ $0, .init(at: means + $0)).store(to: sums + $0)
      },
      lone: {
        squares(Lone<V>.self, job, origin &+ $0, .init(at: means + $0)).store(to: sums + $0)
      })
    block = phase
    while block < job.blockCount {
      let total = Lone<V>(
        repeating: sum(variant, sums + (job.starts[block] &- origin), job))
      factors[block] = inverseDeviation(total, job.rowCount &* job.kernelWidth).value
      block &+= job.overlap
    }
  }
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
func inverseDeviation<B: ValueBlock>(_ squares: B, _ count: Int) -> B {
  let variance = squares / B(repeating: Float(max(count &- 1, 1)))
  return B(repeating: 1) / (variance + B(repeating: 1e-6)).squareRoot()
}
