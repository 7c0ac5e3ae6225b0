import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Puts for every pixel the median of the window around it.
///
/// Input and output: image C × H × W of the same type. Source: `scipy.ndimage.median_filter`, value by
/// value.
public struct Median: Stage {
  /// `median`.
  public static let name = "median"
  /// What lists of stages say of it: one line.
  public static let summary = "Puts the median around every pixel: takes specks away."
  /// What the stage's page says before its keys.
  public static let discussion = """
    The value in the middle of those in the window, for each channel by itself. It takes away what is \
    smaller than half of the window, such as salt and pepper, and keeps edges. NaN counts as larger than \
    every number, as numpy.sort has it. Values are chosen, never computed: type, units and bounds stay, \
    and opacity is not filtered unless `alpha` says so. Outside the image it is mirrored with the edge \
    repeated, as scipy.ndimage does: a border of replicated pixels would let one bad pixel count for \
    many.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Rows and columns of the window, odd.
  public var kernelSize = Size(3)
  /// What stands outside the image.
  public var paddingMode = PaddingMode.symmetric
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?

  /// Makes a stage that chooses medians of 3 × 3 values.
  public init() {}
}

extension Median: HasRankWindow {
  /// The middle.
  var rank: Double { 0.5 }

  package static let parameters: [Parameter<Self>] =
    [kernelSizeParameter] + borderParameters(around: "the image")
}

extension Median {
  /// Values of windows; rows of the other side wait for all rows.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let (layout, keepsOpacity) = try chosen(from: input)
    return Lowered(
      layout: layout,
      operators: RankRows.operators(
        kernelSize, rank: rankIndex, paddingMode: paddingMode, keepsLast: keepsOpacity))
  }
}
