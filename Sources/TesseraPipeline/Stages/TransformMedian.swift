import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Puts medians inside each patch, which keeps its size.
///
/// Input and output: patches (C·kH·kW) × L, the output in float32. Each channel of each patch is padded
/// by itself; the window stays in force.
public struct TransformMedian: Stage {
  /// `transform.median`.
  public static let name = "transform.median"
  /// What lists of stages say of it: one line.
  public static let summary = "Puts the median around every pixel, inside each patch."
  /// What the stage's page says before its keys.
  public static let discussion = """
    What median does to an image, done to every channel of every patch, which is padded by itself. The \
    patch keeps its size and the window stays in force, so a fold by count may follow. NaN counts as \
    larger than every number. Units and bounds stay; opacity is not filtered unless `alpha` says so. \
    Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Rows and columns of the window, odd.
  public var kernelSize = Size(3)
  /// What stands outside a patch.
  public var paddingMode = PaddingMode.symmetric
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?

  /// Makes a stage that chooses medians of 3 × 3 values.
  public init() {}
}

extension TransformMedian: HasRankWindow {
  /// The middle.
  var rank: Double { 0.5 }

  package static let parameters: [Parameter<Self>] =
    [kernelSizeParameter] + borderParameters(around: "a patch")
}

extension TransformMedian {
  /// A choice inside each patch; a window of one value leaves everything as it is, in floats.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    var (layout, keepsOpacity) = try chosen(from: input)
    layout.elementType = .float32
    // One value is no work, and comes out as the first of one.
    return Lowered(
      layout: layout,
      operators: [
        RankPatches(
          channels: keepsOpacity ? input.colorChannels : input.channels,
          patchSize: grid.kernelSize, window: kernelSize, rank: rankIndex,
          paddingMode: paddingMode)
      ])
  }
}
