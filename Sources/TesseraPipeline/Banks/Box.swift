import TesseraConfiguration
import TesseraCore

/// The mean of a window.
public struct Box: KernelBank {
  /// `box`.
  public static let name = "box"
  /// What lists of banks say of it: one line.
  public static let summary = "The mean of a window; the coefficients sum to 1."

  /// Height and width [px].
  public var kernelSize = Size(3)

  /// The mean over 3 × 3.
  public init() {}

  /// The mean over a window.
  public init(kernelSize: Size) { self.kernelSize = kernelSize }

  /// One kernel of equal coefficients.
  public var kernels: KernelArray {
    let count = kernelSize.height * kernelSize.width
    let kernel = [Double](repeating: 1 / Double(count), count: count)
    return KernelArray(height: kernelSize.height, width: kernelSize.width, kernels: [kernel])
  }
}

extension Box: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .pair(in: Limits.bankSize), "Height and width [px].")
  ]
}
