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
    TextureFilters.recipes(Self.name, smallest: 2.0.squareRoot(), on: KernelPlane(side: side))
  }
}

extension LeungMalik: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .oddInteger(in: Limits.manySide), "Height and width [px].")
  ]
}
