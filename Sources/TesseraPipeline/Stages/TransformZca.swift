import TesseraConfiguration
import TesseraEngine

/// Whitens patches: no two values vary together any more, and all of them as much.
///
/// Input and output: patches D × L, the output in float32: Vᵀ·diag(1 / √(λ + ε))·V·(x − μ), with the
/// eigenvectors as rows of V and the eigenvalues λ. Source: Bell and Sejnowski 1997; Krizhevsky 2009.
public struct TransformZca: Stage {
  /// `transform.zca`.
  public static let name = "transform.zca"
  /// What lists of stages say of it: one line.
  public static let summary = "Whitens patches: values come to vary alone, and all as much."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Vᵀ·diag(1 / √(λ + ε))·V·(x − μ) for every patch x, with the mean μ, the eigenvectors, the rows of V, \
    and the eigenvalues λ of the covariance that `tessera fit` has learned. The result is the whitened \
    patch that is nearest to the patch itself. `epsilon`, ε, keeps directions in which patches hardly vary from \
    becoming loud; it is in the units of values squared. The window stays, and opacity is one more channel. Gives \
    float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches
  /// What was learned of the patches.
  public static let usesStatistics = true

  /// The path of the file with what was learned.
  public var statistics = ""
  /// What is added to every variance.
  public var epsilon = 1e-5

  /// Still needs statistics.
  public init() {}

  /// Whitens by what was learned.
  public init(statistics: String) { self.statistics = statistics }
}

extension TransformZca: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "statistics", \.statistics, .statistics, required: true, "What was learned of patches."),
    Parameter("epsilon", \.epsilon, .number(.nonNegative), "What is added to every variance."),
  ]
}

extension TransformZca {
  /// Mean, variances and directions.
  public var arrays: [ArrayReference] { PatchFigureArrays(statistics).references }

  /// A product with V, scaled, and one with its transpose.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    let figures = try PatchFigureArrays(statistics).values(for: input, in: context)
    let scales = figures.variances.map { 1 / (Double($0) + epsilon).squareRoot() }
    guard let largest = scales.max(), Float(largest).isFinite else {
      throw StageError(Refusal.noVariance(figures.variances.count { $0 == 0 }))
    }
    var layout = input
    layout.elementType = .float32
    let project = figures.projection(on: figures.length) { scales[$0] }
    let back = figures.reconstruction(from: figures.length, isCentred: true)
    layout.values = back.interval(of: project.interval(of: input.allValues))
    (layout.opacity, layout.straightValues) = (layout.values, .unbounded)
    layout.inverse = .lost(stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: [project, back])
  }
}

extension TransformZca {
  /// A division by nothing.
  enum Refusal: StageRefusal {
    case noVariance(Int)

    var key: String? { "epsilon" }

    var description: String {
      switch self {
      case .noVariance(let count):
        "in \(count.counted("direction")) patches do not vary at all, which only an epsilon above 0 "
          + "allows for"
      }
    }
  }
}
