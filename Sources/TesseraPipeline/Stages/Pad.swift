import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Extends an image on its sides.
///
/// Input: image C × H × W. Output: image C × H′ × W′ of the same type. Source: the modes of NumPy's
/// `pad`, `constant` among them.
public struct Pad: Stage {
  /// `pad`.
  public static let name = "pad"
  /// What lists of stages say of it: one line.
  public static let summary = "Extends an image on its sides, by an amount or to a size."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Takes exactly one of `amount`, `to_multiple` and `size`. `position` says where the image then \
    stands; in the center an odd pixel goes to the bottom and the right. Values are in the units in \
    force: zeros after a mean and std are the mean colour. The type stays.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Where the image stands in the larger one.
  public enum Position: String, Hashable, Sendable, CaseIterable {
    /// In the middle.
    case center
    /// At the top and the left.
    case topLeft = "top_left"
  }

  /// What stands around the image.
  public enum Mode: Hashable, Sendable {
    /// What a mode of padding puts there.
    case padding(PaddingMode)
    /// `value`.
    case constant
  }

  /// Rows and columns on each side.
  public var amount: Amount?
  /// What height and width become multiples of.
  public var toMultiple: Size?
  /// What height and width become.
  public var size: Size?
  /// Where the image stands; `nil` is the center for `size`, the top left for `to_multiple`.
  public var position: Position?
  /// What stands around the image.
  public var paddingMode = Mode.padding(.zeros)
  /// The value of every channel under `Mode.constant`: one for all, or one each.
  public var value: [Double]?

  /// Makes a stage that still needs to know how far.
  public init() {}
}

extension Pad: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "amount", optional: \.amount, .amount, "Rows and columns on each side [px]."),
    Parameter(
      "to_multiple", optional: \.toMultiple, .pair(in: Limits.window),
      "What height and width become multiples of [px]."),
    Parameter(
      "size", optional: \.size, .pair(in: Limits.image), "What height and width become [px]."),
    Parameter(
      "position", optional: \.position, .word,
      otherwise: "center with `size`, top_left with `to_multiple`",
      "Where the image stands in the larger one."),
    Parameter("padding_mode", \.paddingMode, .word, "What stands around the image."),
    Parameter(
      "value", optional: \.value,
      .oneOrList(
        of: .number(), minimum: 1, expected: "a number, or a list of one per channel"),
      "The value under constant, in the units in force: one for all channels, or one each."),
  ]

  package static let rules: [KeyRule] = [
    .exactlyOne(["amount", "to_multiple", "size"]),
    .atMostOne(["amount", "position"]),
    .only(["value"], with: "padding_mode", words: [Mode.constant.rawValue]),
    .needed(["value"], by: "padding_mode", words: [Mode.constant.rawValue]),
  ]
}

extension Pad.Mode: RawRepresentable, CaseIterable {
  /// Those of windows, and the constant.
  public static var allCases: [Self] { PaddingMode.allCases.map { .padding($0) } + [.constant] }

  /// The word in the pipeline file.
  public var rawValue: String {
    switch self {
    case .padding(let mode): mode.rawValue
    case .constant: "constant"
    }
  }

  /// The mode that a word names.
  public init?(rawValue: String) {
    guard let mode = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = mode
  }
}

extension Pad {
  /// Rows around the rows of the image; where they are those of the other side, that waits for all
  /// of them.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let amount = try amount(on: input.size)
    var layout = input
    layout.size = try size(of: input.size, with: amount)
    if size != nil { layout.hasFixedSize = true }
    let mode: PaddingMode
    var fill = Array(repeating: 0.0, count: input.channels)
    switch paddingMode {
    case .padding(let padding): mode = padding
    case .constant: (mode, fill) = (.zeros, try constants(for: input))
    }
    guard layout.size != input.size else { return Lowered(layout: layout, operators: []) }
    if mode == .zeros {
      for (channel, value) in fill.enumerated() {
        let value = ValueInterval(value, value)
        if channel < input.colorChannels {
          layout.values = layout.values.union(value)
        } else {
          layout.opacity = layout.opacity.union(value)
        }
      }
      if !input.blackIsZero || fill.contains(where: { $0 != 0 }) {
        layout.straightValues = .unbounded
      }
    }
    return Lowered(
      layout: layout, operators: operators(amount, mode: mode, fill: fill.map { Float($0) }))
  }

  private func amount(on image: Size) throws(StageError) -> Amount {
    if let amount { return amount }
    var target = size ?? image
    if let multiple = toMultiple {
      target.height = (image.height + multiple.height - 1) / multiple.height * multiple.height
      target.width = (image.width + multiple.width - 1) / multiple.width * multiple.width
    }
    guard target.height >= image.height, target.width >= image.width else {
      throw StageError(Refusal.larger(image: image, size: target))
    }
    let isCentered = (position ?? (size == nil ? .topLeft : .center)) == .center
    let (rows, columns) = (target.height - image.height, target.width - image.width)
    let (top, left) = isCentered ? (rows / 2, columns / 2) : (0, 0)
    return Amount(top: top, left: left, bottom: rows - top, right: columns - left)
  }

  private func size(of image: Size, with amount: Amount) throws(StageError) -> Size {
    let size = Size(
      height: amount.top + image.height + amount.bottom,
      width: amount.left + image.width + amount.right)
    guard max(size.height, size.width) <= AxisGrid.largestSide else {
      let key = self.size != nil ? "size" : toMultiple != nil ? "to_multiple" : "amount"
      throw StageError(Refusal.tooLarge(size, key: key))
    }
    return size
  }

  /// What stands around each channel under `Mode.constant`.
  private func constants(for input: Layout) throws(StageError) -> [Double] {
    guard let value else { preconditionFailure("a stage that was checked has the constant") }
    guard let constants = value.onePerChannel(input.channels) else {
      throw StageError(Refusal.values(value.count, channels: input.channels))
    }
    if let maximum = input.elementType.maximum,
      let misfit = value.first(where: { $0 != $0.rounded() || $0 < 0 || $0 > Double(maximum) })
    {
      throw StageError(Refusal.noValue(misfit, of: input.elementType, maximum: maximum))
    }
    return constants
  }
}

extension Pad {
  /// What fits no image of these channels, this type or this size.
  enum Refusal: StageRefusal {
    case larger(image: Size, size: Size)
    case tooLarge(Size, key: String)
    case values(Int, channels: Int)
    case noValue(Double, of: ElementType, maximum: Int)

    var key: String? {
      switch self {
      case .larger: "size"
      case .tooLarge(_, let key): key
      case .values, .noValue: "value"
      }
    }

    var description: String {
      switch self {
      case .larger(let image, let size):
        "the image is \(image), which is larger than \(size) along an axis"
      case .tooLarge(let size, _):
        "the padded image would be \(size), and an image has at most \(AxisGrid.largestSide) rows "
          + "and columns"
      case .values(let count, let channels):
        "\(count) values for an image of \(channels.counted("channel"))"
      case .noValue(let value, let type, let maximum):
        "\(value) is no value of an image of \(type.rawValue), which has integers in "
          + "0…\(maximum); a normalize before it gives floats"
      }
    }
  }
}
