import TesseraConfiguration

/// First derivatives whose direction is truer than Sobel's.
public struct Scharr: KernelBank {
  /// `scharr`.
  public static let name = "scharr"
  /// What lists of banks say of it: one line.
  public static let summary = "First derivatives, 3 × 3, with 3 10 3 across: OpenCV's integers."

  /// Which derivatives.
  public var direction = DerivativeDirection.both

  /// Both derivatives.
  public init() {}

  /// First derivatives along some directions.
  public init(direction: DerivativeDirection) { self.direction = direction }

  /// One kernel or two.
  public var kernels: KernelArray {
    Separable.derivatives(smooth: [3, 10, 3], difference: [-1, 0, 1], direction)
  }

  /// The bank's name with the direction of each kernel.
  public var kernelNames: [String] { direction.kernelNames(of: Self.name) }
}

extension Scharr: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "direction", \.direction, .word,
      "x: along the width; y: along the height; xy: both, x first.")
  ]
}
