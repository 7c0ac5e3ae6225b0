/// Subtracts every patch's mean.
///
/// Input and output: patches D × L, the output in float32.
public struct TransformMeanRemoval: Stage {
  /// `transform.mean_removal`.
  public static let name = "transform.mean_removal"
  /// One line.
  public static let summary = "Subtracts every patch's mean."
  /// What it does.
  public static let discussion = "x − mean over the values of each patch. Gives float32."
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Which values share their mean.
  public var per = PatchScope.patch

  /// Creates a stage over whole patches.
  public init() {}
}

extension TransformMeanRemoval: Configurable {
  static let parameters: [Parameter<Self>] = [
    Parameter("per", \.per, .word, "Which values share their mean.")
  ]
}
