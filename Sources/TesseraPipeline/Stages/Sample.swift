import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Keeps some patches of each image, chosen by a hash of its key.
///
/// Input: patches D × L. Output: patches D × L′ in raster order, values as they are.
public struct Sample: Stage {
  /// `sample`.
  public static let name = "sample"
  /// What lists of stages say of it: one line.
  public static let summary = "Keeps some patches of each image, the same ones in every run."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Keeps the `count` blocks with the smallest XXH64 of SEED/KEY/BLOCK, where KEY is the path of the \
    image without its extension and BLOCK the number of the block, or `fraction` of them: max(1, \
    ⌊fraction·L + ½⌋). They stay in raster order. The choice hangs on nothing else, so it is the same for any \
    order, number of jobs and shards.
    """
  /// Patches to patches.
  public static let role = StageRole.patches
  /// Those that stay are as they were.
  public static let choosesPatches = true

  /// How many stay.
  public var count: Int?
  /// The share that stays.
  public var fraction: Double?
  /// What random choices follow from.
  public var seed = 0

  /// Makes a stage that still needs to know how many.
  public init() {}
}

extension Sample: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "count", optional: \.count, .integer(in: 1...Int(Int32.max)), "How many patches stay."),
    Parameter(
      "fraction", optional: \.fraction, .number(.closed(0, 1)), "The share of patches that stays."),
    Parameter("seed", \.seed, .integer(in: Limits.seed), "What random choices follow from."),
  ]

  package static let rules: [KeyRule] = [.exactlyOne(["count", "fraction"])]
}

extension Sample {
  /// Always: each image has a choice of its own.
  public var isRandom: Bool { true }

  /// The blocks that stay are known before a pixel is read.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let blocks = try input.countedBlocks(for: Self.name)
    let wanted =
      count ?? max(1, Int(((fraction ?? 1) * Double(blocks.count) + 0.5).rounded(.down)))
    let kept = BlockChoice(blocks, seed: seed, image: context.image).smallest(wanted)
    var layout = input
    layout.keep(kept)
    layout.companions = []
    if count.map({ $0 > blocks.count }) ?? false { layout.hasFixedSize = false }
    return Lowered(layout: layout, operators: [KeepBlocks(kept)])
  }
}
