import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Keeps the patches of which a figure lies within bounds.
///
/// Input: patches D × L. Output: patches D × L′, L′ ≤ L, values as they are.
public struct Select: Stage {
  /// `select`.
  public static let name = "select"
  /// What lists of stages say of it: one line.
  public static let summary = "Keeps the patches whose mean, deviation, entropy or opacity fits."
  /// What the stage's page says before its keys.
  public static let discussion = """
    `by` mean and std (that of a population) take all colours of a patch together, in the units in \
    force; entropy is that of the patch's gray levels in 256 bins, in bits, and alpha the mean \
    opacity, 0…1. `min` and `max` are included. A fold after it divides by the blocks that are left.
    """
  /// Patches to patches.
  public static let role = StageRole.patches
  /// Those that stay are as they were.
  public static let choosesPatches = true

  /// The figure.
  public var figure = PatchFigure.std
  /// The least value; `nil` for any.
  public var minimum: Double?
  /// The largest value; `nil` for any.
  public var maximum: Double?

  /// Makes a stage that still needs a bound.
  public init() {}
}

extension Select: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("by", \.figure, .word, "What is asked of each patch."),
    Parameter("min", optional: \.minimum, .number(), otherwise: "any", "The least value."),
    Parameter("max", optional: \.maximum, .number(), otherwise: "any", "The largest value."),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    guard minimum != nil || maximum != nil else {
      return [KeyProblem(nil, "expected \"min\", \"max\" or both, found neither")]
    }
    if let minimum, let maximum, minimum > maximum {
      return [KeyProblem("min", "is more than \"max\", so that no patch would be left")]
    }
    return []
  }
}

extension Select {
  /// Which patches stay, only their values tell.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    if figure == .alpha, !input.hasAlpha { throw StageError(Refusal.noOpacity) }
    var layout = input
    layout.isThinned = true
    layout.keptBlocks = nil
    layout.companions = []
    var levels = Affine(scale: 255 / input.fullScale, offset: 0)
    if case .affine(let maps) = input.inverse, let first = maps.first {
      let scale = 255 / input.sourceMaximum
      levels = Affine(scale: first.scale * scale, offset: first.offset * scale)
    }
    let bounds = (minimum ?? -.infinity)...(maximum ?? .infinity)
    return Lowered(
      layout: layout,
      operators: [
        SelectBlocks(
          figure, in: bounds, channels: input.channels, hasAlpha: input.hasAlpha, levels: levels,
          opaque: input.fullScale)
      ])
  }

  /// What cannot be asked of patches.
  enum Refusal: StageRefusal {
    case noOpacity

    var key: String? { "by" }

    var description: String {
      "the image has no opacity; use mean, std or entropy, or keep alpha in load"
    }
  }
}
