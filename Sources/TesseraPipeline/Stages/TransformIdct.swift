import TesseraConfiguration
import TesseraEngine

/// Turns cosine coefficients back into patches.
///
/// Input and output: patches (C·kH·kW) × L, the output in float32. Source: `scipy.fft.idctn` with
/// orthonormal scaling, per channel.
public struct TransformIdct: Stage {
  /// `transform.idct`.
  public static let name = "transform.idct"
  /// What lists of stages say of it: one line.
  public static let summary = "Turns cosine coefficients back into patches."
  /// What the stage's page says before its keys.
  public static let discussion = """
    The inverse of `transform.dct`, whose coefficients it takes; what stands between the two may change \
    them one by one, and values are in the units of before. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Makes the stage; it has no keys.
  public init() {}
}

extension TransformIdct: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = []
}

extension TransformIdct {
  /// The values, in the units that there were before the transform where it was one.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    var layout = input
    let transform = try layout.transformCosines(isInverse: true, for: Self.name)
    if case .coefficients(let inverse, _, _) = input.inverse {
      layout.inverse = inverse
    } else {
      layout.inverse = input.inverse.afterLinear(
        outputs: input.channels, sources: nil, stage: context.stageIndex, name: Self.name)
    }
    return Lowered(layout: layout, operators: [transform])
  }
}
