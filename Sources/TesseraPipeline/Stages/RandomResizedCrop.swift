import Glibc
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Cuts a random window out of an image and gives it a size.
///
/// Input: image C × H × W. Output: image C × h × w of the same type. Source: torchvision's
/// `RandomResizedCrop`.
public struct RandomResizedCrop: Stage {
  /// `random_resized_crop`.
  public static let name = "random_resized_crop"
  /// What lists of stages say of it: one line.
  public static let summary = "Cuts a random window out of an image and resizes it, as torchvision."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Draws a share of the image's area and an aspect, its logarithm even between those of `ratio`, up \
    to ten times until such a window fits, and then its place; the largest window in the center whose \
    aspect is within `ratio` where none fits. The window is then resized as Pillow does. Choices are \
    the same for every order, number of jobs and split of the inputs: they follow from `seed`, the \
    input's name without its extension, and the number of its view.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Height and width that the window gets.
  public var size = Size(224)
  /// The least and the largest share of the image's area.
  public var scale = 0.08...1
  /// The least and the largest width over height.
  public var ratio = 3.0 / 4...4.0 / 3
  /// What the pixels are made with.
  public var filter = ResizeFilter.bilinear
  /// What random choices follow from.
  public var seed = 0

  /// Makes a stage that gives 224 × 224.
  public init() {}

  /// Makes a stage that gives windows a size.
  public init(size: Size) { self.size = size }
}

extension RandomResizedCrop: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "size", \.size, .pair(in: Limits.side), required: true,
      "Height and width that the window gets [px]."),
    Parameter(
      "scale", \.scale, .interval(.closed(1e-6, 1)),
      "The least and the largest share of the image's area."),
    Parameter(
      "ratio", \.ratio, .interval(.closed(1e-3, 1e3)),
      "The least and the largest width over height."),
    Parameter("filter", \.filter, .word, "What the pixels are made with."),
    Parameter("seed", \.seed, .integer(in: Limits.seed), "What random choices follow from."),
  ]
}

extension RandomResizedCrop {
  /// Every view of every image has a window of its own.
  public var isRandom: Bool { true }

  /// A window's rows and columns, and the passes of a resize.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    var random = context.random(seed: seed)
    let window = window(of: input.size, &random)
    var lowered = input.cropped(to: window).resized(to: size, filter: filter)
    lowered.operators = window.operators(on: input.size) + lowered.operators
    return lowered
  }

  /// The window of one view.
  func window(of image: Size, _ random: inout ImageRandom) -> ImageWindow {
    let area = Double(image.height) * Double(image.width)
    for _ in 0..<10 {
      let target = area * random.number(in: scale)
      let aspect = exp(random.number(in: log(ratio.lowerBound)...log(ratio.upperBound)))
      let width = rint((target * aspect).squareRoot())
      let height = rint((target / aspect).squareRoot())
      guard width >= 1, width <= Double(image.width), height >= 1, height <= Double(image.height)
      else { continue }
      let size = Size(height: Int(height), width: Int(width))
      let top = random.integer(below: image.height - size.height + 1)
      let left = random.integer(below: image.width - size.width + 1)
      return ImageWindow(top: top, left: left, size: size)
    }
    let size = centralSize(of: image)
    return ImageWindow(
      top: (image.height - size.height) / 2, left: (image.width - size.width) / 2, size: size)
  }

  /// The size of the window in the center, where none that was drawn fits.
  private func centralSize(of image: Size) -> Size {
    let aspect = Double(image.width) / Double(image.height)
    var size = image
    if aspect < ratio.lowerBound {
      size.height = min(max(Int(rint(Double(image.width) / ratio.lowerBound)), 1), image.height)
    } else if aspect > ratio.upperBound {
      size.width = min(max(Int(rint(Double(image.height) * ratio.upperBound)), 1), image.width)
    }
    return size
  }
}
