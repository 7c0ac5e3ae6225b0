/// A direct convolution at stride 1 over rows that are padded already.
///
/// As in torch this is cross-correlation: output (m, y, x) is the bias plus the sum, in the order
/// channel, kernel row, kernel column, of weight (m, c, i, j) times input (c, y + i·dilation,
/// x + j·dilation).
public struct Convolution {
  /// Row `r` of channel `c` is `rows[c · rowsPerChannel + r]`, with `width` + extent − 1 values.
  ///
  /// The same memory may stand for several rows.
  public var rows: UnsafePointer<UnsafePointer<Float>>
  /// Row pointers of each channel: at least `outputRows` + vertical extent − 1.
  public var rowsPerChannel: Int
  /// Input channels.
  public var channels: Int
  /// Row `y` of output channel `m` is `outputs[m · outputRows + y]`, with `width` values.
  ///
  /// Outputs overlap neither inputs nor each other.
  public var outputs: UnsafePointer<UnsafeMutablePointer<Float>>
  /// Rows to compute.
  public var outputRows: Int
  /// Columns to compute.
  public var width: Int
  /// `filters` × `channels` × `kernelHeight` × `kernelWidth`.
  public var weights: UnsafePointer<Float>
  /// One value per output channel, or `nil`.
  public var bias: UnsafePointer<Float>?
  /// Output channels.
  public var filters: Int
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Distance between neighbouring kernel rows in the image.
  public var dilationHeight: Int
  /// Distance between neighbouring kernel columns in the image.
  public var dilationWidth: Int

  /// Describes a convolution.
  public init(
    rows: UnsafePointer<UnsafePointer<Float>>, rowsPerChannel: Int, channels: Int = 1,
    outputs: UnsafePointer<UnsafeMutablePointer<Float>>, outputRows: Int, width: Int,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil, filters: Int = 1,
    kernelHeight: Int, kernelWidth: Int, dilationHeight: Int = 1, dilationWidth: Int = 1
  ) {
    self.rows = rows
    self.rowsPerChannel = rowsPerChannel
    self.channels = channels
    self.outputs = outputs
    self.outputRows = outputRows
    self.width = width
    self.weights = weights
    self.bias = bias
    self.filters = filters
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
  }
}
