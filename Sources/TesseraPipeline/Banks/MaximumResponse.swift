import TesseraConfiguration

/// The eight maximum responses of Varma and Zisserman, from 38 filters.
///
/// Edges and bars at (σx, σy) = (3, 1), (6, 2), (12, 4) in six orientations each, of which the maximum
/// is taken, then a Gaussian and a Laplacian of Gaussian at σ = 10. Each has mean 0 and absolute sum 1.
/// Source: makeRFSfilters.m of the Visual Geometry Group, Oxford.
public struct MaximumResponse: SampledBank {
  /// `mr8`.
  public static let name = "mr8"
  /// What lists of banks say of it: one line.
  public static let summary =
    "Eight responses: maxima over six orientations, two without any."

  /// Height and width [px].
  public var kernelSize = 49

  /// 49 × 49.
  public init() {}

  /// Filters of a size.
  public init(kernelSize: Int) { self.kernelSize = kernelSize }

  private static let orientations = 6

  var side: Int { kernelSize }
  var recipes: [KernelRecipe] {
    let plane = KernelPlane(side: side)
    return OrientedFilter.recipes(
      Self.name, sigmas: [1, 2, 4], orientations: Self.orientations, on: plane) + [
        KernelRecipe("\(Self.name)_gaussian") { plane.bell(sigma: 10).balanced },
        KernelRecipe("\(Self.name)_log") { plane.laplacianOfBell(sigma: 10).balanced },
      ]
  }

  /// Six times the orientations, and two filters that have none.
  public var maximumRuns: [Int]? {
    Array(repeating: Self.orientations, count: 6) + [1, 1]
  }
}

extension MaximumResponse: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .oddInteger(in: Limits.manySide), "Height and width [px].")
  ]
}
