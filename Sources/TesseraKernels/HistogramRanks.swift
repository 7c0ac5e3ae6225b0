/// Chooses a value of every window of bytes in a time that does not grow with the window.
///
/// Every column has a histogram of its rows, which moves down with the window, and that of the window
/// gains one column and loses another. Counts add up: bin 15 of a sixteenth of all levels holds all of
/// its values, so that a level is found by counting bins, and a value is counted by adding a vector.
/// Within a sixteenth only what is looked at is brought up to date. Source: S. Perreault and P. Hébert,
/// Median Filtering in Constant Time, 2007.
public struct HistogramRanks: Sendable {
  /// Rows of a window.
  @usableFromInline let height: Int
  /// Columns of a window.
  @usableFromInline let width: Int
  /// The place of the value, counted from the smallest as 0.
  @usableFromInline let rank: Int

  /// Columns of the result whose histograms stay in the second cache.
  @usableFromInline static let columns = 512

  /// Values in a window must have counts of 16 bits.
  public init(height: Int, width: Int, rank: Int) {
    precondition(height * width <= 65_535, "counts of 16 bits")
    self.height = height
    self.width = width
    self.rank = rank
  }

  /// Bytes of working memory.
  public var scratchCount: Int { (Self.columns + width) * 17 * MemoryLayout<Counts>.stride + 64 }
}

/// The counts of 16 levels, each with those of the levels before it.
@usableFromInline typealias Counts = SIMD16<UInt16>

/// The histograms of columns, and that of a window.
@usableFromInline
struct ColumnHistograms {
  /// For each column the counts of sixteenths.
  @usableFromInline let coarse: UnsafeMutablePointer<Counts>
  /// For each sixteenth and each column the counts of levels.
  @usableFromInline let fine: UnsafeMutablePointer<Counts>
  @usableFromInline let columns: Int
  /// For each bin what a value there adds.
  @usableFromInline let ones: UnsafePointer<Counts>

  @inlinable @inline(__always)
  init(_ scratch: UnsafeMutablePointer<UInt8>, columns: Int, ones: UnsafePointer<Counts>) {
    let address = UInt(bitPattern: scratch)
    let aligned = UnsafeMutableRawPointer(scratch) + Int((32 &- address % 32) % 32)
    coarse = aligned.bindMemory(to: Counts.self, capacity: 17 &* columns)
    fine = coarse + columns
    self.columns = columns
    self.ones = ones
  }

  /// The counts of a sixteenth, column after column.
  @inlinable @inline(__always)
  func part(_ sixteenth: Int) -> UnsafeMutablePointer<Counts> { fine + sixteenth &* columns }

  /// Begins anew.
  @inlinable @inline(__always)
  func clear() { coarse.initialize(repeating: Counts(), count: 17 &* columns) }

  /// Counts a value for every column.
  @inlinable @inline(__always)
  func add(_ row: UnsafePointer<UInt8>) {
    for column in 0..<columns {
      let value = Int(row[column])
      let part = part(value &>> 4) + column
      coarse[column] &+= ones[value &>> 4]
      part.pointee &+= ones[value & 15]
    }
  }

  /// Counts a value less for every column, and another one instead.
  @inlinable @inline(__always)
  func replace(_ old: UnsafePointer<UInt8>, by new: UnsafePointer<UInt8>) {
    for column in 0..<columns {
      let (value, other) = (Int(new[column]), Int(old[column]))
      guard value != other else { continue }
      coarse[column] = coarse[column] &+ ones[value &>> 4] &- ones[other &>> 4]
      let (part, otherPart) = (part(value &>> 4) + column, part(other &>> 4) + column)
      otherPart.pointee &-= ones[other & 15]
      part.pointee &+= ones[value & 15]
    }
  }
}

/// How many of 16 counts are no larger than a number.
@inlinable @inline(__always)
func binsBelow(_ counts: Counts, _ rank: UInt16) -> Int {
  let below = unsafeBitCast(counts .<= Counts(repeating: rank), to: SIMD16<Int16>.self)
  let eight = below.lowHalf &+ below.highHalf
  let four = eight.lowHalf &+ eight.highHalf
  let two = four.lowHalf &+ four.highHalf
  return Int(0 &- (two.x &+ two.y))
}

/// Makes rows of bytes by histograms.
@inlinable @inline(__always)
func rankByHistograms<V: Variant>(
  _ variant: V.Type, _ job: WindowRanks<UInt8>, _ ranks: HistogramRanks
) {
  withUnsafeTemporaryAllocation(of: Counts.self, capacity: 32) { buffer in
    let ones = buffer.first
    let window = ones + 16
    for bin in 0..<16 {
      var counts = Counts()
      for level in bin..<16 { counts[level] = 1 }
      ones[bin] = counts
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { ends in
      let ends = ends.first
      var x = 0
      while x < job.width {
        let length = min(HistogramRanks.columns, job.width &- x)
        let columns = ColumnHistograms(
          job.scratch, columns: length &+ ranks.width &- 1, ones: UnsafePointer(ones))
        columns.clear()
        for row in 0..<ranks.height { columns.add(job.rows[row] + x) }
        for row in 0..<job.outputRows {
          if row > 0 {
            columns.replace(
              job.rows[row &- 1] + x, by: job.rows[row &+ ranks.height &- 1] + x)
          }
          slide(variant, columns, ranks, job.outputs[row] + x, length, window, ends)
        }
        x &+= length
      }
    }
  }
}

/// Moves the window along a row.
///
/// - Parameters:
///   - variant: the instruction set.
///   - columns: the histograms of columns.
///   - ranks: the window.
///   - destination: where the row goes.
///   - length: windows of the row.
///   - window: room for the counts of levels of a window, sixteenth by sixteenth.
///   - ends: for each sixteenth the column behind those that are counted.
@inlinable @inline(__always)
func slide<V: Variant>(
  _ variant: V.Type, _ columns: ColumnHistograms, _ ranks: HistogramRanks,
  _ destination: UnsafeMutablePointer<UInt8>, _ length: Int,
  _ window: UnsafeMutablePointer<Counts>, _ ends: UnsafeMutablePointer<Int>
) {
  let width = ranks.width
  ends.update(repeating: 0, count: 16)
  var coarse = Counts()
  for column in 0..<width &- 1 { coarse &+= columns.coarse[column] }
  for x in 0..<length {
    coarse &+= columns.coarse[x &+ width &- 1]
    let sixteenth = binsBelow(coarse, UInt16(truncatingIfNeeded: ranks.rank))
    let before = sixteenth > 0 ? Int(coarse[sixteenth &- 1]) : 0
    let part = columns.part(sixteenth)
    var counts = window[sixteenth]
    let end = ends[sixteenth]
    // What has been counted is worth keeping where fewer columns have changed than there are.
    if 2 &* (x &+ width &- end) < width && end >= width {
      for column in end..<x &+ width { counts = counts &+ part[column] &- part[column &- width] }
    } else {
      counts = part[x]
      for column in x &+ 1..<x &+ width { counts &+= part[column] }
    }
    window[sixteenth] = counts
    ends[sixteenth] = x &+ width
    let level = binsBelow(counts, UInt16(truncatingIfNeeded: ranks.rank &- before))
    destination[x] = UInt8(truncatingIfNeeded: sixteenth &* 16 &+ level)
    coarse &-= columns.coarse[x]
  }
}
