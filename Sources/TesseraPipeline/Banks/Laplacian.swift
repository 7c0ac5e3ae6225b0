import TesseraConfiguration

/// The sum of the second derivatives.
public struct Laplacian: KernelBank {
  /// `laplacian`.
  public static let name = "laplacian"
  /// What lists of banks say of it: one line.
  public static let summary = "The sum of both second derivatives: OpenCV's integers."

  /// Height and width [px]: odd, 1…15, where 1 is the 3 × 3 kernel of the four neighbours.
  ///
  /// The same number as OpenCV's `ksize`.
  public var aperture = 1

  /// The centre and its four neighbours: aperture 1.
  public init() {}

  /// The second derivatives of OpenCV's aperture of the same number.
  public init(aperture: Int) { self.aperture = aperture }

  /// One kernel.
  public var kernels: KernelArray {
    if aperture == 1 {
      return KernelArray(height: 3, width: 3, kernels: [[0, 1, 0, 1, -4, 1, 0, 1, 0]])
    }
    let smooth = Separable.binomial(sums: aperture - 1, differences: 0)
    let second = Separable.binomial(sums: aperture - 3, differences: 2)
    let kernel = zip(Separable.outer(smooth, second), Separable.outer(second, smooth)).map(+)
    return KernelArray(height: aperture, width: aperture, kernels: [kernel])
  }
}

extension Laplacian: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "aperture", \.aperture, .oddInteger(in: 1...15),
      "Height and width [px]; 1 is the 3 × 3 kernel of the four neighbours.")
  ]
}
