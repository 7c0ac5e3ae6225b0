import TesseraCore

/// Chooses a value of every window by the order of all values around.
///
/// The values of a block are sorted once; then a window is a set of places in that order, one bit for
/// each, and its value of a rank is found from the last one. A window gains and loses a column, or a
/// row, per step: the time grows with the height of the window, not with its area. Source: J. Suomela,
/// Median Filtering is Equivalent to Sorting, 2014.
public struct SortedRanks: Sendable {
  /// Rows of a window.
  @usableFromInline let height: Int
  /// Columns of a window.
  @usableFromInline let width: Int
  /// The place of the value, counted from the smallest as 0.
  @usableFromInline let rank: Int

  /// Rows of the result that share their order.
  @usableFromInline let rows: Int
  /// Columns of the result that share their order.
  @usableFromInline let columns: Int

  /// Chooses the value number `rank`.
  ///
  /// As many results share their order as a window has values at least, so that no more than half of
  /// each axis is sorted again; fewer where there are fewer.
  public init(height: Int, width: Int, rank: Int, of results: Size) {
    self.height = height
    self.width = width
    self.rank = rank
    rows = min(results.height, max(32, height - 1))
    columns = min(results.width, max(32, width - 1))
  }

  /// Rows of the result that are best made together.
  public var preferredRows: Int { rows }

  /// The most values that are sorted at once.
  @usableFromInline var blockCount: Int { (rows + height - 1) * (columns + width - 1) }

  /// Bytes of working memory: values with their places, twice, those places, and bits.
  public var scratchBytes: Int { blockCount * 20 + (blockCount / 64 + 1) * 8 + 64 }
}

/// A key that is sorted: the unsigned image of a value.
public protocol SortedKey: FixedWidthInteger & BitwiseCopyable & Sendable {
  /// Bits that differ among values.
  static var sortedBits: Int { get }
  /// An unsigned number that is in the same order.
  var ascending: UInt32 { get }
  /// The value that has become `ascending`.
  init(ascending: UInt32)
}

extension UInt16: SortedKey {
  /// All.
  @inlinable @inline(__always) public static var sortedBits: Int { 16 }
  /// Itself.
  @inlinable @inline(__always) public var ascending: UInt32 { UInt32(self) }
  /// Itself.
  @inlinable @inline(__always) public init(ascending: UInt32) {
    self = UInt16(truncatingIfNeeded: ascending)
  }
}

extension Int32: SortedKey {
  /// All.
  @inlinable @inline(__always) public static var sortedBits: Int { 32 }
  /// Counted from the least.
  @inlinable @inline(__always) public var ascending: UInt32 {
    UInt32(bitPattern: self) ^ 0x8000_0000
  }
  /// Counted from 0 again.
  @inlinable @inline(__always) public init(ascending: UInt32) {
    self = Int32(bitPattern: ascending ^ 0x8000_0000)
  }
}

/// The values of a block in order.
@usableFromInline
struct SortedBlock {
  /// Values in ascending order, in the high halves of words.
  @usableFromInline let sorted: UnsafeMutablePointer<UInt64>
  /// For each value, column by column, its place in that order.
  @usableFromInline let places: UnsafeMutablePointer<UInt32>
  /// A bit for each place.
  @usableFromInline let bits: UnsafeMutablePointer<UInt64>
  /// Rows of the block.
  @usableFromInline let height: Int

  /// Sorts the values of some rows and columns.
  ///
  /// By 8 bits at a time from the lowest: values that are equal keep their order, which nobody sees.
  @inlinable @inline(__always)
  init<E: SortedKey>(
    _ rows: UnsafePointer<UnsafePointer<E>>, _ height: Int, _ column: Int, _ width: Int,
    _ scratch: UnsafeMutableRawPointer
  ) {
    let count = height &* width
    let address = UInt(bitPattern: scratch)
    let aligned = scratch + Int((64 &- address % 64) % 64)
    var source = aligned.bindMemory(to: UInt64.self, capacity: 2 &* count)
    var target = source + count
    bits = target + count
    let bitCount = count / 64 &+ 1
    places = UnsafeMutableRawPointer(bits + bitCount).bindMemory(to: UInt32.self, capacity: count)
    self.height = height
    for x in 0..<width {
      for y in 0..<height {
        let place = x &* height &+ y
        source[place] =
          UInt64(rows[y][column &+ x].ascending) &<< 32 | UInt64(truncatingIfNeeded: place)
      }
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { buffer in
      let starts = buffer.first
      var shift = 32
      while shift < 32 &+ E.sortedBits {
        starts.update(repeating: 0, count: 256)
        for index in 0..<count { starts[Int(source[index] &>> UInt64(shift)) & 255] &+= 1 }
        var start = 0
        for digit in 0..<256 { (starts[digit], start) = (start, start &+ starts[digit]) }
        for index in 0..<count {
          let word = source[index]
          let digit = Int(word &>> UInt64(shift)) & 255
          target[starts[digit]] = word
          starts[digit] &+= 1
        }
        swap(&source, &target)
        shift &+= 8
      }
    }
    sorted = source
    for index in 0..<count {
      places[Int(source[index] & 0xFFFF_FFFF)] = UInt32(truncatingIfNeeded: index)
    }
    bits.update(repeating: 0, count: bitCount)
  }
}

/// The values of a window, as places in the order of its block.
@usableFromInline
struct SortedWindow {
  @usableFromInline let block: SortedBlock
  /// The word that was looked at last.
  @usableFromInline var word = 0
  /// Values of the window in the words before it.
  @usableFromInline var below = 0

  @inlinable @inline(__always)
  init(_ block: SortedBlock) { self.block = block }

  /// Takes values in, or lets them go: each changes its bit.
  @inlinable @inline(__always)
  mutating func flip(_ row: Int, _ column: Int, count: Int, step: Int, by change: Int) {
    var place = column &* block.height &+ row
    for _ in 0..<count {
      let index = Int(block.places[place])
      block.bits[index &>> 6] ^= 1 &<< UInt64(truncatingIfNeeded: index & 63)
      below &+= index &>> 6 < word ? change : 0
      place &+= step
    }
  }

  /// The value of a rank.
  @inlinable @inline(__always)
  mutating func value(_ rank: Int) -> UInt32 {
    while below > rank {
      word &-= 1
      below &-= block.bits[word].nonzeroBitCount
    }
    var count = block.bits[word].nonzeroBitCount
    while below &+ count <= rank {
      below &+= count
      word &+= 1
      count = block.bits[word].nonzeroBitCount
    }
    var rest = block.bits[word]
    for _ in below..<rank { rest &= rest &- 1 }
    let index = word &* 64 &+ rest.trailingZeroBitCount
    return UInt32(truncatingIfNeeded: block.sorted[index] &>> 32)
  }
}

/// Makes rows by the order of blocks.
@inlinable @inline(__always)
func rankBySorting<V: Variant, E: SortedKey>(
  _ variant: V.Type, _ job: WindowRanks<E>, _ ranks: SortedRanks
) {
  var row = 0
  while row < job.outputRows {
    let height = min(ranks.rows, job.outputRows &- row)
    var x = 0
    while x < job.width {
      let width = min(ranks.columns, job.width &- x)
      let block = SortedBlock(
        job.rows + row, height &+ ranks.height &- 1, x, width &+ ranks.width &- 1,
        UnsafeMutableRawPointer(job.scratch))
      wind(variant, block, ranks, job.outputs + row, x, height, width)
      x &+= width
    }
    row &+= height
  }
}

/// Moves the window over a block: along a row, down by one, back along the next.
@inlinable @inline(__always)
func wind<V: Variant, E: SortedKey>(
  _ variant: V.Type, _ block: SortedBlock, _ ranks: SortedRanks,
  _ outputs: UnsafePointer<UnsafeMutablePointer<E>>, _ column: Int, _ height: Int, _ width: Int
) {
  var window = SortedWindow(block)
  for x in 0..<ranks.width { window.flip(0, x, count: ranks.height, step: 1, by: 1) }
  for row in 0..<height {
    let forwards = row & 1 == 0
    if row > 0 {
      let x = forwards ? 0 : width &- 1
      window.flip(row &- 1, x, count: ranks.width, step: block.height, by: -1)
      window.flip(
        row &+ ranks.height &- 1, x, count: ranks.width, step: block.height, by: 1)
    }
    let output = outputs[row] + column
    for step in 0..<width {
      let x = forwards ? step : width &- 1 &- step
      if step > 0 {
        let (old, new) = forwards ? (x &- 1, x &+ ranks.width &- 1) : (x &+ ranks.width, x)
        window.flip(row, old, count: ranks.height, step: 1, by: -1)
        window.flip(row, new, count: ranks.height, step: 1, by: 1)
      }
      output[x] = E(ascending: window.value(ranks.rank))
    }
  }
}
