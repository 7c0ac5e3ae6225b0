/// What becomes of rows and columns that the windows do not reach.
public enum EdgePolicy: String, Hashable, Sendable, CaseIterable {
  /// They are left out, as in torch.
  case drop
  /// The last window moves back to end at the border.
  case shift
  /// The image is extended at the bottom and the right with the padding mode.
  case pad
  /// They are refused.
  case error
}

/// Padding around an image.
public enum Padding: Hashable, Sendable {
  /// The same number of rows above and below, and of columns left and right [px].
  case symmetric(Size)
  /// As much as makes the grid ⌈size / stride⌉ blocks; an odd pixel goes to the bottom or right.
  case same
}

/// A sliding window: everything that decides where blocks lie, but for the image's size.
public struct Window: Hashable, Sendable {
  /// Height and width of the window [px].
  public var kernelSize: Size
  /// Distance between neighbouring blocks [px].
  public var stride: Size
  /// Padding around the image [px].
  public var padding: Padding
  /// Distance between neighbouring elements of a window [px].
  public var dilation: Size
  /// What stands in the padding.
  public var paddingMode: PaddingMode
  /// What becomes of rows and columns that are not reached.
  public var edge: EdgePolicy
  /// Elements around the window that a patch has beside those of the window, on each side.
  ///
  /// They change neither where blocks lie nor what lies under them.
  public var halo = Size(0)

  /// What is left out is as in `torch.nn.Unfold`.
  public init(
    kernelSize: Size = Size(1), stride: Size = Size(1), padding: Padding = .symmetric(Size(0)),
    dilation: Size = Size(1), paddingMode: PaddingMode = .zeros, edge: EdgePolicy = .drop
  ) {
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.paddingMode = paddingMode
    self.edge = edge
  }

  /// Height and width of a patch: those of the window with its halo [px].
  public var patchSize: Size {
    Size(height: kernelSize.height + 2 * halo.height, width: kernelSize.width + 2 * halo.width)
  }

  /// The blocks of this window on an image of a given size, without the halo.
  ///
  /// - Throws: `GeometryError` where no block fits, the edge policy refuses the size, or a number
  ///   leaves the range of `Int`.
  public func grid(on size: Size) throws(GeometryError) -> BlockGrid {
    var before = Size(0)
    if case .symmetric(let pair) = padding { before = pair }
    let isSame = padding == .same
    return BlockGrid(
      rows: try AxisGrid(
        axis: .height, size: size.height, kernel: kernelSize.height, stride: stride.height,
        padding: isSame ? nil : before.height, dilation: dilation.height, edge: edge),
      columns: try AxisGrid(
        axis: .width, size: size.width, kernel: kernelSize.width, stride: stride.width,
        padding: isSame ? nil : before.width, dilation: dilation.width, edge: edge))
  }
}

/// One of the two axes of an image.
public enum Axis: String, Hashable, Sendable {
  /// Vertical.
  case height
  /// Horizontal.
  case width
}

/// Why a window has no blocks on an image.
public enum GeometryError: Error, Hashable, Sendable {
  /// A kernel, stride, dilation or size below 1, or a negative padding.
  case outOfRange(axis: Axis, quantity: String, value: Int)
  /// The window is larger than the padded image.
  case windowTooLarge(
    axis: Axis, size: Int, kernel: Int, dilation: Int, padding: Int, edge: EdgePolicy)
  /// `EdgePolicy.error`, and `remainder` rows or columns are left over.
  case uncovered(axis: Axis, size: Int, kernel: Int, stride: Int, remainder: Int)
  /// A transposed convolution of `count` rows or columns is padded away: `size` are left.
  case nothingLeft(axis: Axis, count: Int, kernel: Int, padding: Int, size: Int)
  /// A number leaves the range of `Int`.
  case overflow(axis: Axis)
}

extension GeometryError: CustomStringConvertible {
  /// What does not fit, with the numbers at fault.
  public var description: String {
    switch self {
    case .outOfRange(let axis, let quantity, let value):
      return "\(quantity) along the \(axis.rawValue) is \(value), which is out of range"
    case .windowTooLarge(let axis, let size, let kernel, let dilation, let padding, let edge):
      let extent = dilation * (kernel - 1) + 1
      let advice = edge == .shift ? "; \"edge\": \"pad\" extends the image instead" : ""
      return """
        no window fits: \(axis.rawValue) \(size) with padding \(padding) before and after is \
        \(size + 2 * padding), the window of kernel \(kernel) and dilation \(dilation) needs \
        \(extent), so the grid would have 0 blocks along the \(axis.rawValue)\(advice)
        """
    case .uncovered(let axis, let size, let kernel, let stride, let remainder):
      let unit = axis == .height ? "rows" : "columns"
      return """
        windows of \(kernel) at stride \(stride) leave \(remainder) of \(size) \(unit) uncovered, \
        which "edge": "error" refuses; "edge": "shift" or "pad" covers them, "drop" leaves them out
        """
    case .nothingLeft(let axis, let count, let kernel, let padding, let size):
      return """
        \(count) pixels along the \(axis.rawValue), each of them spread by a kernel of \(kernel), make \
        \(size) without a padding of \(padding) on both sides; at least 1 must be left
        """
    case .overflow(let axis):
      return "the window's extent along the \(axis.rawValue) is too large to compute with"
    }
  }
}
