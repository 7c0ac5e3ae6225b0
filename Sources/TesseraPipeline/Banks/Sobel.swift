import TesseraConfiguration

/// First derivatives, smoothed across.
public struct Sobel: KernelBank {
  /// `sobel`.
  public static let name = "sobel"
  /// What lists of banks say of it: one line.
  public static let summary = "First derivatives, smoothed across: OpenCV's integers."

  /// Height and width [px]: odd, 3…15.
  public var kernelSize = 3
  /// Which derivatives.
  public var direction = DerivativeDirection.both

  /// Both derivatives, 3 × 3.
  public init() {}

  /// Derivatives of a size, along some directions.
  public init(kernelSize: Int, direction: DerivativeDirection) {
    self.kernelSize = kernelSize
    self.direction = direction
  }

  /// One kernel or two.
  public var kernels: KernelArray {
    Separable.derivatives(
      smooth: Separable.binomial(sums: kernelSize - 1, differences: 0),
      difference: Separable.binomial(sums: kernelSize - 2, differences: 1), direction)
  }

  /// The bank's name with the direction of each kernel.
  public var kernelNames: [String] { direction.kernelNames(of: Self.name) }
}

extension Sobel: Configurable {
  package static let parameters: [Parameter<Self>] = [
    // Up to 15 every coefficient is an integer that float32 holds exactly.
    Parameter("kernel_size", \.kernelSize, .oddInteger(in: 3...15), "Height and width [px]."),
    Parameter(
      "direction", \.direction, .word,
      "x: along the width; y: along the height; xy: both, x first."),
  ]
}
