import TesseraConfiguration

/// The Laplacian of a Gaussian: below 0 at its centre, with a sum of 0.
///
/// MATLAB's `fspecial('log')`: (r² − 2σ²)/σ⁴ times a bell whose sum is 1, minus the mean.
public struct LaplacianOfGaussian: SampledBank {
  /// `log`.
  public static let name = "log"
  /// What lists of banks say of it: one line.
  public static let summary = "The Laplacian of a Gaussian; the coefficients sum to 0."

  /// Standard deviations [px], one scale each.
  public var sigma = [1.4]
  /// Height and width [px]; `nil` reaches 4 σ of the largest scale to each side.
  public var kernelSize: Int?

  /// One scale: σ = 1.4.
  public init() {}

  /// Some scales.
  public init(sigma: [Double], kernelSize: Int? = nil) {
    self.sigma = sigma
    self.kernelSize = kernelSize
  }

  var side: Int { kernelSize ?? KernelPlane.side(reaching: 4, sigma: sigma.max() ?? 1) }

  var recipes: [KernelRecipe] {
    let plane = KernelPlane(side: side)
    return sigma.enumerated().map { scale, sigma in
      KernelRecipe(self.sigma.count == 1 ? Self.name : "\(Self.name)_s\(scale)") {
        plane.laplacianOfBell(sigma: sigma)
      }
    }
  }
}

extension LaplacianOfGaussian: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "sigma", \.sigma, .scales(.closed(0.3, 30)), "Standard deviations [px], one scale each."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .oddInteger(in: Limits.manySide),
      otherwise: "4 σ of the largest scale to each side", "Height and width [px]."),
  ]
}
