/// A height and a width, or any pair of values along those two axes, in that order.
public struct Size: Hashable, Sendable {
  /// The value along the vertical axis.
  public var height: Int
  /// The value along the horizontal axis.
  public var width: Int

  /// Takes rows first, as shapes do.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The same along both axes, as a lone number in a pipeline file means.
  public init(_ both: Int) {
    self.init(height: both, width: both)
  }
}

extension Size: CustomStringConvertible {
  /// Height × width.
  public var description: String { "\(height) × \(width)" }
}

/// The shape of an image: channels × height × width.
public struct ImageShape: Hashable, Sendable {
  /// Number of planes.
  public var channels: Int
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// Takes the axes in the order in which arrays store them.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Height and width.
  public var size: Size { Size(height: height, width: width) }

  /// Channels, height and width: the sides of an array that holds the image.
  public var sides: [Int] { [channels, height, width] }

  /// Number of values, or `nil` where that does not fit `Int`.
  public var valueCount: Int? { checkedProduct(channels, height, width) }

  /// What `max_pixels` counts.
  ///
  /// That is height × width, and with more than four channels height × width × channels / 4, rounded
  /// up; `nil` where it does not fit `Int`.
  public var countedPixels: Int? {
    guard channels > 4 else { return checkedProduct(height, width) }
    return valueCount.map { $0 / 4 + ($0 % 4 == 0 ? 0 : 1) }
  }
}

extension ImageShape: CustomStringConvertible {
  /// Channels × height × width.
  public var description: String { "\(channels) × \(height) × \(width)" }
}

/// The product of non-negative factors, or `nil` on overflow.
public func checkedProduct(_ factors: Int...) -> Int? {
  var product = 1
  for factor in factors {
    let (partial, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = partial
  }
  return product
}
