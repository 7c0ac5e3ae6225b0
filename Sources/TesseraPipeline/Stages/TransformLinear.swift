import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Multiplies every patch by a matrix.
///
/// Input: patches D × L. Output: patches D′ × L in float32, W·x + b. Where D′ = D the window stays in
/// force; otherwise the result is an image of D′ channels on the grid of blocks.
public struct TransformLinear: Stage {
  /// `transform.linear`.
  public static let name = "transform.linear"
  /// What lists of stages say of it: one line.
  public static let summary = "Multiplies every patch by a matrix: patch embedding, PCA."
  /// What the stage's page says before its keys.
  public static let discussion = """
    W·x + b for every patch x, with W of D′ × D from a .npy file. Where D′ = D the window stays in \
    force; otherwise every block becomes one pixel of D′ channels, and fold gives an image of the \
    grid's size. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// The path of a .npy file that holds W.
  public var weights = ""
  /// What is added to each output; `nil` is nothing.
  public var bias: Bias?

  /// Still needs weights.
  public init() {}

  /// Multiplies by the matrix in a .npy file.
  public init(weights: String) { self.weights = weights }
}

extension TransformLinear: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "weights", \.weights, .path("the path of a .npy file"), required: true,
      "A .npy file of D′ × D."),
    Parameter(
      "bias", optional: \.bias, .bias, otherwise: "none",
      "Added to the outputs: a number, one per output, or a .npy file of them."),
  ]
}

extension TransformLinear {
  /// Weights and bias, where files hold them.
  public var arrayPaths: [(key: String, path: String)] {
    [("weights", weights), ("bias", bias?.path)].compactMap { key, path in
      path.map { (key, $0) }
    }
  }

  /// A matrix product; another length replaces the window by 1 × 1 on the grid of blocks.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    let matrix = context.array(weights)
    guard matrix.shape.count == 2, matrix.shape[1] == input.patchLength, matrix.shape[0] > 0 else {
      throw StageError(Refusal.matrix(matrix.shape, patchLength: input.patchLength))
    }
    var map = LinearMap(
      inputs: input.patchLength, outputs: matrix.shape[0], groups: 1, weights: matrix.values)
    map.bias = try bias?.values(outputs: map.outputs, in: context)
    var layout = input
    layout.elementType = .float32
    layout.values = map.interval(of: input.allValues)
    (layout.opacity, layout.straightValues) = (layout.values, .unbounded)
    if map.outputs != input.patchLength {
      layout.grid = try BlockGrid.pixels(of: grid.size)
      layout.window = Window()
      layout.size = grid.size
      layout.replaceChannels(by: map.outputs)
    }
    layout.inverse = input.inverse.afterLinear(
      outputs: layout.channels, sources: nil, stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: [map])
  }
}

extension TransformLinear {
  /// An array that does not multiply patches.
  enum Refusal: StageRefusal {
    case matrix([Int], patchLength: Int)

    var key: String? { "weights" }

    var description: String {
      switch self {
      case .matrix(let sides, let length):
        "expected a matrix (D′, \(length)) for patches of \(length) values, found \(sides)"
      }
    }
  }
}
