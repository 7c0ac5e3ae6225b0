import TesseraConfiguration
import TesseraEngine

/// Brings every value into an interval.
///
/// Input and output: patches D × L, the output in float32. Opacity stays as it is.
public struct TransformClip: Stage {
  /// `transform.clip`.
  public static let name = "transform.clip"
  /// What lists of stages say of it: one line.
  public static let summary = "Brings every value into an interval."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Values below `min` become `min`, values above `max` become `max`, in the units in force, which stay. \
    NaN stays NaN, as with numpy.clip. Opacity stays as it is. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// The least value that is left; `nil` is no bound.
  public var min: Double?
  /// The greatest value that is left; `nil` is no bound.
  public var max: Double?

  /// Still needs a bound.
  public init() {}
}

extension TransformClip: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "min", optional: \.min, .number(), otherwise: "no bound",
      "The least value that is left, in the units in force."),
    Parameter(
      "max", optional: \.max, .number(), otherwise: "no bound",
      "The greatest value that is left, in the units in force."),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    if min == nil, max == nil {
      return [KeyProblem(nil, "expected \"min\", \"max\" or both, found neither")]
    }
    if let min, let max, min > max {
      return [KeyProblem("min", "is more than \"max\", so that no value lies between")]
    }
    return []
  }
}

extension TransformClip {
  /// The same patches in floats; their units stay, so that `encode` can still restore them.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    let (low, high) = (Float(min ?? -.infinity), Float(max ?? .infinity))
    var layout = input
    layout.elementType = .float32
    func clipped(_ value: Double) -> Double {
      Swift.min(Swift.max(value, Double(low)), Double(high))
    }
    layout.values = ValueInterval(clipped(input.values.lower), clipped(input.values.upper))
    layout.straightValues = .unbounded
    let keptRows = input.hasAlpha ? input.patchLength / input.channels : 0
    return Lowered(
      layout: layout, operators: [ClipPatches(low, high, keptRows: keptRows)])
  }
}
