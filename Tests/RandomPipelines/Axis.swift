/// Blocks along one axis: the rules of windows once more, for a generator that must know what fits.
struct Axis: Sendable {
  var size: Int
  var kernel: Int
  var stride = 1
  var dilation = 1
  var starts: [Int]

  /// Lays blocks, if any fit and the edge does not refuse.
  ///
  /// `padding` `nil` means "same".
  static func laid(
    size: Int, kernel: Int, stride: Int, padding: Int?, dilation: Int, edge: String
  ) -> Axis? {
    let extent = dilation * (kernel - 1) + 1
    var axis = Axis(size: size, kernel: kernel, stride: stride, dilation: dilation, starts: [])
    guard let padding else {
      let count = (size - 1) / stride + 1
      let before = max((count - 1) * stride + extent - size, 0) / 2
      axis.starts = (0..<count).map { $0 * stride - before }
      return axis
    }
    let slack = size + 2 * padding - extent
    guard slack >= 0 || edge == "pad" else { return nil }
    if edge == "error", slack % stride != 0 { return nil }
    let isCovering = edge == "shift" || edge == "pad"
    let count = (max(slack, 0) + (isCovering ? stride - 1 : 0)) / stride + 1
    axis.starts = (0..<count).map { block in
      (edge == "shift" ? min(block * stride, slack) : block * stride) - padding
    }
    return axis
  }

  /// The same blocks with more elements on both sides, or fewer.
  func widened(by halo: Int) -> Axis {
    var axis = self
    axis.kernel += 2 * halo
    axis.starts = starts.map { $0 - halo * dilation }
    return axis
  }

  /// One block per row or column.
  static func pixels(_ count: Int) -> Axis {
    Axis(size: count, kernel: 1, starts: [Int](0..<count))
  }

  /// How many blocks touch each row or column.
  var coverage: [Int] {
    var counts = [Int](repeating: 0, count: size)
    for start in starts {
      for tap in 0..<kernel where counts.indices.contains(start + tap * dilation) {
        counts[start + tap * dilation] += 1
      }
    }
    return counts
  }
}

/// Blocks of an image.
struct Blocks: Sendable {
  var rows: Axis
  var columns: Axis

  var count: Int { rows.starts.count * columns.starts.count }
  var window: Int { rows.kernel * columns.kernel }
  var coversAll: Bool { (rows.coverage + columns.coverage).allSatisfy { $0 > 0 } }

  /// The same blocks with more elements on all sides, or fewer.
  func widened(by halo: Int) -> Blocks {
    Blocks(rows: rows.widened(by: halo), columns: columns.widened(by: halo))
  }

  /// One block per pixel of an image of the size of the grid.
  var pixels: Blocks {
    Blocks(rows: .pixels(rows.starts.count), columns: .pixels(columns.starts.count))
  }
}
