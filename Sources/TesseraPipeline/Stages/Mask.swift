import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Removes a share of the patches of each image, as masked autoencoders want it.
///
/// Input: patches D × L. Output: patches D × ⌊L·(1 − ratio)⌋ in raster order, values as they are.
/// Source: the masking of MAE, with hashes for noise.
public struct Mask: Stage {
  /// `mask`.
  public static let name = "mask"
  /// What lists of stages say of it: one line.
  public static let summary = "Removes a share of the patches, and tells which: as MAE does."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Keeps ⌊L·(1 − ratio)⌋ blocks: those with the smallest XXH64 of SEED/KEY/BLOCK, in raster order. \
    encode writes beside them `ids_restore` (int64), which brings kept and then removed patches back \
    to their places, and `mask` (uint8), 1 where a patch is removed.
    """
  /// Patches to patches.
  public static let role = StageRole.patches
  /// Those that stay are as they were.
  public static let choosesPatches = true

  /// The share that is removed.
  public var ratio = 0.75
  /// What random choices follow from.
  public var seed = 0

  /// Removes three quarters.
  public init() {}
}

extension Mask: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("ratio", \.ratio, .number(.closed(0, 1)), "The share of patches that is removed."),
    Parameter("seed", \.seed, .integer(in: Limits.seed), "What random choices follow from."),
  ]
}

extension Mask {
  /// Always: each image has a choice of its own.
  public var isRandom: Bool { true }

  /// The blocks that stay are known before a pixel is read.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let blocks = try input.countedBlocks(for: Self.name)
    let wanted = Int((Double(blocks.count) * (1 - ratio)).rounded(.down))
    guard wanted > 0 else { throw StageError(Refusal.nothingLeft(blocks.count, ratio: ratio)) }
    let kept = BlockChoice(blocks, seed: seed, image: context.image).smallest(wanted)
    var ranks: [Int] = []
    var removed: [Int] = []
    // Both lists ascend.
    var (nextKept, nextRemoved) = (0, kept.count)
    for block in blocks {
      let isKept = nextKept < kept.count && kept[nextKept] == block
      ranks.append(isKept ? nextKept : nextRemoved)
      removed.append(isKept ? 0 : 1)
      if isKept { nextKept += 1 } else { nextRemoved += 1 }
    }
    var layout = input
    layout.keep(kept)
    layout.companions = [
      Companion("ids_restore", .int64, ranks, isPerBlock: true),
      Companion("mask", .uint8, removed, isPerBlock: true),
    ]
    return Lowered(layout: layout, operators: [KeepBlocks(kept)])
  }

  /// A mask over everything.
  enum Refusal: StageRefusal {
    case nothingLeft(Int, ratio: Double)

    var key: String? { "ratio" }

    var description: String {
      switch self {
      case .nothingLeft(let count, let ratio):
        "of \(count.counted("block")) none would be left, with a ratio of \(ratio)"
      }
    }
  }
}
