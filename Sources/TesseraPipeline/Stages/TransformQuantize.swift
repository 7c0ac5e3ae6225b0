import TesseraConfiguration
import TesseraEngine

/// Rounds every value of a patch to a multiple of a step.
///
/// Input and output: patches D × L, the output in float32: step · round(x / step), halves to even.
public struct TransformQuantize: Stage {
  /// `transform.quantize`.
  public static let name = "transform.quantize"
  /// For lists of stages.
  public static let summary = "Rounds every value to a multiple of a step."
  /// For the page of the stage.
  public static let discussion = """
    step · round(x / step) for every value x, halves to the even multiple, in the units in force. \
    Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// What values become multiples of.
  public var step = 1.0

  /// Makes a stage that rounds to whole numbers.
  public init() {}
}

extension TransformQuantize: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "step", \.step, .number(.positive), required: true,
      "What values become multiples of, in the units in force.")
  ]
}

extension TransformQuantize {
  /// The same patches in floats; their units stay, so that `encode` can still restore them.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = try input.requirePatches(for: Self.name)
    let step = Float(step)
    guard step.isNormal else {
      throw StageError(Refusal.step(self.step))
    }
    var layout = input
    layout.elementType = .float32
    layout.values = ValueInterval(
      input.values.lower - Double(step), input.values.upper + Double(step))
    return Lowered(layout: layout, operators: [RoundToMultiples(step: step)])
  }
}

extension TransformQuantize {
  /// A step that floats cannot make.
  enum Refusal: StageRefusal {
    case step(Double)

    var key: String? { "step" }

    var description: String {
      switch self {
      case .step(let step): "\(step) is no step that values in float32 can have"
      }
    }
  }
}

/// step · round(x / step) of every value.
private struct RoundToMultiples: TileTransform, PreparedTransform {
  var step: Float

  func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform { self }

  func apply(to tile: inout Tile) {
    for row in 0..<tile.length {
      let values = tile.row(row)
      for index in values.indices {
        values[index] = (values[index] / step).rounded(.toNearestOrEven) * step
      }
    }
  }
}
