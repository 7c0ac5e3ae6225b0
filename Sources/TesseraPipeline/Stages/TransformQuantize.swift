import TesseraConfiguration
import TesseraEngine

/// Rounds every value of a patch to a multiple of a step.
///
/// Input and output: patches D × L, the output in float32: step · round(x / step), halves to even.
public struct TransformQuantize: Stage {
  /// `transform.quantize`.
  public static let name = "transform.quantize"
  /// What lists of stages say of it: one line.
  public static let summary = "Rounds every value to a multiple of a step."
  /// What the stage's page says before its keys.
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
    _ = input.requirePatches(for: Self.name)
    let step = Float(step)
    var layout = input
    layout.elementType = .float32
    // Rounding keeps the order of values, so the ends stay the ends.
    layout.mapValues { values in
      ValueInterval(
        Double(Float(values.lower).rounded(toMultipleOf: step)),
        Double(Float(values.upper).rounded(toMultipleOf: step)))
    }
    layout.straightValues = .unbounded
    return Lowered(layout: layout, operators: [RoundToMultiples(step: step)])
  }
}

/// step · round(x / step) of every value.
private struct RoundToMultiples: TileTransform, PreparedTransform {
  var step: Float

  func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform { self }

  func apply(to tile: inout Tile) {
    for row in 0..<tile.length {
      let values = tile.row(row)
      for index in values.indices { values[index] = values[index].rounded(toMultipleOf: step) }
    }
  }
}

extension Float {
  /// The nearest multiple of a step, the even one of two.
  ///
  /// From 2²⁴ steps on neighbouring floats are a step and more apart: each of them is the multiple
  /// that is nearest to it, and a quotient might overflow.
  @inline(__always)
  fileprivate func rounded(toMultipleOf step: Float) -> Float {
    let quotient = self / step
    return abs(quotient) < 0x1p24 ? quotient.rounded(.toNearestOrEven) * step : self
  }
}
