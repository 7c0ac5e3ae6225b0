/// Writes one kind of stage, with keys that suit what flows.
///
/// A new stage takes a maker, a line in `all` and a generation of its own, so that what earlier
/// generations wrote stays as it is.
struct StageMaker: Sendable {
  let name: String
  /// The first generation that has it; see `RandomPipeline`.
  var generation = 1
  /// How often it is taken where any stage will do.
  let weight: Int
  /// Whether it can stand here.
  let suits: @Sendable (Flow) -> Bool
  /// Writes it, and changes what flows.
  let write: @Sendable (inout Author) -> StageText

  /// Every stage but `load`.
  static let all: [StageMaker] = [
    .normalize, .convolve, .unfold, .transformStandardize, .transformMeanRemoval,
    .transformConvolve, .transformLinear, .fold, .compare, .encode, .pad, .transformQuantize,
    .crop, .flip, .randomResizedCrop, .preset, .resize, .select, .sample, .mask,
    .convolveTranspose, .transformDCT, .transformIDCT, .transformDCTThreshold,
    .median, .rank, .transformMedian, .transformClip, .transformContrastNormalize, .transformReduce,
  ]

  /// Whether it takes patches and gives patches of the same length, or nearly so.
  var isTransform: Bool { name.hasPrefix("transform.") }
}
