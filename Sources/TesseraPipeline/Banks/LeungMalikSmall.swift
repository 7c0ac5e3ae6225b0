import TesseraConfiguration

/// The 48 filters of Leung and Malik, in their small scales.
///
/// Those of the large ones, from σ = 1 on: 1, √2, 2 for edges and bars, 1, √2, 2, 2√2 for the rest.
public struct LeungMalikSmall: SampledBank {
  /// `lms`.
  public static let name = "lms"
  /// What lists of banks say of it: one line.
  public static let summary = "Leung and Malik's 48 filters, from σ = 1 on, not from √2."

  /// Height and width [px].
  public var kernelSize = 49

  /// 49 × 49.
  public init() {}

  /// Filters of a size.
  public init(kernelSize: Int) { self.kernelSize = kernelSize }

  var side: Int { kernelSize }
  var recipes: [KernelRecipe] {
    TextureFilters.recipes(Self.name, smallest: 1, on: KernelPlane(side: side))
  }
}

extension LeungMalikSmall: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .oddInteger(in: Limits.manySide), "Height and width [px].")
  ]
}
