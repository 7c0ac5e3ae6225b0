import TesseraConfiguration

/// The 48 filters of Leung and Malik, in their large scales.
///
/// Edges and bars at σ = √2, 2, 2√2 in six orientations each, then for σ = √2, 2, 2√2, 4 a Gaussian, a
/// Laplacian of Gaussian, and one at 3σ. Each has mean 0 and absolute sum 1. Source: makeLMfilters.m of
/// the Visual Geometry Group, Oxford.
public struct LeungMalik: SampledBank {
  /// `lm`.
  public static let name = "lm"
  /// What lists of banks say of it: one line.
  public static let summary =
    "Leung and Malik's 48 filters: edges, bars, Gaussians, Laplacians."

  /// Height and width [px].
  public var kernelSize = 49

  /// 49 × 49.
  public init() {}

  /// Filters of a size.
  public init(kernelSize: Int) { self.kernelSize = kernelSize }

  var side: Int { kernelSize }
  var recipes: [KernelRecipe] {
    Self.recipes(Self.name, smallest: 2.0.squareRoot(), on: KernelPlane(side: side))
  }

  /// The filters from a scale on, each next one √2 times as large.
  static func recipes(
    _ name: String, smallest: Double, on plane: KernelPlane
  ) -> [KernelRecipe] {
    let root = 2.0.squareRoot()
    let sigmas = [smallest, smallest * root, smallest * 2, smallest * 2 * root]
    let oriented = OrientedFilter.recipes(
      name, sigmas: Array(sigmas.prefix(3)), orientations: 6, on: plane)
    return oriented
      + sigmas.enumerated().flatMap { scale, sigma in
        [
          KernelRecipe("\(name)_gaussian_s\(scale)") { plane.bell(sigma: sigma).balanced },
          KernelRecipe("\(name)_log_s\(scale)") { plane.laplacianOfBell(sigma: sigma).balanced },
          KernelRecipe("\(name)_log3_s\(scale)") {
            plane.laplacianOfBell(sigma: 3 * sigma).balanced
          },
        ]
      }
  }
}

extension LeungMalik: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .oddInteger(in: Limits.manySide), "Height and width [px].")
  ]
}
