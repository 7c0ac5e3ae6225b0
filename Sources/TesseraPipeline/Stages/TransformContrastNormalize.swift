import TesseraConfiguration
import TesseraEngine

/// Gives every patch mean 0 and about the same contrast.
///
/// Input and output: patches D × L, the output in float32: (x − mean) / √(var + ε), where the variance
/// divides by n − 1. Opacity stays as it is. Source: A. Coates and A. Ng, Learning Feature
/// Representations with K-means, 2012, whose ε is 10 for levels 0…255.
public struct TransformContrastNormalize: Stage {
  /// `transform.contrast_normalize`.
  public static let name = "transform.contrast_normalize"
  /// What lists of stages say of it: one line.
  public static let summary = "Gives every patch mean 0 and about the same contrast."
  /// What the stage's page says before its keys.
  public static let discussion = """
    (x − mean) / √(var + epsilon) over the values of each patch, the variance with n − 1: local contrast \
    normalization as Coates and Ng do it before they learn features. Epsilon keeps the noise of flat \
    patches small, which transform.standardize would blow up; it is a variance, in the square of the units \
    in force. Opacity is left out of mean and variance, and stays as it is. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// What is added to the variance; `nil` is 10 for levels 0…255.
  public var epsilon: Double?
  /// Which values share their mean and variance.
  public var per = PatchScope.patch

  /// Takes figures over whole patches.
  public init() {}
}

extension TransformContrastNormalize: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "epsilon", optional: \.epsilon, .number(.positive),
      otherwise: "10 for levels 0…255, in the units in force",
      "What is added to the variance, in the square of the units in force."),
    Parameter("per", \.per, .word, "Which values share their mean and variance."),
  ]
}

extension TransformContrastNormalize {
  /// A mean and a deviation per patch, or per channel of a patch.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    let epsilon = try variance(in: input)
    let keptRows = input.hasAlpha ? input.patchLength / input.channels : 0
    let transform = NormalizeContrast(
      groups: per == .patch ? 1 : input.colorChannels, epsilon: epsilon, keptRows: keptRows)
    var layout = input
    layout.elementType = .float32
    // No value can be further from the mean than (n − 1)/√n deviations, nor than all values together.
    let count = Double((input.patchLength - keptRows) / transform.groups)
    let reach = input.values.upper - input.values.lower
    let bound = min((count - 1) / count.squareRoot(), reach / Double(epsilon).squareRoot())
    layout.values = ValueInterval(-bound, bound)
    layout.straightValues = .unbounded
    layout.inverse = .lost(stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: [transform])
  }

  /// Epsilon in the units in force.
  private func variance(in input: Layout) throws(StageError) -> Float {
    if let epsilon { return Float(epsilon) }
    guard case .affine(let maps) = input.inverse else { throw StageError(Refusal.noLevels) }
    let scales = Set(maps.prefix(input.colorChannels).map { abs($0.scale) })
    guard let scale = scales.first, scales.count == 1, scale > 0 else {
      throw StageError(Refusal.noLevels)
    }
    let level = input.sourceMaximum / 255 / scale
    let variance = Float(10 * level * level)
    guard variance.isNormal else { throw StageError(Refusal.noLevels) }
    return variance
  }
}

extension TransformContrastNormalize {
  /// Values of which nobody knows what a level is among them.
  enum Refusal: StageRefusal {
    case noLevels

    var key: String? { "epsilon" }

    var description: String {
      """
      no one factor turns these values back into levels 0…255, for which 10 is the usual epsilon; say \
      what it is in the square of the units in force
      """
    }
  }
}
