import TesseraConfiguration

/// A narrow Gaussian minus a wide one: above 0 at its centre, with a sum of 0.
///
/// scikit-image's `difference_of_gaussians`.
public struct DifferenceOfGaussians: KernelBank {
  /// `dog`.
  public static let name = "dog"
  /// What lists of banks say of it: one line.
  public static let summary = "A narrow Gaussian minus a wide one; the coefficients sum to 0."

  /// Deviation of the narrow one [px].
  public var lowSigma = 1.0
  /// Deviation of the wide one [px]; `nil` is 1.6 times the other.
  public var highSigma: Double?
  /// Height and width [px]; `nil` reaches 4 σ of each Gaussian to each side.
  public var kernelSize: Int?

  /// σ = 1 and 1.6.
  public init() {}

  /// A difference of two deviations.
  public init(lowSigma: Double, highSigma: Double? = nil) {
    self.lowSigma = lowSigma
    self.highSigma = highSigma
  }

  /// One kernel.
  public var kernels: KernelArray {
    let sigmas = [lowSigma, highSigma ?? 1.6 * lowSigma]
    let sides = sigmas.map { kernelSize ?? KernelPlane.side(reaching: 4, sigma: $0) }
    let side = max(sides[0], sides[1])
    let bells = zip(sigmas, sides).map { KernelPlane(side: $1).bell(sigma: $0) }
    var kernel = [Double](repeating: 0, count: side * side)
    for (bell, (own, sign)) in zip(bells, zip(sides, [1.0, -1.0])) {
      let offset = (side - own) / 2
      for (index, value) in bell.enumerated() {
        kernel[(index / own + offset) * side + index % own + offset] += sign * value
      }
    }
    return KernelArray(height: side, width: side, kernels: [kernel])
  }
}

extension DifferenceOfGaussians: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "low_sigma", \.lowSigma, .number(.closed(0.1, 30)), "Deviation of the narrow one [px]."),
    Parameter(
      "high_sigma", optional: \.highSigma, .number(.closed(0.1, 60)),
      otherwise: "1.6 times the other", "Deviation of the wide one [px]."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .oddInteger(in: Limits.manySide),
      otherwise: "4 σ of each to each side", "Height and width [px]."),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    guard let highSigma, highSigma <= lowSigma else { return [] }
    return [
      KeyProblem(
        "high_sigma", "expected more than the \(Phrase.number(lowSigma)) of \"low_sigma\"")
    ]
  }
}
