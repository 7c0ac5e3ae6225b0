import Glibc

/// A Gaussian that is long in one direction, differentiated across it.
///
/// The filters of Leung and Malik, and of Varma and Zisserman: G(3σ; x′) · G⁽ⁿ⁾(σ; y′), balanced.
enum OrientedFilter: String {
  /// The first derivative.
  case edge
  /// The second derivative.
  case bar

  /// One filter on a plane.
  func coefficients(on plane: KernelPlane, sigma: Double, angle: Double) -> [Double] {
    let variance = sigma * sigma
    return plane.samples(turnedBy: angle) { x, y in
      let bell = exp(-x * x / (18 * variance) - y * y / (2 * variance))
      return switch self {
      case .edge: -y / variance * bell
      case .bar: (y * y - variance) / (variance * variance) * bell
      }
    }.balanced
  }

  /// Edges of every scale and orientation, then bars.
  static func recipes(
    _ bank: String, sigmas: [Double], orientations: Int, on plane: KernelPlane
  ) -> [KernelRecipe] {
    [Self.edge, .bar].flatMap { filter in
      sigmas.enumerated().flatMap { scale, sigma in
        (0..<orientations).map { orientation in
          KernelRecipe("\(bank)_\(filter.rawValue)_s\(scale)_o\(orientation)") {
            filter.coefficients(
              on: plane, sigma: sigma, angle: .pi * Double(orientation) / Double(orientations))
          }
        }
      }
    }
  }
}

/// Filters in scales of √2: edges and bars, then Gaussians and Laplacians.
enum TextureFilters {
  /// Edges and bars at three scales from the smallest on in six orientations, then at four scales a
  /// Gaussian, a Laplacian of Gaussian, and one three times as wide.
  static func recipes(
    _ bank: String, smallest: Double, on plane: KernelPlane
  ) -> [KernelRecipe] {
    let root = 2.0.squareRoot()
    let sigmas = [smallest, smallest * root, smallest * 2, smallest * 2 * root]
    let oriented = OrientedFilter.recipes(
      bank, sigmas: Array(sigmas.prefix(3)), orientations: 6, on: plane)
    return oriented
      + sigmas.enumerated().flatMap { scale, sigma in
        [
          KernelRecipe("\(bank)_gaussian_s\(scale)") { plane.bell(sigma: sigma).balanced },
          KernelRecipe("\(bank)_log_s\(scale)") { plane.laplacianOfBell(sigma: sigma).balanced },
          KernelRecipe("\(bank)_log3_s\(scale)") {
            plane.laplacianOfBell(sigma: 3 * sigma).balanced
          },
        ]
      }
  }
}
