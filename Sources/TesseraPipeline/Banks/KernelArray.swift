/// The coefficients of one or more kernels.
///
/// The shape says how they meet the channels of an image: kH × kW is one kernel and M × kH × kW are
/// M kernels, each applied to every channel by itself; M × C/groups × kH × kW mix the channels.
public struct KernelArray: Hashable, Sendable {
  let sides: KernelShape
  /// The coefficients in the order of the shape, the last axis fastest.
  public let values: [Double]

  /// Kernels of a shape, from as many values as it holds.
  ///
  /// Returns `nil` where the shape does not have two to four positive sizes or the count differs.
  public init?(shape: [Int], values: [Double]) {
    guard let sides = KernelShape(shape, valueCount: values.count) else { return nil }
    self.sides = sides
    self.values = values
  }

  /// Kernels of one size, each given by its coefficients in raster order.
  ///
  /// - Precondition: There is a kernel, and each has `height · width` coefficients.
  init(height: Int, width: Int, kernels: [[Double]]) {
    let shape = kernels.count == 1 ? [height, width] : [kernels.count, height, width]
    let values = kernels.flatMap { $0 }
    guard let sides = KernelShape(shape, valueCount: values.count),
      kernels.allSatisfy({ $0.count == height * width })
    else { preconditionFailure("there is a kernel, and each has height · width coefficients") }
    self.sides = sides
    self.values = values
  }

  /// Two, three or four sizes, all at least 1.
  public var shape: [Int] { sides.sizes }
  /// Rows of a kernel.
  public var height: Int { sides.height }
  /// Columns of a kernel.
  public var width: Int { sides.width }
  /// Number of kernels, M.
  public var count: Int { sides.count }
  /// Whether an output depends on several channels: whether the shape has four sizes.
  public var mixesChannels: Bool { sides.mixesChannels }
}

/// The sides of an array of kernels.
struct KernelShape: Hashable, Sendable {
  /// Two, three or four sizes, all at least 1.
  let sizes: [Int]

  /// The sides, if they are those of kernels and hold as many values.
  init?(_ sizes: [Int], valueCount: Int) {
    guard (2...4).contains(sizes.count), sizes.allSatisfy({ $0 > 0 }) else { return nil }
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      count = product
    }
    guard count == valueCount else { return nil }
    self.sizes = sizes
  }

  var height: Int { sizes[sizes.count - 2] }
  var width: Int { sizes[sizes.count - 1] }
  var count: Int { sizes.count == 2 ? 1 : sizes[0] }
  var mixesChannels: Bool { sizes.count == 4 }
}
