/// The statistics of every block of one row of blocks, straight from image rows.
///
/// Values are added column by column of the window, each column from its first row down, and then
/// the columns from left to right: `TilePatches` adds in that order too, so a mean has the same bits
/// wherever it is computed. Sums of columns are shared by all blocks above them.
public struct BlockStatistics {
  /// For each channel of a group and window row, in the order c·kH + i, the image row under it;
  /// `rowCount` pointers.
  public var rows: UnsafePointer<UnsafePointer<Float>>
  /// Channels of a group × kernel height.
  public var rowCount: Int
  /// The first column of each block, ascending, relative to the row pointers.
  public var starts: UnsafePointer<Int>
  /// Blocks.
  public var blockCount: Int
  /// Columns of the window.
  public var kernelWidth: Int
  /// Distance between neighbouring columns of the window.
  public var dilation: Int
  /// How many blocks apart two blocks share no column, not even between their own columns.
  public var overlap: Int
  /// Where the means go: `blockCount` values.
  public var means: UnsafeMutablePointer<Float>
  /// Where 1 / √(variance + 1e-6) goes: `blockCount` values; `nil` where nobody asks.
  public var factors: UnsafeMutablePointer<Float>?
  /// Working memory: four times as many values as there are columns from the first block's first to
  /// the last block's last.
  public var scratch: UnsafeMutablePointer<Float>

  /// Describes a row of blocks.
  public init(
    rows: UnsafePointer<UnsafePointer<Float>>, rowCount: Int, starts: UnsafePointer<Int>,
    blockCount: Int, kernelWidth: Int, dilation: Int, overlap: Int,
    means: UnsafeMutablePointer<Float>, factors: UnsafeMutablePointer<Float>?,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.kernelWidth = kernelWidth
    self.dilation = dilation
    self.overlap = overlap
    self.means = means
    self.factors = factors
    self.scratch = scratch
  }

  /// Whether each block starts one column after the one before it.
  @inlinable @inline(__always)
  var isDense: Bool { starts[blockCount &- 1] &- starts[0] == blockCount &- 1 }

  /// Columns from one block's first to its last.
  @inlinable @inline(__always)
  var extent: Int { dilation &* (kernelWidth &- 1) &+ 1 }

  /// Columns from the first block's first to the last block's last.
  @inlinable @inline(__always)
  var span: Int { starts[blockCount &- 1] &- starts[0] &+ extent }
}

/// Computes the mean of every block and, if asked for, the inverse of its deviation.
@inlinable @inline(__always)
func blockStatistics<V: Variant>(_ variant: V.Type, _ job: BlockStatistics) {
  addColumns(variant, job)
  let count = Float(job.rowCount &* job.kernelWidth)
  let isDense = job.isDense && job.blockCount >= V.Vector.scalarCount
  if isDense {
    sweep(
      variant, job.blockCount,
      wide: { meanOfColumns(V.Wide.self, job, $0, count) },
      vector: { meanOfColumns(Single<V>.self, job, $0, count) },
      lone: { meanOfColumns(Lone<V>.self, job, $0, count) })
  } else {
    for block in 0..<job.blockCount {
      let sums = job.scratch + (job.starts[block] &- job.starts[0])
      job.means[block] = sum(variant, sums, job) / count
    }
  }
  guard let factors = job.factors else { return }
  if isDense {
    sweep(
      variant, job.blockCount,
      wide: { deviateDense(V.Wide.self, job, $0, factors) },
      vector: { deviateDense(Single<V>.self, job, $0, factors) },
      lone: { deviateDense(Lone<V>.self, job, $0, factors) })
  } else {
    deviate(variant, job, factors)
  }
}

/// Adds all rows to one row of sums, as wide as the blocks reach.
///
/// A few rows at a time, not all: the processor prefetches some rows, not dozens.
@inlinable @inline(__always)
func addColumns<V: Variant>(_ variant: V.Type, _ job: BlockStatistics) {
  let (start, span, sums) = (job.starts[0], job.span, job.scratch)
  var row = 0
  while row < job.rowCount {
    let end = min(row &+ 8, job.rowCount)
    let rows = row..<end
    var x = 0
    while x &+ V.Wide.count <= span {
      addRows(V.Wide.self, job.rows, rows, start &+ x, sums + x)
      x &+= V.Wide.count
    }
    while x &+ V.Vector.scalarCount <= span {
      addRows(Single<V>.self, job.rows, rows, start &+ x, sums + x)
      x &+= V.Vector.scalarCount
    }
    while x < span {
      addRows(Lone<V>.self, job.rows, rows, start &+ x, sums + x)
      x &+= 1
    }
    row = end
  }
}

/// Adds a block of some rows to their sums, which begin with the first row of all.
@inlinable @inline(__always)
func addRows<B: ValueBlock>(
  _ block: B.Type, _ rows: UnsafePointer<UnsafePointer<Float>>, _ range: Range<Int>, _ x: Int,
  _ sums: UnsafeMutablePointer<Float>
) {
  var sum = range.lowerBound == 0 ? B(repeating: 0) : B(at: sums)
  var row = range.lowerBound
  while row < range.upperBound {
    sum = sum + B(at: rows[row] + x)
    row &+= 1
  }
  sum.store(to: sums)
}

/// The sum of what lies under the columns of one block.
@inlinable @inline(__always)
func sum<V: Variant>(
  _ variant: V.Type, _ columns: UnsafePointer<Float>, _ job: BlockStatistics
) -> Float {
  var (sum, column, source): (Float, Int, UnsafePointer<Float>) = (0, 0, columns)
  while column < job.kernelWidth {
    sum = sum + source.pointee
    source += job.dilation
    column &+= 1
  }
  return sum
}

/// The means of blocks that are one column apart.
@inlinable @inline(__always)
func meanOfColumns<B: ValueBlock>(
  _ block: B.Type, _ job: BlockStatistics, _ first: Int, _ count: Float
) {
  var sum = B(repeating: 0)
  var column = 0
  while column < job.kernelWidth {
    sum = sum + B(at: job.scratch + (first &+ column &* job.dilation))
    column &+= 1
  }
  (sum / B(repeating: count)).store(to: job.means + first)
}
