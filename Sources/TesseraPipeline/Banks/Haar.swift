import TesseraConfiguration

/// Haar's wavelets of 2 × 2 pixels.
///
/// The mean, and the differences down the columns, along the rows and across the diagonal, each of norm 1:
/// at stride 2 the coefficients of one level of the wavelet transform.
public struct Haar: KernelBank {
  /// `haar`.
  public static let name = "haar"
  /// What lists of banks say of it: one line.
  public static let summary = "Haar's wavelets, 2 × 2: mean, horizontal, vertical, diagonal."

  /// The wavelets have no parameters.
  public init() {}

  /// Four kernels whose coefficients are ±½.
  public var kernels: KernelArray {
    let half = 0.5
    return KernelArray(
      height: 2, width: 2,
      kernels: [
        [half, half, half, half], [half, half, -half, -half], [half, -half, half, -half],
        [half, -half, -half, half],
      ])
  }

  /// Approximation, then horizontal, vertical and diagonal details.
  public var kernelNames: [String] { ["a", "h", "v", "d"].map { "\(Self.name)_\($0)" } }
}

extension Haar: Configurable {
  package static let parameters: [Parameter<Self>] = []
}
