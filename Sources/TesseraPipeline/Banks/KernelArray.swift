/// The coefficients of one or more kernels.
///
/// The shape says how they meet the channels of an image: kH × kW is one kernel and M × kH × kW are
/// M kernels, each applied to every channel by itself; M × C/groups × kH × kW mix the channels.
public struct KernelArray: Hashable, Sendable {
  /// Two, three or four sizes, all at least 1.
  public let shape: [Int]
  /// The coefficients in the order of the shape, the last axis fastest.
  public let values: [Double]

  /// Kernels of a shape, from as many values as it holds.
  ///
  /// Returns `nil` where the shape does not have two to four positive sizes or the count differs.
  public init?(shape: [Int], values: [Double]) {
    guard (2...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else { return nil }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      count = product
    }
    guard count == values.count else { return nil }
    self.shape = shape
    self.values = values
  }

  /// Kernels of one size, each given by its coefficients in raster order.
  ///
  /// - Precondition: There is a kernel, and each has `height · width` coefficients.
  init(height: Int, width: Int, kernels: [[Double]]) {
    precondition(!kernels.isEmpty, "a kernel array holds at least one kernel")
    precondition(
      kernels.allSatisfy { $0.count == height * width }, "a kernel has height · width coefficients")
    shape = kernels.count == 1 ? [height, width] : [kernels.count, height, width]
    values = kernels.flatMap { $0 }
  }

  /// Rows of a kernel.
  public var height: Int { shape[shape.count - 2] }
  /// Columns of a kernel.
  public var width: Int { shape[shape.count - 1] }
  /// Number of kernels, M.
  public var count: Int { shape.count == 2 ? 1 : shape[0] }
  /// Whether an output depends on several channels: whether the shape has four sizes.
  public var mixesChannels: Bool { shape.count == 4 }
}
