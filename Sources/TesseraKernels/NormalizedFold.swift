/// One image row of the fold of blocks from which their means were taken.
///
/// A pixel gives value − mean, or (value − mean) · factor, to its sum for every block that covers
/// it, in ascending order of blocks; the sum is then divided by coverage. Patches are not needed for
/// that: each value of a block is the pixel itself, with the block's statistics.
///
/// The statistics of a row of blocks are a line in memory. Its values for the m-th of the blocks
/// that cover column x, counted from the left, lie at `offsets[m] + x`.
public struct NormalizedFold {
  /// The image row.
  public var source: UnsafePointer<Float>
  /// For each row of blocks that covers the image row, in ascending order, its line of means.
  public var means: UnsafePointer<UnsafePointer<Float>>
  /// Rows of blocks that cover the image row.
  public var blockRows: Int
  /// Values from a line of means to the same blocks' factors; `nil` without factors.
  public var factorDistance: Int?
  /// Where in a line the first, second, … block of each column begins; `overlap` numbers.
  public var offsets: UnsafePointer<Int>
  /// Blocks of one row of blocks on one column, at most.
  public var overlap: Int
  /// A line that is 0 where a column has fewer than `overlap` blocks.
  public var presence: UnsafePointer<Float>
  /// Columns that all have `overlap` blocks.
  public var full: Range<Int>
  /// How the sums are divided, and where they go: `destination` is other memory than `source`.
  public var divisor: FoldDivisor
  /// Columns of the image.
  public var width: Int

  /// Describes an image row.
  public init(
    source: UnsafePointer<Float>, means: UnsafePointer<UnsafePointer<Float>>, blockRows: Int,
    factorDistance: Int?, offsets: UnsafePointer<Int>, overlap: Int,
    presence: UnsafePointer<Float>, full: Range<Int>, divisor: FoldDivisor, width: Int
  ) {
    self.source = source
    self.means = means
    self.blockRows = blockRows
    self.factorDistance = factorDistance
    self.offsets = offsets
    self.overlap = overlap
    self.presence = presence
    self.full = full
    self.divisor = divisor
    self.width = width
  }
}

/// How the sums of one image row are divided.
public struct FoldDivisor {
  /// How many rows of blocks cover the row, or its inverse.
  public var row: Float
  /// How many blocks of a row of blocks cover each column, or the inverse of that.
  public var columns: UnsafePointer<Float>
  /// Whether `row` and `columns` are inverses: where all counts are powers of two, multiplying gives
  /// the quotient's bits in a fraction of the time.
  public var isInverse: Bool
  /// Where the quotients go.
  public var destination: UnsafeMutablePointer<Float>

  /// Describes a division.
  public init(
    row: Float, columns: UnsafePointer<Float>, isInverse: Bool,
    destination: UnsafeMutablePointer<Float>
  ) {
    self.row = row
    self.columns = columns
    self.isInverse = isInverse
    self.destination = destination
  }

  /// Divides the sums of some columns; where nothing was counted the result is 0.
  @inlinable @inline(__always)
  func write<B: ValueBlock>(_ sums: B, _ x: Int) {
    let count = B(repeating: row) * B(at: columns + x)
    if isInverse {
      (sums * count).store(to: destination + x)
    } else {
      (sums / count).replacingWithZero(where: count).store(to: destination + x)
    }
  }
}

/// Lays values of blocks out in a line: `places` says whose value stands where.
@inlinable @inline(__always)
func spread<V: Variant>(
  _ variant: V.Type, _ values: UnsafePointer<Float>, _ places: UnsafePointer<Int32>,
  _ line: UnsafeMutablePointer<Float>, _ count: Int
) {
  var index = 0
  while index < count {
    line[index] = values[Int(places[index])]
    index &+= 1
  }
}

/// Folds one image row.
@inlinable @inline(__always)
func foldNormalized<V: Variant>(_ variant: V.Type, _ row: NormalizedFold) {
  if let distance = row.factorDistance {
    fold(
      variant, row,
      { foldBlock(Joined<V.Wide, V.Wide>.self, row, $0) { ($0 - $1) * .init(at: $2 + distance) } },
      { foldBlock(Single<V>.self, row, $0) { ($0 - $1) * .init(at: $2 + distance) } },
      { foldMasked(Single<V>.self, row, $0) { ($0 - $1) * .init(at: $2 + distance) } },
      { foldMasked(Lone<V>.self, row, $0) { ($0 - $1) * .init(at: $2 + distance) } })
  } else {
    fold(
      variant, row,
      { foldBlock(Joined<V.Wide, V.Wide>.self, row, $0) { value, mean, _ in value - mean } },
      { foldBlock(Single<V>.self, row, $0) { value, mean, _ in value - mean } },
      { foldMasked(Single<V>.self, row, $0) { value, mean, _ in value - mean } },
      { foldMasked(Lone<V>.self, row, $0) { value, mean, _ in value - mean } })
  }
}

/// Covers a row with the widest blocks that fit; only columns outside `full` ask who is present.
@inlinable @inline(__always)
func fold<V: Variant>(
  _ variant: V.Type, _ row: NormalizedFold, _ wide: (Int) -> Void, _ vector: (Int) -> Void,
  _ masked: (Int) -> Void, _ lone: (Int) -> Void
) {
  let lanes = V.Vector.scalarCount
  var x = 0
  guard row.width >= lanes else {
    while x < row.width {
      lone(x)
      x &+= 1
    }
    return
  }
  // From a multiple of a vector on, where rows are aligned.
  while x < row.full.lowerBound && x &+ lanes <= row.width {
    masked(x)
    x &+= lanes
  }
  while x &+ 2 &* V.Wide.count <= row.full.upperBound {
    wide(x)
    x &+= 2 &* V.Wide.count
  }
  while x &+ lanes <= row.full.upperBound {
    vector(x)
    x &+= lanes
  }
  while x < row.width {
    masked(min(x, row.width &- lanes))
    x &+= lanes
  }
}

/// Folds a block of columns that all have `overlap` blocks.
@inlinable @inline(__always)
func foldBlock<B: ValueBlock>(
  _ block: B.Type, _ row: NormalizedFold, _ x: Int, _ term: (B, B, UnsafePointer<Float>) -> B
) {
  let values = B(at: row.source + x)
  var sum = B(repeating: 0)
  var blockRow = 0
  while blockRow < row.blockRows {
    let line = row.means[blockRow] + x
    var index = 0
    while index < row.overlap {
      let mean = line + row.offsets[index]
      sum = sum + term(values, B(at: mean), mean)
      index &+= 1
    }
    blockRow &+= 1
  }
  row.divisor.write(sum, x)
}

/// Folds a block of columns, some of which have fewer blocks.
///
/// Adding 0 for a block that is not there leaves a sum as it is.
@inlinable @inline(__always)
func foldMasked<B: ValueBlock>(
  _ block: B.Type, _ row: NormalizedFold, _ x: Int, _ term: (B, B, UnsafePointer<Float>) -> B
) {
  let values = B(at: row.source + x)
  var sum = B(repeating: 0)
  var blockRow = 0
  while blockRow < row.blockRows {
    let line = row.means[blockRow] + x
    var index = 0
    while index < row.overlap {
      let offset = row.offsets[index]
      let mean = line + offset
      sum =
        sum
        + term(values, B(at: mean), mean).replacingWithZero(
          where: B(at: row.presence + (x &+ offset)))
      index &+= 1
    }
    blockRow &+= 1
  }
  row.divisor.write(sum, x)
}
