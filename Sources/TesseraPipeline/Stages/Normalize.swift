import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraKernels

/// Scales values and centres them, and remembers how to undo it.
///
/// Input: image of any type. Output: image in float32. `encode` undoes it unless a stage between them
/// makes that impossible. Source: the order of operations of Hugging Face's image processors.
public struct Normalize: Stage {
  /// `normalize`.
  public static let name = "normalize"
  /// What lists of stages say of it: one line.
  public static let summary = "Scales values and centres them, in float32; `encode` can undo it."
  /// What the stage's page says before its keys.
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
    /// None: `mean` and `std` count.
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
  /// The model whose mean and deviation count, in place of `mean` and `std`.
  public var preset: NormalizationPreset?
  /// Figures taken from each image instead.
  public var perImage = PerImage.none

  /// Only scales to 0…1.
  public init() {}

  /// Centres and scales as a model was trained.
  public init(_ preset: NormalizationPreset) { self.preset = preset }

  /// What is subtracted: one value for all channels, or one per channel.
  public var means: [Double] {
    if let preset { return preset.mean }
    return switch mean {
    case nil: [0]
    case .preset(let preset): preset.mean
    case .values(let values): values
    }
  }

  /// What is divided by: one value for all channels, or one per channel.
  public var deviations: [Double] {
    if let preset { return preset.std }
    return switch std {
    case nil: [1]
    case .preset(let preset): preset.std
    case .values(let values): values
    }
  }
}

extension Normalize: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "scale", \.scale, .scale,
      "Multiplies first: unit is 1/255, 1/65535, or 1 for floats; none is 1."),
    Parameter(
      "mean", optional: \.mean, .channelConstants(.any), otherwise: "0 everywhere",
      defaults: Self.everywhere(0),
      "Subtracted then: one number, one per channel, or a model's."),
    Parameter(
      "std", optional: \.std, .channelConstants(.positive), otherwise: "1 everywhere",
      defaults: Self.everywhere(1),
      "Divided by then: one number, one per channel, or a model's."),
    Parameter(
      "preset", optional: \.preset, .word, otherwise: "`mean` and `std` count",
      "The model whose mean and standard deviation count, both of them."),
    Parameter(
      "per_image", \.perImage, .word,
      "Figures from each image: standardize has mean 0 and deviation 1, minmax runs from 0 to 1."),
  ]

  /// One value for all channels, once or as often as a picture has channels.
  private static func everywhere(_ value: Double) -> [ChannelConstants] {
    (1...4).map { .values(Array(repeating: value, count: $0)) }
  }

  package static let rules: [KeyRule] = [
    .atMostOne(["preset", "mean"]),
    .atMostOne(["preset", "std"]),
    .only(["mean", "std", "preset"], with: "per_image", words: ["none"]),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    if case .preset(let one) = mean, case .preset(let other) = std,
      one.mean != other.mean || one.std != other.std
    {
      return [
        KeyProblem(
          "std",
          "\"\(other.rawValue)\" does not belong to the mean of \"\(one.rawValue)\": give the same name twice, "
            + "or numbers")
      ]
    }
    for (key, constants, other) in [("mean", mean, std), ("std", std, mean)] {
      guard case .preset(let name) = constants else { continue }
      if case .preset = other { continue }
      let word = JSONWriter.quoted(name.rawValue)
      return [
        KeyProblem(
          key,
          "\(word) has a mean and a deviation that belong together: write \"preset\": \(word) for "
            + "both, or numbers for one")
      ]
    }
    let (means, deviations) = (means.count, deviations.count)
    guard means > 1, deviations > 1, means != deviations else { return [] }
    return [KeyProblem("std", "has \(deviations) values where \"mean\" has \(means)")]
  }
}

extension Normalize {
  /// One map per channel, or the statistics of the image.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let factor =
      switch scale {
      case .unit: 1 / input.fullScale
      case .none: 1.0
      case .factor(let factor): factor
      }
    var layout = input
    layout.elementType = .float32
    layout.fullScale = input.fullScale * factor
    layout.isNormalized = true
    if perImage != .none { return statistics(of: input, into: layout, factor: factor, context) }

    let means = try perChannel(means, key: preset == nil ? "mean" : "preset", input)
    let deviations = try perChannel(
      deviations, key: preset == nil ? "std" : "preset", input)
    var maps = (0..<input.colorChannels).map { channel in
      TesseraKernels.Normalization(
        scale: factor, mean: Float(means[channel]), std: Float(deviations[channel]))
    }
    if input.hasAlpha { maps.append(TesseraKernels.Normalization(scale: factor)) }
    layout.constants += means + deviations
    layout.values = input.values.mapped(by: maps.prefix(input.colorChannels))
    layout.straightValues = input.straightValues.mapped(by: maps.prefix(input.colorChannels))
    layout.opacity = input.opacity.mapped(scale: factor)
    switch input.inverse {
    case .affine(let before):
      layout.inverse = .affine(
        zip(before, maps).map { before, map in
          Affine(
            scale: before.scale * Double(map.std) / factor,
            offset: before.scale * Double(map.mean) / factor + before.offset)
        })
    case .perImage, .coefficients:
      layout.inverse = .lost(stage: context.stageIndex, name: Self.name)
    case .lost:
      break
    }
    return Lowered(layout: layout, operators: [Pointwise(maps)])
  }

  private func statistics(
    of input: Layout, into output: Layout, factor: Double, _ context: StageContext
  ) -> Lowered {
    var layout = output
    switch perImage {
    case .minmax:
      layout.values = ValueInterval(0, 1)
    default:
      // No value can be further from the mean than √(N − 1) deviations.
      let bound = Double(input.shape.valueCount ?? .max).squareRoot()
      layout.values = ValueInterval(-bound, bound)
    }
    layout.straightValues = .unbounded
    layout.opacity = input.opacity.mapped(scale: factor)
    layout.inverse =
      input.inverse.commonScale == 1
      ? .perImage(stage: context.stageIndex, channels: Array(0..<input.channels))
      : .lost(stage: context.stageIndex, name: Self.name)
    return Lowered(
      layout: layout,
      operators: [
        ImageStatistics(
          kind: perImage == .minmax ? .minmax : .standardize, scale: factor,
          colorChannels: input.colorChannels)
      ])
  }

  private func perChannel(
    _ values: [Double], key: String, _ input: Layout
  ) throws(StageError) -> [Double] {
    guard let each = values.onePerChannel(input.colorChannels) else {
      throw StageError(
        Refusal.valueCount(values.count, key: key, channels: input.colorChannels))
    }
    return each
  }
}

extension Normalize {
  /// Values that the channels do not fit.
  enum Refusal: StageRefusal {
    case valueCount(Int, key: String, channels: Int)

    var key: String? { if case .valueCount(_, let key, _) = self { key } else { nil } }

    var description: String {
      switch self {
      case .valueCount(let count, _, let channels):
        "\(count) values for an image of \(channels.counted("channel"))"
          + (count == 3 ? "; \"color\": \"rgb\" in load gives three" : "")
      }
    }
  }
}

extension ValueInterval {
  /// Every value of any channel, normalized.
  fileprivate func mapped(by maps: ArraySlice<TesseraKernels.Normalization>) -> ValueInterval {
    let intervals = maps.map { map in
      mapped(
        scale: map.scale / Double(map.std), offset: -Double(map.mean) / Double(map.std))
    }
    return intervals.dropFirst().reduce(intervals.first ?? self) { $0.union($1) }
  }
}
