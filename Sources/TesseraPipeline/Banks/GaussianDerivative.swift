import TesseraConfiguration

/// Derivatives of a Gaussian, in scales and orientations.
///
/// ∂ⁿ/∂y′ⁿ of a bell whose sum is 1, with y′ = x sin θ + y cos θ, as it stands. At θ = 0 horizontal edges
/// respond most: with order 1 upwards where the brighter side lies below.
public struct GaussianDerivative: SampledBank {
  /// `gaussian_derivative`.
  public static let name = "gaussian_derivative"
  /// What lists of banks say of it: one line.
  public static let summary = "First or second derivatives of a Gaussian, in orientations."

  /// 1 or 2.
  public var order = 1
  /// Standard deviations [px], one scale each.
  public var sigma = [1.0]
  /// Directions within half a turn, θ = π · o/orientations.
  public var orientations = 2
  /// Height and width [px]; `nil` reaches 4 σ of the largest scale to each side.
  public var kernelSize: Int?

  /// First derivatives at σ = 1 down the columns and along the rows.
  public init() {}

  /// Derivatives of an order at some scales, in so many orientations.
  public init(order: Int, sigma: [Double], orientations: Int) {
    self.order = order
    self.sigma = sigma
    self.orientations = orientations
  }

  var side: Int { kernelSize ?? KernelPlane.side(reaching: 4, sigma: sigma.max() ?? 1) }

  var recipes: [KernelRecipe] {
    let plane = KernelPlane(side: side)
    return sigma.enumerated().flatMap { scale, sigma in
      (0..<orientations).map { orientation in
        KernelRecipe("\(Self.name)_s\(scale)_o\(orientation)") {
          let variance = sigma * sigma
          let angle = .pi * Double(orientation) / Double(orientations)
          let factors = plane.samples(turnedBy: angle) { _, y in
            order == 1 ? -y / variance : (y * y - variance) / (variance * variance)
          }
          return zip(factors, plane.bell(sigma: sigma)).map(*)
        }
      }
    }
  }
}

extension GaussianDerivative: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter("order", \.order, .integer(in: 1...2), "Which derivative."),
    Parameter(
      "sigma", \.sigma, .scales(.closed(0.3, 30)), "Standard deviations [px], one scale each."),
    Parameter(
      "orientations", \.orientations, .integer(in: Limits.orientations),
      "Directions within half a turn: θ = π · o/orientations."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .oddInteger(in: Limits.manySide),
      otherwise: "4 σ of the largest scale to each side", "Height and width [px]."),
  ]
}
