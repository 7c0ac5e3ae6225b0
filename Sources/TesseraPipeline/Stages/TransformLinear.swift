import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Multiplies every patch by a matrix.
///
/// Input: patches D × L. Output: patches M × L in float32, W·x + b, and what a position embedding has
/// for each block. Where M = D and W is a matrix the window stays in force; otherwise the result is an
/// image of M channels on the grid of blocks.
public struct TransformLinear: Stage {
  /// `transform.linear`.
  public static let name = "transform.linear"
  /// What lists of stages say of it: one line.
  public static let summary = "Multiplies every patch by a matrix: patch embedding, PCA."
  /// What the stage's page says before its keys.
  public static let discussion = """
    W·x + b for every patch x, with W of (M, D), or the weights of a convolution (M, C, kH, kW) whose \
    kernels are as large as the window: with a `stride` of `kernel_size` that is the patch embedding of \
    a Vision Transformer. Arrays come from .npy files, or by their names from .safetensors files, such \
    as `patch_embed.proj.weight` of timm and `embeddings.patch_embeddings.projection.weight` of \
    Hugging Face. Every block becomes one pixel of M channels, and fold gives an image of the grid's \
    size; only under a matrix with M = D the window stays in force. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// The path of the file that holds W.
  public var weights = ""
  /// The name of W in a .safetensors file.
  public var tensor: String?
  /// What is added to each output; `nil` is nothing, unless a tensor of that is named.
  public var bias: Bias?
  /// The name of the bias in the .safetensors file of `bias`, or that of `weights`.
  public var biasTensor: String?
  /// The path of the file that holds a position embedding.
  public var position: String?
  /// The name of the position embedding in the .safetensors file of `position`, or that of `weights`.
  public var positionTensor: String?
  /// Rows of the position embedding that belong to no block, such as that of a class token.
  public var positionSkip = 0

  /// Still needs weights.
  public init() {}

  /// Multiplies by the matrix in a .npy file.
  public init(weights: String) { self.weights = weights }

  /// Multiplies by a tensor in a .safetensors file.
  public init(weights: String, tensor: String) {
    self.weights = weights
    self.tensor = tensor
  }
}

extension TransformLinear: HasBias {
  package static let parameters: [Parameter<Self>] =
    [
      Parameter(
        "weights", \.weights, .arrayFile, required: true, "The file of (M, D) or (M, C, kH, kW)."),
      Parameter("tensor", optional: \.tensor, .tensorName, "The weights in a .safetensors file."),
    ] + biasParameters + [
      Parameter(
        "position", optional: \.position, .arrayFile, otherwise: "none",
        "The file of a position embedding, (L, M) or (1, L, M): row l is added to block l."),
      Parameter(
        "position_tensor", optional: \.positionTensor, .tensorName,
        "The position embedding in the .safetensors file of `position`, or of `weights`."),
      Parameter(
        "position_skip", \.positionSkip, .integer(in: 0...4096),
        "First rows of the position embedding that belong to no block: 1 with a class token."),
    ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems = ArrayReference.problems(("weights", weights), ("tensor", tensor))
    problems += biasProblems(beside: ("weights", weights))
    problems += ArrayReference.problems(
      ("position", position), ("position_tensor", positionTensor), beside: ("weights", weights))
    if positionSkip > 0, position == nil, positionTensor == nil {
      problems.append(KeyProblem("position_skip", "applies only to a position embedding"))
    }
    return problems
  }
}

extension TransformLinear {
  private var weightsArray: ArrayReference {
    ArrayReference("weights", path: weights, tensor: tensor, tensorKey: "tensor")
  }

  private var positionArray: ArrayReference? {
    ArrayReference(
      ("position", position), ("position_tensor", positionTensor), beside: ("weights", weights))
  }

  /// Weights, bias and position embedding, where files hold them.
  public var arrays: [ArrayReference] {
    [weightsArray] + [biasArray(beside: ("weights", weights)), positionArray].compactMap { $0 }
  }

  /// A matrix product; but for square matrices 1 × 1 on the grid of blocks becomes the window.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    let weights = context.array(weightsArray)
    let isConvolution = weights.shape.count == 4
    try checkShape(weights.shape, for: input, grid)
    var map = LinearMap(
      inputs: input.patchLength, outputs: weights.shape[0], groups: 1, weights: weights.values)
    map.bias = try biasValues(
      outputs: map.outputs, beside: ("weights", self.weights), in: context)
    var layout = input
    layout.elementType = .float32
    layout.values = map.interval(of: input.allValues)
    var operators: [any Operator] = [map]
    if let positions = try positions(blocks: grid.blockCount, outputs: map.outputs, in: context) {
      operators.append(AddPositions(positions, length: map.outputs))
      layout.values = ValueInterval(
        layout.values.lower + Double(positions.min() ?? 0),
        layout.values.upper + Double(positions.max() ?? 0))
    }
    (layout.opacity, layout.straightValues) = (layout.values, .unbounded)
    if isConvolution || map.outputs != input.patchLength {
      try layout.placePixels(of: grid)
      layout.size = grid.size
      layout.replaceChannels(by: map.outputs)
    }
    layout.inverse = input.inverse.afterLinear(
      outputs: layout.channels, sources: nil, stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: operators)
  }

  private func checkShape(
    _ shape: [Int], for input: Layout, _ grid: BlockGrid
  ) throws(StageError) {
    let window = [input.channels, grid.kernelSize.height, grid.kernelSize.width]
    switch shape.count {
    case 2 where shape[1] == input.patchLength && shape[0] > 0: return
    case 4 where Array(shape[1...]) == window && shape[0] > 0: return
    default:
      throw StageError(Refusal.weights(shape, patchLength: input.patchLength, window: window))
    }
  }

  /// A row for each block, without those that are left out.
  private func positions(
    blocks: Int, outputs: Int, in context: StageContext
  ) throws(StageError) -> [Float]? {
    guard let array = positionArray.map({ context.array($0) }) else { return nil }
    let shape = array.shape
    let rows = shape.count == 3 && shape[0] == 1 ? Array(shape[1...]) : shape
    guard rows.count == 2, rows[1] == outputs, rows[0] == positionSkip + blocks else {
      throw StageError(
        Refusal.position(shape, blocks: blocks, outputs: outputs, skipped: positionSkip))
    }
    return Array(array.values[(positionSkip * outputs)...])
  }
}

extension TransformLinear {
  /// An array that does not fit patches.
  enum Refusal: StageRefusal {
    case weights([Int], patchLength: Int, window: [Int])
    case position([Int], blocks: Int, outputs: Int, skipped: Int)

    var key: String? {
      switch self {
      case .weights: "weights"
      case .position: "position"
      }
    }

    var description: String {
      switch self {
      case .weights(let sides, let length, let window):
        "expected a matrix (M, \(length)) for patches of \(length) values, or kernels "
          + "(M, \(window[0]), \(window[1]), \(window[2])), found \(sides)"
      case .position(let sides, let blocks, let outputs, let skipped):
        Self.position(sides, blocks, outputs, skipped)
      }
    }

    private static func position(
      _ sides: [Int], _ blocks: Int, _ outputs: Int, _ skipped: Int
    ) -> String {
      let after = skipped > 0 ? " after \"position_skip\": \(skipped)" : ""
      let text =
        "expected (\(skipped + blocks), \(outputs)), a row of \(outputs) values for each of "
        + "\(blocks) blocks\(after), found \(sides)"
      guard sides.count >= 2, sides.last == outputs else { return text }
      let surplus = sides[sides.count - 2] - blocks
      guard surplus != skipped, (0...8).contains(surplus) else { return text }
      return text + "; \"position_skip\": \(surplus) leaves out "
        + (surplus == 0
          ? "none" : surplus == 1 ? "the first, as of a class token" : "the first \(surplus)")
    }
  }
}
