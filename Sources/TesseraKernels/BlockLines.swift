import TesseraCore

/// How a value for every block of a row of blocks is laid out in memory, so that every column of the
/// image finds the blocks that cover it, in order.
///
/// Blocks one column apart lie side by side, and the m-th block of each column is a shifted view of
/// that line. Blocks further apart are written once for each of their columns, one row of columns for
/// the first block that covers a column, one for the second, and so on.
struct BlockLines: Sendable {
  /// Where in a line the first, second, … block of each column begins.
  let offsets: [Int]
  /// A line that is 0 where a column has fewer blocks than `offsets`.
  let presence: [Float]
  /// Columns that have as many blocks as there are offsets.
  let full: Range<Int>
  /// For each value of a line, the block whose value it is, or the number of blocks where there is
  /// none; empty where blocks lie side by side from `firstBlock` on.
  let places: [Int32]
  /// Where in a line the first block lies, if blocks lie side by side.
  let firstBlock: Int

  /// Values of a line.
  var count: Int { presence.count }

  /// Bytes of the lists.
  var byteCount: Int {
    offsets.count * MemoryLayout<Int>.stride + presence.count * MemoryLayout<Float>.stride
      + places.count * MemoryLayout<Int32>.stride
  }

  /// Whether blocks lie side by side in a line.
  ///
  /// Not where blocks are fewer than columns of the window: most of a column's would be missing.
  static func isDense(_ axis: AxisGrid) -> Bool { axis.stride == 1 && axis.count >= axis.kernel }

  /// Values of a line, without laying one out.
  static func count(_ axis: AxisGrid) -> Int {
    guard !isDense(axis) else { return axis.size + axis.count + 2 * axis.extent }
    return min(axis.maximalOverlap, axis.kernel) * pitch(axis)
  }

  /// Values from the first block of the columns to the second: whole cache lines.
  private static func pitch(_ axis: AxisGrid) -> Int { (axis.size + 15) / 16 * 16 }

  init(_ axis: AxisGrid) {
    if Self.isDense(axis) {
      self.init(dense: axis)
    } else {
      self.init(spread: axis)
    }
  }

  private init(dense axis: AxisGrid) {
    let start = axis.starts[0]
    firstBlock = max(0, start + axis.extent - 1)
    let after = max(0, axis.size - start - axis.count)
    let origin = firstBlock - start
    offsets = (0..<axis.kernel).map { origin - (axis.kernel - 1 - $0) * axis.dilation }
    presence =
      Array(repeating: 0, count: firstBlock) + Array(repeating: 1, count: axis.count)
      + Array(repeating: 0, count: after)
    let lower = max(0, start + axis.extent - 1)
    full = lower..<max(lower, min(axis.size, start + axis.count))
    places = []
  }

  private init(spread axis: AxisGrid) {
    let counts = axis.coverage()
    let overlap = max(counts.max() ?? 0, 1)
    let pitch = Self.pitch(axis)
    var places = [Int32](repeating: Int32(axis.count), count: overlap * pitch)
    var found = [Int](repeating: 0, count: axis.size)
    for (block, start) in axis.starts.enumerated() {
      let columns = stride(from: start, to: start + axis.extent, by: axis.dilation)
      for column in columns where column >= 0 && column < axis.size {
        places[found[column] * pitch + column] = Int32(block)
        found[column] += 1
      }
    }
    offsets = (0..<overlap).map { $0 * pitch }
    presence = places.map { $0 == axis.count ? 0 : 1 }
    full = Self.longestRun(of: overlap, in: counts)
    self.places = places
    firstBlock = 0
  }

  private static func longestRun(of value: Int, in counts: [Int]) -> Range<Int> {
    var longest = 0..<0
    var first = 0
    for end in 1...counts.count where end == counts.count || counts[end] != counts[first] {
      if counts[first] == value && end - first > longest.count { longest = first..<end }
      first = end
    }
    return longest
  }
}

extension AxisGrid {
  /// How many blocks apart two blocks share no row or column, not even between their own.
  var maximalOverlap: Int {
    var most = 1
    var first = 0
    for block in starts.indices {
      while starts[first] + extent <= starts[block] { first += 1 }
      most = max(most, block - first + 1)
    }
    return most
  }
}
