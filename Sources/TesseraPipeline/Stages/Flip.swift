import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Mirrors an image, or some images and not others.
///
/// Input: image C × H × W. Output: the same, mirrored or not. Source: torchvision's
/// `RandomHorizontalFlip` and `RandomVerticalFlip`.
public struct Flip: Stage {
  /// `flip`.
  public static let name = "flip"
  /// What lists of stages say of it: one line.
  public static let summary = "Mirrors images, left to right or upside down, some of them or all."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Exchanges left and right, or top and bottom, with a probability; 1 mirrors every image. Choices \
    are the same for every order, number of jobs and split of the inputs: they follow from `seed`, \
    the input's name without its extension, and the number of its view. Where an image is turned \
    upside down, all of it is in memory.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// What is exchanged.
  public enum Axis: String, Hashable, Sendable, CaseIterable {
    /// Left and right.
    case horizontal
    /// Top and bottom.
    case vertical
  }

  /// What is exchanged.
  public var axis = Axis.horizontal
  /// How probable it is.
  public var probability = 0.5
  /// What random choices follow from.
  public var seed = 0

  /// Exchanges left and right in half of all images.
  public init() {}
}

extension Flip: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "axis", \.axis, .word, "horizontal exchanges left and right, vertical top and bottom."),
    Parameter(
      "probability", \.probability, .number(.closed(0, 1)), "How probable it is that it does."),
    Parameter("seed", \.seed, .integer(in: Limits.seed), "What random choices follow from."),
  ]
}

extension Flip {
  /// Whether some images are mirrored, and others are not.
  public var isRandom: Bool { probability > 0 && probability < 1 }

  /// The image turned as metadata of files may ask for it, or nothing.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    var random = context.random(seed: seed)
    // Below 1 always, so that 1 mirrors every image and 0 none.
    guard random.unit() < probability else { return Lowered(layout: input, operators: []) }
    // The numbers of Exif: 2 is mirrored, 4 is upside down and mirrored.
    let orientation = axis == .horizontal ? 2 : 4
    return Lowered(
      layout: input, operators: [OrientRows(orientation: orientation, stored: input.size)])
  }
}
