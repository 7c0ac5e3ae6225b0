/// The blocks of a window along one axis of one image.
public struct AxisGrid: Hashable, Sendable {
  /// The most rows or columns of an image that windows are laid on, and the most blocks along them.
  public static let largestSide = 1 << 27

  /// Rows or columns of the image.
  public let size: Int
  /// Elements of the window.
  public let kernel: Int
  /// Distance between blocks, but for a last one that was shifted.
  public let stride: Int
  /// Distance between elements of the window.
  public let dilation: Int
  /// Rows or columns of padding before the image.
  public let paddingBefore: Int
  /// Rows or columns after the image that blocks reach or the padding makes.
  public let paddingAfter: Int
  /// First row or column of each block, counted from the image's own first: negative in padding.
  public let starts: [Int]

  /// Number of blocks.
  public var count: Int { starts.count }
  /// Rows or columns from a window's first element to its last, both included.
  public var extent: Int { dilation * (kernel - 1) + 1 }

  /// Index of the first block whose start satisfies a condition that all blocks after it satisfy
  /// too; `count` where there is none.
  public func firstBlock(where condition: (Int) -> Bool) -> Int {
    var lower = 0
    var upper = count
    while lower < upper {
      let middle = (lower + upper) / 2
      if condition(starts[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }

  /// The blocks that reach into some rows or columns of the image.
  public func blocks(reaching positions: Range<Int>) -> Range<Int> {
    let lower = firstBlock { $0 + extent > positions.lowerBound }
    return lower..<max(lower, firstBlock { $0 >= positions.upperBound })
  }

  /// The same blocks with more elements on both sides.
  fileprivate init(_ axis: AxisGrid, widenedBy elements: Int) {
    let reach = elements * axis.dilation
    size = axis.size
    kernel = axis.kernel + 2 * elements
    stride = axis.stride
    dilation = axis.dilation
    paddingBefore = axis.paddingBefore + reach
    paddingAfter = axis.paddingAfter + reach
    starts = axis.starts.map { $0 - reach }
  }

  /// Lays as many blocks as an axis has positions, on the axis that they make together: that of a
  /// transposed convolution.
  init(
    axis: Axis, transposing count: Int, kernel: Int, stride: Int, padding: Int, dilation: Int,
    outputPadding: Int
  ) throws(GeometryError) {
    let bound = Self.largestSide
    guard count <= bound, kernel <= bound, stride <= bound, padding <= bound, dilation <= bound,
      outputPadding <= bound, (count - 1) * stride <= bound, (kernel - 1) * dilation <= bound
    else { throw .overflow(axis: axis) }
    let extent = dilation * (kernel - 1) + 1
    let size = (count - 1) * stride - 2 * padding + extent + outputPadding
    guard size >= 1 else {
      throw .nothingLeft(axis: axis, count: count, kernel: kernel, padding: padding, size: size)
    }
    guard size <= bound else { throw .overflow(axis: axis) }
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    paddingBefore = padding
    paddingAfter = max(padding - outputPadding, 0)
    starts = (0..<count).map { $0 * stride - padding }
  }

  /// Lays blocks along an axis.
  ///
  /// `padding` `nil` means "same".
  init(
    axis: Axis, size: Int, kernel: Int, stride: Int, padding: Int?, dilation: Int, edge: EdgePolicy
  ) throws(GeometryError) {
    for (quantity, value) in [
      ("the image", size), ("kernel_size", kernel), ("stride", stride), ("dilation", dilation),
    ] where value < 1 {
      throw .outOfRange(axis: axis, quantity: quantity, value: value)
    }
    if let padding, padding < 0 {
      throw .outOfRange(axis: axis, quantity: "padding", value: padding)
    }
    // Every sum below stays under four times this bound, so none can overflow.
    let bound = Int.max / 8
    let (reach, overflow) = dilation.multipliedReportingOverflow(by: kernel - 1)
    guard !overflow, reach < bound, size < bound, stride < bound, dilation < bound,
      (padding ?? 0) < bound
    else {
      throw .overflow(axis: axis)
    }
    let extent = reach + 1
    func requireCountable(_ count: Int) throws(GeometryError) {
      // The list of starts is an array: more blocks along one axis than any image has pixels there
      // is a mistake, and must not take the memory.
      if count > Self.largestSide { throw .overflow(axis: axis) }
    }
    try requireCountable(size)
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation

    guard let padding else {
      let count = (size - 1) / stride + 1
      let total = max((count - 1) * stride + extent - size, 0)
      paddingBefore = total / 2
      paddingAfter = total - total / 2
      let before = paddingBefore
      starts = (0..<count).map { $0 * stride - before }
      return
    }
    paddingBefore = padding
    let slack = size + 2 * padding - extent
    if slack < 0 && edge != .pad {
      throw .windowTooLarge(
        axis: axis, size: size, kernel: kernel, dilation: dilation, padding: padding, edge: edge)
    }
    switch edge {
    case .drop, .error:
      if edge == .error, slack % stride != 0 {
        throw .uncovered(
          axis: axis, size: size, kernel: kernel, stride: stride, remainder: slack % stride)
      }
      try requireCountable(slack / stride)
      starts = (0...(slack / stride)).map { $0 * stride - padding }
      paddingAfter = padding
    case .shift:
      let count = (slack + stride - 1) / stride + 1
      try requireCountable(count)
      starts = (0..<count).map { min($0 * stride, slack) - padding }
      paddingAfter = padding
    case .pad:
      let count = (max(slack, 0) + stride - 1) / stride + 1
      try requireCountable(count)
      starts = (0..<count).map { $0 * stride - padding }
      paddingAfter = max(padding, (count - 1) * stride + extent - padding - size)
    }
  }

  /// The same blocks with every length multiplied; elements of a window stand side by side.
  init(scaling grid: AxisGrid, _ axis: Axis, by factor: Int) throws(GeometryError) {
    precondition(grid.dilation == 1 && factor >= 1, "windows without gaps are scaled up")
    let (size, isTooLarge) = grid.size.multipliedReportingOverflow(by: factor)
    guard !isTooLarge, size <= Self.largestSide, grid.kernel <= Self.largestSide / factor else {
      throw .overflow(axis: axis)
    }
    self.size = size
    kernel = grid.kernel * factor
    stride = grid.stride * factor
    dilation = 1
    paddingBefore = grid.paddingBefore * factor
    paddingAfter = grid.paddingAfter * factor
    starts = grid.starts.map { $0 * factor }
  }

  /// How many blocks touch each row or column of the image: one of the two coverage vectors.
  public func coverage() -> [Int] {
    // Each block adds 1 at the first position that it reaches and takes 1 away behind the last;
    // sums at distance `dilation` give the counts.
    var counts = [Int](repeating: 0, count: size)
    for start in starts {
      let first = start < 0 ? (-start + dilation - 1) / dilation : 0
      guard first < kernel, start + first * dilation < size else { continue }
      counts[start + first * dilation] += 1
      let end = start + kernel * dilation
      if end < size { counts[end] -= 1 }
    }
    for position in 0..<size where position >= dilation {
      counts[position] += counts[position - dilation]
    }
    return counts
  }
}

/// The blocks of a window on one image: the outer product of two lists of starts.
public struct BlockGrid: Hashable, Sendable {
  /// Starts along the height.
  public let rows: AxisGrid
  /// Starts along the width.
  public let columns: AxisGrid

  /// Number of blocks, in raster order.
  public var blockCount: Int { rows.count * columns.count }
  /// Rows × columns of blocks.
  public var size: Size { Size(height: rows.count, width: columns.count) }
  /// Size of the image that the grid lies on.
  public var imageSize: Size { Size(height: rows.size, width: columns.size) }
  /// Height and width of the window.
  public var kernelSize: Size { Size(height: rows.kernel, width: columns.kernel) }
  /// The blocks that the pixels of an image become in a transposed convolution, on the image that they
  /// make: (n − 1)·stride − 2·padding + dilation·(kernel − 1) + 1 + output padding rows.
  ///
  /// - Parameters:
  ///   - size: height and width of the image whose pixels become blocks.
  ///   - window: kernel, stride and dilation; padding is its symmetric one.
  ///   - outputPadding: rows at the bottom and columns at the right that no block needs to reach.
  /// - Returns: A block for each pixel, in raster order.
  /// - Throws: `GeometryError` where no row or column is left, or a number is too large.
  /// - Precondition: Kernel, stride and dilation are at least 1, the paddings not negative.
  package static func transposing(
    _ size: Size, _ window: Window, outputPadding: Size
  ) throws(GeometryError) -> BlockGrid {
    guard case .symmetric(let padding) = window.padding else {
      preconditionFailure("a transposed convolution has numbers of padding")
    }
    return BlockGrid(
      rows: try AxisGrid(
        axis: .height, transposing: size.height, kernel: window.kernelSize.height,
        stride: window.stride.height, padding: padding.height, dilation: window.dilation.height,
        outputPadding: outputPadding.height),
      columns: try AxisGrid(
        axis: .width, transposing: size.width, kernel: window.kernelSize.width,
        stride: window.stride.width, padding: padding.width, dilation: window.dilation.width,
        outputPadding: outputPadding.width))
  }

  /// The grid of windows that reach further by a halo on every side: a negative one narrows them again.
  ///
  /// - Parameter halo: elements above and below, and to the left and the right.
  /// - Returns: The same blocks in the same order.
  /// - Precondition: Windows keep at least one element.
  package func widened(by halo: Size) -> BlockGrid {
    precondition(
      rows.kernel + 2 * halo.height > 0 && columns.kernel + 2 * halo.width > 0,
      "a window has an element")
    return BlockGrid(
      rows: AxisGrid(rows, widenedBy: halo.height),
      columns: AxisGrid(columns, widenedBy: halo.width))
  }

  /// Bytes of both lists of starts.
  package var byteCount: Int { (rows.count + columns.count) * MemoryLayout<Int>.stride }
}
