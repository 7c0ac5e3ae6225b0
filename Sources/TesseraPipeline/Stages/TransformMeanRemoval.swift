import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Subtracts every patch's mean.
///
/// Input and output: patches D × L, the output in float32. Opacity stays as it is.
public struct TransformMeanRemoval: Stage {
  /// `transform.mean_removal`.
  public static let name = "transform.mean_removal"
  /// What lists of stages say of it: one line.
  public static let summary = "Subtracts every patch's mean."
  /// What the stage's page says before its keys.
  public static let discussion = """
    x − mean over the values of each patch. Opacity is left out of the mean, and stays as it is. Gives \
    float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Which values share their mean.
  public var per = PatchScope.patch

  /// Takes figures over whole patches.
  public init() {}
}

extension TransformMeanRemoval: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("per", \.per, .word, "Which values share their mean.")
  ]
}

extension TransformMeanRemoval {
  /// A mean per patch, or per channel of a patch.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    var layout = input
    layout.elementType = .float32
    let reach = input.values.upper - input.values.lower
    layout.values = ValueInterval(-reach, reach)
    layout.straightValues = .unbounded
    layout.inverse = input.inverse.afterLinear(
      outputs: input.channels, sources: nil, stage: context.stageIndex, name: Self.name)
    return Lowered(
      layout: layout, operators: [input.normalizingPatches(per: per, standardizes: false)])
  }
}
