/// Scales values and centres them, and remembers how to undo it.
///
/// Input: image of any type. Output: image in float32. `encode` undoes it unless a stage between them
/// makes that impossible. Source: the order of operations of Hugging Face's image processors.
public struct Normalize: Stage {
  /// `normalize`.
  public static let name = "normalize"
  /// One line.
  public static let summary = "Scales values and centres them, in float32; `encode` can undo it."
  /// What it does.
  public static let discussion = """
    Multiplies by `scale`, then gives (x − mean) / std per channel. An alpha channel takes the scale \
    only. `per_image` takes the figures from each image instead, which needs the whole image in \
    memory. `encode` undoes it all with `range` restore.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// What values are multiplied by.
  public enum Scale: Hashable, Sendable {
    /// One over the largest value of the type: 1/255, 1/65535, or 1 for floats.
    case unit
    /// Nothing.
    case none
    /// A number of one's own.
    case factor(Double)
  }

  /// Figures taken from each image.
  public enum PerImage: String, Hashable, Sendable, CaseIterable {
    /// None.
    case none
    /// Mean 0 and deviation 1 over all channels together, the deviation at least 1/√N.
    case standardize
    /// From 0 to 1; a constant image becomes 0.
    case minmax
  }

  /// What values are multiplied by first.
  public var scale = Scale.unit
  /// What is then subtracted, per channel; `nil` is 0.
  public var mean: ChannelConstants?
  /// What is then divided by, per channel; `nil` is 1.
  public var std: ChannelConstants?
  /// Figures taken from each image instead.
  public var perImage = PerImage.none

  /// Creates a stage that only scales to 0…1.
  public init() {}

  /// Creates a stage with the mean and deviation of a model.
  public init(_ preset: NormalizationPreset) {
    mean = .preset(preset)
    std = .preset(preset)
  }

  /// What is subtracted: one value for all channels, or one per channel.
  public var means: [Double] {
    switch mean {
    case nil: [0]
    case .preset(let preset): preset.mean
    case .values(let values): values
    }
  }

  /// What is divided by: one value for all channels, or one per channel.
  public var deviations: [Double] {
    switch std {
    case nil: [1]
    case .preset(let preset): preset.std
    case .values(let values): values
    }
  }
}

extension Normalize: Configurable {
  static let parameters: [Parameter<Self>] = [
    Parameter(
      "scale", \.scale, .scale,
      "Multiplies first: unit is 1/255, 1/65535, or 1 for floats; none is 1."),
    Parameter(
      "mean", optional: \.mean, .channelConstants(.any), otherwise: "0 everywhere",
      "Subtracted then: one number, one per channel, or a model's."),
    Parameter(
      "std", optional: \.std, .channelConstants(.positive), otherwise: "1 everywhere",
      "Divided by then: one number, one per channel, or a model's."),
    Parameter(
      "per_image", \.perImage, .word,
      "Figures from each image: standardize has mean 0 and deviation 1, minmax runs from 0 to 1."),
  ]

  static let rules: [KeyRule] = [.only(["mean", "std"], with: "per_image", words: ["none"])]

  func problems(given: Set<String>) -> [KeyProblem] {
    let (means, deviations) = (means.count, deviations.count)
    guard means > 1, deviations > 1, means != deviations else { return [] }
    return [KeyProblem("std", "has \(deviations) values where \"mean\" has \(means)")]
  }
}
