public import TesseraCore

/// unfold → one normalization of every patch → fold, without patches.
///
/// A block's statistics come straight from the image rows, and each pixel is then added once for
/// every block that covers it, less that block's mean. Nothing is skipped: every value of every block
/// is subtracted and added, in block order, with the bits that a pass over tiles would give; only no
/// value is ever stored before it is added.
///
/// Results depend on the image alone, not on which rows are made together.
public struct NormalizedPatches: Sendable {
  /// Bytes of statistics above which tiles are the better way.
  ///
  /// They must stay in a cache: each is read once for every row of its block.
  private static let mostBytes = 16 << 20

  private let rows: AxisGrid
  private let columns: AxisGrid
  private let channels: Int
  /// Planes that are normalized; a last one beside them is folded as it is.
  private let colors: Int
  private let groups: Int
  private let standardizes: Bool
  private let lines: BlockLines
  /// Rows of blocks that are needed at once.
  private let held: Int
  private let overlap: Int
  private let rowDivisors: [Float]
  private let columnDivisors: [Float]
  private let isInverse: Bool

  /// Prepares the blocks of one image; `nil` where they overlap so much that their statistics would
  /// not stay in a cache, which follows from the geometry alone.
  ///
  /// - Parameters:
  ///   - grid: the blocks, of the unfold and of the fold.
  ///   - channels: planes of the image.
  ///   - groups: parts of a patch with statistics of their own: divides the planes that are
  ///     normalized.
  ///   - standardizes: whether values are divided by their deviation too.
  ///   - keepsLast: whether the last plane, which is opacity, is folded as it is.
  ///   - dividesByCount: whether sums are divided by how many blocks cover a pixel.
  public init?(
    grid: BlockGrid, channels: Int, groups: Int, standardizes: Bool, keepsLast: Bool = false,
    dividesByCount: Bool
  ) {
    (rows, columns) = (grid.rows, grid.columns)
    (self.channels, self.groups, self.standardizes) = (channels, groups, standardizes)
    colors = keepsLast ? channels - 1 : channels
    held = rows.maximalOverlap
    overlap = columns.maximalOverlap
    let figures = (groups + channels - colors) * (standardizes ? 2 : 1)
    guard held * figures * BlockLines.count(columns) <= Self.mostBytes / 4 else { return nil }
    lines = BlockLines(columns)
    let counts = { (axis: AxisGrid) in
      dividesByCount ? axis.coverage() : [Int](repeating: 1, count: axis.size)
    }
    let (rowCounts, columnCounts) = (counts(rows), counts(columns))
    let isInverse = (rowCounts + columnCounts).allSatisfy { $0 & ($0 - 1) == 0 }
    let divisor = { (count: Int) in isInverse && count > 0 ? 1 / Float(count) : Float(count) }
    rowDivisors = rowCounts.map(divisor)
    columnDivisors = columnCounts.map(divisor)
    self.isInverse = isInverse
  }

  /// Floats of working memory, whatever rows are made.
  public var scratchCount: Int { held * slotCount + 2 * (columns.count + 1) + 4 * span }

  /// Bytes of lists of rows while some are made.
  public var pointerBytes: Int {
    (colors / groups * rows.kernel + held) * MemoryLayout<UnsafeRawPointer>.stride
  }

  /// Bytes of what is kept for all images: where blocks lie, and what sums are divided by.
  public var tableBytes: Int {
    lines.byteCount + (rowDivisors.count + columnDivisors.count) * MemoryLayout<Float>.stride
      + (rows.count + columns.count) * MemoryLayout<Int>.stride
  }

  /// Values that are kept for one row of blocks.
  private var slotCount: Int { (groups + channels - colors) * figureCount * lines.count }
  private var figureCount: Int { standardizes ? 2 : 1 }
  private var span: Int {
    columns.starts[columns.count - 1] - columns.starts[0] + columns.extent
  }

  /// The rows of the padded image under every block that covers some rows; empty where none does.
  public func sourceRows(for rows: Range<Int>) -> Range<Int> {
    let blocks = self.rows.blocks(reaching: rows)
    guard let lower = blocks.first, let upper = blocks.last else { return rows }
    let starts = self.rows.starts
    let (first, end) = (starts[lower], starts[upper] + self.rows.extent)
    return min(first, rows.lowerBound)..<max(end, rows.upperBound)
  }

  /// Makes some rows of the image.
  ///
  /// - Parameters:
  ///   - rows: the rows.
  ///   - kernels: the arithmetic.
  ///   - scratch: `scratchCount` floats.
  ///   - source: column 0 of a row of the padded image, by row and channel; columns that blocks reach
  ///     beyond the image lie beside it.
  ///   - destination: where a row goes, by row and channel.
  public func make(
    _ rows: Range<Int>, kernels: KernelSet, scratch: UnsafeMutablePointer<Float>,
    source: (Int, Int) -> UnsafePointer<Float>,
    destination: (Int, Int) -> UnsafeMutablePointer<Float>
  ) {
    var oldest = self.rows.blocks(reaching: rows).lowerBound
    var next = oldest
    for row in rows {
      while next < self.rows.count && self.rows.starts[next] <= row {
        measure(next, kernels: kernels, scratch: scratch, source: source)
        next += 1
      }
      while oldest < next && self.rows.starts[oldest] + self.rows.extent <= row { oldest += 1 }
      fold(
        row, of: oldest..<next, kernels: kernels, scratch: scratch, source: source,
        destination: destination)
    }
  }
}

extension NormalizedPatches {
  /// Computes the statistics of a row of blocks.
  private func measure(
    _ blockRow: Int, kernels: KernelSet, scratch: UnsafeMutablePointer<Float>,
    source: (Int, Int) -> UnsafePointer<Float>
  ) {
    let perGroup = colors / groups
    if colors < channels {
      // Less 0 and times 1 a value is what it was, bit for bit.
      let means = line(blockRow, groups, scratch)
      means.update(repeating: 0, count: lines.count)
      if standardizes { (means + lines.count).update(repeating: 1, count: lines.count) }
    }
    withUnsafeTemporaryAllocation(
      of: UnsafePointer<Float>.self, capacity: perGroup * rows.kernel
    ) { sources in
      let base = sources.first
      for group in 0..<groups {
        for channel in 0..<perGroup {
          for element in 0..<rows.kernel {
            let row = rows.starts[blockRow] + element * rows.dilation
            base[channel * rows.kernel + element] = source(row, group * perGroup + channel)
          }
        }
        measure(
          UnsafePointer(base), perGroup * rows.kernel, line(blockRow, group, scratch), kernels,
          scratch + held * slotCount)
      }
    }
  }

  /// Computes the statistics of one group of a row of blocks and lays them out in lines.
  private func measure(
    _ sources: UnsafePointer<UnsafePointer<Float>>, _ rowCount: Int,
    _ line: UnsafeMutablePointer<Float>, _ kernels: KernelSet,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let isDense = lines.places.isEmpty
    let values = columns.count + 1
    let means = isDense ? line + lines.firstBlock : scratch
    let factors = isDense ? means + lines.count : scratch + values
    columns.starts.withUnsafeBufferPointer { starts in
      kernels.blockStatistics(
        BlockStatistics(
          rows: sources, rowCount: rowCount, starts: starts.first(), blockCount: columns.count,
          kernelWidth: columns.kernel, dilation: columns.dilation, overlap: overlap, means: means,
          factors: standardizes ? factors : nil, scratch: scratch + 2 * values))
    }
    for figure in 0..<figureCount {
      let target = line + figure * lines.count
      guard isDense else {
        let figures = figure == 0 ? means : factors
        figures[columns.count] = 0
        lines.places.withUnsafeBufferPointer { places in
          kernels.spread(figures, places.first(), target, lines.count)
        }
        continue
      }
      let end = lines.firstBlock + columns.count
      target.update(repeating: 0, count: lines.firstBlock)
      (target + end).update(repeating: 0, count: lines.count - end)
    }
  }

  /// The means of a group of a row of blocks.
  private func line(
    _ blockRow: Int, _ group: Int, _ scratch: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    scratch + blockRow % held * slotCount + group * figureCount * lines.count
  }

  /// Makes one row of every channel from the statistics of rows of blocks around it.
  private func fold(
    _ row: Int, of blockRows: Range<Int>, kernels: KernelSet,
    scratch: UnsafeMutablePointer<Float>, source: (Int, Int) -> UnsafePointer<Float>,
    destination: (Int, Int) -> UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: held) { means in
      let means = means.first
      for channel in 0..<channels {
        var count = 0
        for blockRow in blockRows
        where (row - rows.starts[blockRow]).isMultiple(of: rows.dilation) {
          let group = channel < colors ? channel / (colors / groups) : groups
          means[count] = UnsafePointer(line(blockRow, group, scratch))
          count += 1
        }
        fold(
          UnsafePointer(means), count, source(row, channel), rowDivisors[row],
          destination(row, channel), kernels)
      }
    }
  }

  private func fold(
    _ means: UnsafePointer<UnsafePointer<Float>>, _ blockRows: Int,
    _ source: UnsafePointer<Float>, _ rowDivisor: Float,
    _ destination: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    lines.offsets.withUnsafeBufferPointer { offsets in
      lines.presence.withUnsafeBufferPointer { presence in
        columnDivisors.withUnsafeBufferPointer { divisors in
          kernels.foldNormalized(
            NormalizedFold(
              source: source, means: means, blockRows: blockRows,
              factorDistance: standardizes ? lines.count : nil, offsets: offsets.first(),
              overlap: lines.offsets.count, presence: presence.first(), full: lines.full,
              divisor: FoldDivisor(
                row: rowDivisor, columns: divisors.first(), isInverse: isInverse,
                destination: destination),
              width: columns.size))
        }
      }
    }
  }
}
