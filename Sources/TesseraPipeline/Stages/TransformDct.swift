import TesseraConfiguration
import TesseraEngine

/// Turns patches into cosine coefficients.
///
/// Input: patches (C·kH·kW) × L. Output: the same shape in float32, coefficients in the place of values,
/// that of the mean first. Source: the orthonormal DCT-II of `scipy.fft.dctn`, per channel.
public struct TransformDct: Stage {
  /// `transform.dct`.
  public static let name = "transform.dct"
  /// What lists of stages say of it: one line.
  public static let summary = "Turns patches into cosine coefficients: the DCT of JPEG."
  /// What the stage's page says before its keys.
  public static let discussion = """
    The orthonormal DCT-II along both axes of each channel of each patch, opacity among them: \
    coefficient (0, 0) is √(kH·kW) times the mean. `transform.idct` turns back, also the units of \
    normalize. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Makes the stage; it has no keys.
  public init() {}
}

extension TransformDct: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = []
}

extension TransformDct {
  /// The coefficients, and a way back for the units of the file.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    var layout = input
    let transform = try layout.transformCosines(isInverse: false, for: Self.name)
    layout.inverse = .coefficients(
      of: input.inverse, stage: context.stageIndex, name: Self.name)
    return Lowered(layout: layout, operators: [transform])
  }
}
