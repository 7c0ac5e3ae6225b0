import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Gives an image another size.
///
/// Input: image C × H × W. Output: image C × H′ × W′ of the same type. Source: Pillow's `resize`, to
/// the bit for bytes.
public struct Resize: Stage {
  /// `resize`.
  public static let name = "resize"
  /// What lists of stages say of it: one line.
  public static let summary = "Gives an image another size, with the filters and bits of Pillow."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Takes exactly one of `size`, `longest_side` and `scale`. A `size` of one number is that of the \
    shortest side, and the other follows, rounded down; two are [height, width] whatever becomes of \
    the aspect. The type stays: bytes equal Pillow's, 16-bit integers and floats are summed in double \
    precision. Colours beside opacity are weighed by it. bicubic and lanczos may leave the range of \
    floats; integers are clipped.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// What the pixels are made with.
  public typealias Filter = ResizeFilter

  /// A size that an image gets.
  public enum Target: Hashable, Sendable {
    /// That of the shortest side; the aspect stays.
    case shortestSide(Int)
    /// Height and width.
    case exact(Size)
  }

  /// The size of the shortest side, or height and width.
  public var size: Target?
  /// The size of the longest side; the aspect stays.
  public var longestSide: Int?
  /// What both sides are multiplied by.
  public var scale: Double?
  /// What the pixels are made with.
  public var filter = Filter.bicubic
  /// Whether sides may become longer.
  public var enlarge = true

  /// Makes a stage that still needs to know a size.
  public init() {}
}

extension Resize: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "size", optional: \.size, .target,
      "The size of the shortest side, the other then follows; or both as [height, width] [px]."),
    Parameter(
      "longest_side", optional: \.longestSide, .integer(in: Limits.image),
      "The size of the longest side; the other then follows [px]."),
    Parameter(
      "scale", optional: \.scale, .number(.positive),
      "What both sides are multiplied by."),
    Parameter("filter", \.filter, .word, "What the pixels are made with."),
    Parameter(
      "enlarge", \.enlarge, .bool,
      "Whether an image may grow; false leaves one as it is that would, and with [height, width] "
        + "each side."),
  ]

  package static let rules: [KeyRule] = [
    .exactlyOne(["size", "longest_side", "scale"])
  ]
}

extension Resize {
  /// A pass along rows and one across them, each where that side changes.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    var lowered = input.resized(to: try targetSize(of: input.size), filter: filter)
    if enlarge, case .exact = size { lowered.layout.hasFixedSize = true }
    return lowered
  }
}
