import Glibc
import TesseraConfiguration
import TesseraCore

/// A Gaussian blur.
///
/// Each axis has the coefficients of OpenCV's `getGaussianKernel` with an explicit σ: samples of
/// the bell at whole pixels, divided by their sum.
public struct Gaussian: KernelBank {
  /// `gaussian`.
  public static let name = "gaussian"
  /// What lists of banks say of it: one line.
  public static let summary = "A Gaussian blur; the coefficients sum to 1."

  /// Height and width [px]; `nil` reaches 4 σ to each side, or is 3 × 3 without a σ.
  public var kernelSize: Size?
  /// Standard deviations along the height and the width [px]; `nil` follows from the size.
  public var sigma: AxisPair?

  /// A bell of 3 × 3, whose deviation is then 0.8.
  public init() {}

  /// A bell of a size, a standard deviation or both; what is `nil` follows from the other.
  public init(kernelSize: Size? = nil, sigma: AxisPair?) {
    self.kernelSize = kernelSize
    self.sigma = sigma
  }

  /// One separable kernel.
  public var kernels: KernelArray {
    let height = kernelSize?.height ?? Self.size(sigma?.height)
    let width = kernelSize?.width ?? Self.size(sigma?.width)
    let column = Self.samples(count: height, sigma: sigma?.height)
    let row = Self.samples(count: width, sigma: sigma?.width)
    return KernelArray(height: height, width: width, kernels: [Separable.outer(column, row)])
  }

  /// SciPy's rule: the radius is 4 σ, rounded.
  private static func size(_ sigma: Double?) -> Int {
    guard let sigma else { return 3 }
    return 2 * Int(4 * sigma + 0.5) + 1
  }

  private static func samples(count: Int, sigma: Double?) -> [Double] {
    let sigma = sigma ?? 0.3 * (Double(count - 1) / 2 - 1) + 0.8
    let centre = Double(count - 1) / 2
    let samples = (0..<count).map { index in
      let distance = (Double(index) - centre) / sigma
      return exp(-distance * distance / 2)
    }
    let sum = samples.reduce(0, +)
    return samples.map { $0 / sum }
  }
}

extension Gaussian: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", optional: \.kernelSize, .pair(in: Limits.bankSize),
      otherwise: "4 σ to each side; 3 without `sigma`", "Height and width [px]."),
    Parameter(
      "sigma", optional: \.sigma, .axisPair(.closed(0.01, 100)),
      otherwise: "0.3·((size − 1)/2 − 1) + 0.8", "Standard deviation [px]."),
  ]
}
