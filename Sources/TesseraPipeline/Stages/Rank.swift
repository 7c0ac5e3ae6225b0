import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Puts for every pixel the value of one rank of the window around it.
///
/// Input and output: image C × H × W of the same type. Of the n values of a window in ascending order it
/// is number ⌊rank · (n − 1) + ½⌋, counted from 0. Source: `scipy.ndimage.rank_filter`, value by value.
public struct Rank: Stage {
  /// `rank`.
  public static let name = "rank"
  /// What lists of stages say of it: one line.
  public static let summary = "Puts the value of one rank around every pixel: erosion, dilation."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Number ⌊rank · (n − 1) + ½⌋ of the n values of the window in ascending order, counted from 0, for \
    each channel by itself: 0 is the smallest (erosion), 1 the largest (dilation), 0.5 the median. NaN \
    counts as larger than every number, as numpy.sort has it. Values are chosen, never computed: type, \
    units and bounds stay, and opacity is not filtered unless `alpha` says so.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Rows and columns of the window, odd.
  public var kernelSize = Size(3)
  /// Which value is chosen: 0 is the smallest, 1 the largest.
  public var rank = 0.5
  /// What stands outside the image.
  public var paddingMode = PaddingMode.symmetric
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?

  /// Makes a stage that chooses medians of 3 × 3 values.
  public init() {}
}

extension Rank: HasRankWindow {
  package static let parameters: [Parameter<Self>] =
    [
      kernelSizeParameter,
      Parameter(
        "rank", \.rank, .number(.closed(0, 1)), required: true,
        "Which of the values in ascending order, from 0 to 1."),
    ] + borderParameters(around: "the image")
}

extension Rank {
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
