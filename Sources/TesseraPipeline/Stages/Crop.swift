import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Cuts a window out of an image.
///
/// Input: image C × H × W. Output: image C × h × w of the same type. Sources: Hugging Face's
/// `center_crop`, and torchvision's `CenterCrop`, `FiveCrop` and `RandomCrop`.
public struct Crop: Stage {
  /// `crop`.
  public static let name = "crop"
  /// What lists of stages say of it: one line.
  public static let summary = "Cuts a window out of an image, in a place that is given or random."
  /// What the stage's page says before its keys.
  public static let discussion = """
    `position` says where the window lies; in the center, `rounding` decides about the odd pixel: \
    floor leaves it at the bottom and the right, as Hugging Face does, half_even goes to the even \
    row or column, as torchvision does. `offset` gives the window's first row and column instead. \
    Where the image is smaller, zeros in the units in force stand around it: the image stands in the \
    center of them, or at the side that `position` names, and the odd pixel of zeros goes to the top \
    and the left under floor, to the bottom and the right under half_even. Random places are the same \
    for every order, number of jobs and split of the inputs: they follow from `seed`, the input's name \
    without its extension, and the number of its view.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Where the window lies.
  public enum Position: String, Hashable, Sendable, CaseIterable {
    /// In the middle.
    case center
    /// At the top and the left.
    case topLeft = "top_left"
    /// At the top and the right.
    case topRight = "top_right"
    /// At the bottom and the left.
    case bottomLeft = "bottom_left"
    /// At the bottom and the right.
    case bottomRight = "bottom_right"
    /// In another place for every view of every image, each as likely as the others.
    case random
  }

  /// What becomes of the odd pixel in the center.
  public enum Rounding: String, Hashable, Sendable, CaseIterable {
    /// Down, also below zero: ⌊(n − c) / 2⌋, as Hugging Face's PIL-backed processors do.
    case floor
    /// To the nearest, a half to the even one, as torchvision does.
    case halfEven = "half_even"
  }

  /// What becomes of an image that is smaller.
  public enum Small: String, Hashable, Sendable, CaseIterable {
    /// Zeros stand around it.
    case pad
    /// It fails.
    case error
  }

  /// Height and width of the window.
  public var size = Size(224)
  /// Where the window lies.
  public var position = Position.center
  /// What becomes of the odd pixel in the center.
  public var rounding = Rounding.floor
  /// The window's first row and column, in place of `position`.
  public var offset: Size?
  /// What becomes of an image that is smaller.
  public var small = Small.pad
  /// What random places follow from.
  public var seed = 0

  /// Makes a stage that cuts 224 × 224 out of the middle.
  public init() {}

  /// Makes a stage that cuts a window of a size out of the middle.
  public init(size: Size) { self.size = size }
}

extension Crop: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "size", \.size, .pair(in: Limits.side), required: true, "Height and width of the window [px]."
    ),
    Parameter("position", \.position, .word, "Where the window lies."),
    Parameter(
      "rounding", \.rounding, .word,
      "Where the window begins in the center: floor rounds ⌊(n − c) / 2⌋ down, half_even to the even "
        + "one."),
    Parameter(
      "offset", optional: \.offset, .pair(in: Limits.offset, as: "[top, left]"),
      otherwise: "as `position` says", "The window's first row and column [px]."),
    Parameter(
      "small", \.small, .word,
      "What becomes of an image that is smaller: zeros around it, or failure."
    ),
    Parameter("seed", \.seed, .integer(in: Limits.seed), "What random places follow from."),
  ]

  package static let rules: [KeyRule] = [
    .atMostOne(["position", "offset"]),
    .atMostOne(["rounding", "offset"]),
    .only(["rounding"], with: "position", words: [Position.center.rawValue]),
    .only(["seed"], with: "position", words: [Position.random.rawValue]),
  ]
}

extension Crop {
  /// Whether the window lies elsewhere in every view of every image.
  public var isRandom: Bool { position == .random && offset == nil }

  /// Rows and columns of the window, those outside of the image zeros.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    if small == .error, input.size.height < size.height || input.size.width < size.width {
      throw StageError(Refusal.smaller(image: input.size, size: size))
    }
    let place = try place(in: input.size, context)
    let window = ImageWindow(top: place.height, left: place.width, size: size)
    return Lowered(
      layout: input.cropped(to: window), operators: window.operators(on: input.size))
  }

  /// The window's first row and column; below zero where zeros come first.
  private func place(in image: Size, _ context: StageContext) throws(StageError) -> Size {
    if let offset {
      let end = Size(height: offset.height + size.height, width: offset.width + size.width)
      let isOutside = offset.height >= image.height || offset.width >= image.width
      let isBeyond = end.height > image.height || end.width > image.width
      guard !isOutside, !isBeyond || small == .pad else {
        throw StageError(Refusal.outside(offset: offset, size: size, image: image))
      }
      return offset
    }
    var random = isRandom ? context.random(seed: seed) : nil
    let top = start(image.height, size.height, isLast: position.isBottom, &random)
    let left = start(image.width, size.width, isLast: position.isRight, &random)
    return Size(height: top, width: left)
  }

  /// Where the window begins along an axis of `count` pixels, of which it has `length`.
  private func start(
    _ count: Int, _ length: Int, isLast: Bool, _ random: inout ImageRandom?
  ) -> Int {
    let rest = count - length
    switch position {
    case .topLeft, .topRight, .bottomLeft, .bottomRight: return isLast ? rest : 0
    case .random where rest > 0: return random?.integer(below: rest + 1) ?? 0
    case .center, .random: return rounding.half(of: rest)
    }
  }
}

extension Crop.Position {
  fileprivate var isBottom: Bool { self == .bottomLeft || self == .bottomRight }
  fileprivate var isRight: Bool { self == .topRight || self == .bottomRight }
}

extension Crop.Rounding {
  /// Half of what the image has more than the window, or less.
  fileprivate func half(of rest: Int) -> Int {
    switch self {
    case .floor: rest >> 1
    case .halfEven where rest < 0: rest / 2
    case .halfEven: rest / 2 + (rest % 4 == 3 ? 1 : 0)
    }
  }
}

extension Crop {
  /// Images that the window does not fit.
  enum Refusal: StageRefusal {
    case smaller(image: Size, size: Size)
    case outside(offset: Size, size: Size, image: Size)

    var key: String? {
      switch self {
      case .smaller: "size"
      case .outside: "offset"
      }
    }

    var description: String {
      switch self {
      case .smaller(let image, let size):
        "the image is \(image), which is smaller than \(size) along an axis; \"small\": \"pad\" puts "
          + "zeros around it, and a resize before it makes it larger"
      case .outside(let offset, let size, let image):
        "a window of \(size) at [\(offset.height), \(offset.width)] leaves the image, which is "
          + "\(image)"
      }
    }
  }
}
