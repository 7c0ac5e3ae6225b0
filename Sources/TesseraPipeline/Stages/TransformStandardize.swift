import TesseraConfiguration
import TesseraEngine

/// Gives every patch mean 0 and deviation 1.
///
/// Input and output: patches D × L, the output in float32: (x − mean) / √(var + 1e-6), where the
/// variance divides by n − 1. Opacity stays as it is. Source: `norm_pix_loss` of MAE.
public struct TransformStandardize: Stage {
  /// `transform.standardize`.
  public static let name = "transform.standardize"
  /// What lists of stages say of it: one line.
  public static let summary = "Gives every patch mean 0 and deviation 1: MAE's norm_pix."
  /// What the stage's page says before its keys.
  public static let discussion = """
    (x − mean) / √(var + 1e-6) over the values of each patch, the variance with n − 1. Opacity is left \
    out of mean and variance, and stays as it is. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Which values share their mean and variance.
  public var per = PatchScope.patch

  /// Takes figures over whole patches.
  public init() {}
}

extension TransformStandardize: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("per", \.per, .word, "Which values share their mean and variance.")
  ]
}

extension TransformStandardize {
  /// A mean and a deviation per patch, or per channel of a patch.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    var layout = input
    let transform = input.normalizingPatches(per: per, standardizes: true)
    layout.elementType = .float32
    // No value can be further from the mean than (n − 1)/√n deviations.
    let count = Double((input.patchLength - transform.keptRows) / transform.groups)
    let bound = (count - 1) / count.squareRoot()
    layout.values = ValueInterval(-bound, bound)
    layout.straightValues = .unbounded
    layout.inverse = .lost(stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: [transform])
  }
}
