import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Makes one value of each channel of every patch: pooling.
///
/// Input: patches (C·kH·kW) × L. Output: patches C × L in float32, on the grid of blocks, so that a fold
/// gives an image with a pixel for each block.
public struct TransformReduce: Stage {
  /// `transform.reduce`.
  public static let name = "transform.reduce"
  /// What lists of stages say of it: one line.
  public static let summary = "Makes one value of each channel of every patch: pooling."
  /// What the stage's page says before its keys.
  public static let discussion = """
    The mean, the largest, the smallest, the deviation (that of a population, as numpy.std has it) or the \
    median (of an even number of values the mean of the two in the middle) of each channel of a patch. A \
    patch becomes one pixel: the window is 1 × 1 on the grid of blocks then, and a fold gives an image of \
    that size. NaN in a patch gives NaN, as in NumPy. Opacity becomes its mean over the patch; where load \
    has multiplied colours by it, it is reduced as they are, but for std. All but std keep the units; std \
    keeps their scale. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// What is made of the values of a channel.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Their mean.
    case mean
    /// The largest.
    case max
    /// The smallest.
    case min
    /// Their deviation, that of a population.
    case std
    /// The value in the middle, or the mean of two.
    case median
  }

  /// What is made of the values of a channel.
  public var kind = Kind.mean

  /// Makes a stage that takes means.
  public init() {}

  /// Makes a stage that reduces in one way.
  public init(_ kind: Kind) { self.kind = kind }
}

extension TransformReduce: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kind", \.kind, .word, required: true, "What is made of the values of a channel.")
  ]
}

extension TransformReduce {
  /// One value a channel; 1 × 1 on the grid of blocks becomes the window.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    if kind == .std, input.isPremultiplied { throw StageError(Refusal.deviationOfProducts) }
    let opacity = input.isPremultiplied && kind != .std ? kind : .mean
    var kinds = Array(repeating: kind.operation, count: input.colorChannels)
    if input.hasAlpha { kinds.append(opacity.operation) }
    var layout = input
    layout.elementType = .float32
    try layout.placePixels(of: grid)
    layout.size = grid.size
    // Figures of coefficients are none that an inverse takes.
    if case .coefficients(_, let stage, let name) = input.inverse {
      layout.inverse = .lost(stage: stage, name: name)
    }
    if kind == .std || !input.keepsQuotientsOfChoice { layout.straightValues = .unbounded }
    if kind == .std {
      // Half of the values at either end deviate most.
      layout.values = ValueInterval(0, (input.values.upper - input.values.lower) / 2)
      layout.inverse = input.inverse.ofDeviations(
        colors: input.colorChannels, stage: context.stageIndex, name: Self.name)
    }
    return Lowered(layout: layout, operators: [ReducePatches(kinds)])
  }
}

extension TransformReduce {
  /// Deviations that tell nothing of colours.
  enum Refusal: StageRefusal {
    case deviationOfProducts

    var key: String? { "kind" }

    var description: String {
      "load has multiplied colours by opacity, and deviations of such products tell nothing of colours; load with "
        + "another \"alpha\""
    }
  }
}

extension TransformReduce.Kind {
  /// What the engine calls it.
  fileprivate var operation: ReducePatches.Kind {
    switch self {
    case .mean: .mean
    case .max: .greatest
    case .min: .least
    case .std: .deviation
    case .median: .median
    }
  }
}

extension InverseMap {
  /// How deviations of values turn into those of the file.
  ///
  /// An offset does not move them; opacity behind the colours is none.
  fileprivate func ofDeviations(colors: Int, stage: Int, name: String) -> InverseMap {
    guard case .affine(var maps) = self else { return .lost(stage: stage, name: name) }
    for channel in 0..<colors { maps[channel] = Affine(scale: abs(maps[channel].scale), offset: 0) }
    return .affine(maps)
  }
}
