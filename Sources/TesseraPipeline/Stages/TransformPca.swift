import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Projects patches on their principal directions, and back if wished.
///
/// Input: patches D × L. Output in float32: V·(x − μ), patches K × L on a grid of 1 × 1 windows; or
/// μ + Vᵀ·V·(x − μ), patches D × L whose window stays. V holds the first K eigenvectors as rows. Source:
/// `sklearn.decomposition.PCA`.
public struct TransformPca: Stage {
  /// `transform.pca`.
  public static let name = "transform.pca"
  /// What lists of stages say of it: one line.
  public static let summary = "Projects patches on their principal directions, and back."
  /// What the stage's page says before its keys.
  public static let discussion = """
    V·(x − μ) for every patch x, with the mean μ and the first `components` eigenvectors, the rows of V, \
    that `tessera fit` has learned: every block becomes one pixel of that many channels, and fold gives an \
    image of the grid's size. With `reconstruct` the projection goes back, μ + Vᵀ·V·(x − μ): what lies \
    along the other directions, noise for the most part, is left out, and the window stays. Opacity is \
    one more channel. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches
  /// What was learned of the patches.
  public static let usesStatistics = true

  /// The path of the file with what was learned.
  public var statistics = ""
  /// How many directions count, those of the largest variances; `nil` is all.
  public var components: Int?
  /// Whether patches come back from the projection.
  public var reconstruct = false

  /// Still needs statistics.
  public init() {}

  /// Projects on some directions.
  public init(statistics: String, components: Int? = nil) {
    self.statistics = statistics
    self.components = components
  }
}

extension TransformPca: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "statistics", \.statistics, .statistics, required: true, "What was learned of patches."),
    Parameter(
      "components", optional: \.components, .integer(in: 1...1_048_576), otherwise: "all",
      "How many principal directions count."),
    Parameter("reconstruct", \.reconstruct, .bool, "Brings patches back from the projection."),
  ]
}

extension TransformPca {
  /// Mean, variances and directions.
  public var arrays: [ArrayReference] { PatchFigureArrays(statistics).references }

  /// A product with V, and one with its transpose where patches come back.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    let figures = try PatchFigureArrays(statistics).values(for: input, in: context)
    let count = components ?? figures.length
    guard count <= figures.length else {
      throw StageError(Refusal.components(count, of: figures.length))
    }
    var layout = input
    layout.elementType = .float32
    let project = figures.projection(on: count) { _ in 1 }
    layout.values = project.interval(of: input.allValues)
    guard reconstruct else {
      (layout.opacity, layout.straightValues) = (layout.values, .unbounded)
      try layout.placePixels(of: grid)
      layout.size = grid.size
      layout.replaceChannels(by: count)
      layout.inverse = input.inverse.afterLinear(
        outputs: count, sources: nil, stage: context.stageIndex, name: Self.name)
      return Lowered(layout: layout, operators: [project])
    }
    let back = figures.reconstruction(from: count, isCentred: false)
    layout.values = back.interval(of: layout.values)
    // They are in the units in which they came.
    (layout.opacity, layout.straightValues) = (layout.values, .unbounded)
    return Lowered(layout: layout, operators: [project, back])
  }
}

extension TransformPca {
  /// More directions than there are.
  enum Refusal: StageRefusal {
    case components(Int, of: Int)

    var key: String? { "components" }

    var description: String {
      switch self {
      case .components(let count, let most):
        "expected at most \(most), as patches of \(most) values have, found \(count)"
      }
    }
  }
}
