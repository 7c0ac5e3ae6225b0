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
  /// For lists of stages.
  public static let summary = "Extends an image on its sides, by an amount or to a size."
  /// For the page of the stage.
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
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Zeros, in the units in force.
    case zeros
    /// Mirrored without repeating the edge.
    case reflect
    /// Mirrored with the edge repeated.
    case symmetric
    /// The edge value repeated.
    case replicate
    /// The opposite side.
    case circular
    /// `value`.
    case constant
  }

  /// Rows or columns on each side [px].
  public struct Amount: Hashable, Sendable {
    /// Above.
    public var top: Int
    /// To the left.
    public var left: Int
    /// Below.
    public var bottom: Int
    /// To the right.
    public var right: Int
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
  public var paddingMode = Mode.zeros
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
      .oneOrList(of: .number(), expected: "a number, or a list of one per channel"),
      "The value under constant, in the units in force: one for all channels, or one each."),
  ]

  package static let rules: [KeyRule] = [
    .exactlyOne(["amount", "to_multiple", "size"]),
    .atMostOne(["amount", "position"]),
    .only(["value"], with: "padding_mode", words: ["constant"]),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    if value?.isEmpty == true { return [KeyProblem("value", "expected at least one number")] }
    guard paddingMode == .constant, value == nil else { return [] }
    return [KeyProblem("padding_mode", "\"constant\" needs the key \"value\", found no such key")]
  }
}

extension Pad {
  /// Rows around the rows of the image.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    try input.requireImage(for: Self.name)
    let amount = try amount(on: input.size)
    var layout = input
    layout.size = Size(
      height: amount.top + input.size.height + amount.bottom,
      width: amount.left + input.size.width + amount.right)
    let fill = try fill(for: input)
    for value in fill { layout.values = layout.values.union(ValueInterval(value, value)) }
    guard layout.size != input.size else { return Lowered(layout: input, operators: []) }
    return Lowered(
      layout: layout,
      operators: [PadRows(amount: amount, mode: paddingMode, fill: fill.map { Float($0) })])
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

  /// What stands around each channel; empty where that comes from the image.
  private func fill(for input: Layout) throws(StageError) -> [Double] {
    if paddingMode == .zeros { return Array(repeating: 0, count: input.channels) }
    guard paddingMode == .constant, let value else { return [] }
    guard value.count == 1 || value.count == input.channels else {
      throw StageError(Refusal.values(value.count, channels: input.channels))
    }
    if let maximum = input.elementType.maximum,
      let misfit = value.first(where: { $0 != $0.rounded() || $0 < 0 || $0 > Double(maximum) })
    {
      throw StageError(Refusal.noValue(misfit, of: input.elementType, maximum: maximum))
    }
    return value.count == 1 ? Array(repeating: value[0], count: input.channels) : value
  }
}

extension Pad {
  /// What fits no image of these channels, this type or this size.
  enum Refusal: StageRefusal {
    case larger(image: Size, size: Size)
    case values(Int, channels: Int)
    case noValue(Double, of: ElementType, maximum: Int)

    var key: String? { if case .larger = self { "size" } else { "value" } }

    var description: String {
      switch self {
      case .larger(let image, let size):
        "the image is \(image), which is larger than \(size) along an axis"
      case .values(let count, let channels):
        "\(count) values for an image of \(channels) \(channels == 1 ? "channel" : "channels")"
      case .noValue(let value, let type, let maximum):
        "\(value) is no value of an image of \(type.rawValue), which has integers in "
          + "0…\(maximum); a normalize before it gives floats"
      }
    }
  }
}

extension ParameterKind where Value == Pad.Amount {
  /// One integer for all sides, or [top, bottom, left, right].
  fileprivate static var amount: Self {
    let side = ParameterKind<Int>.integer(in: Limits.padding)
    let expected =
      "an integer in \(Phrase.range(Limits.padding)), or four as [top, bottom, left, right]"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [side.schema, Schema.array(of: side.schema, count: 4...4)]),
      read: { value, findings in
        if let all = value.number?.integer, Limits.padding.contains(all) {
          return Pad.Amount(top: all, left: all, bottom: all, right: all)
        }
        guard let elements = value.elements, elements.count == 4 else {
          findings.mismatch(value, expected: expected, suggestion: value.withoutQuotes)
          return nil
        }
        return readElements(elements, side, &findings).map {
          Pad.Amount(top: $0[0], left: $0[2], bottom: $0[1], right: $0[3])
        }
      },
      write: { amount in
        let sides = [amount.top, amount.bottom, amount.left, amount.right]
        return Set(sides).count == 1
          ? side.write(amount.top) : JSONValue(.array(sides.map(side.write)))
      })
  }
}

/// Image rows with others around them.
private struct PadRows: RowOperator {
  var amount: Pad.Amount
  var mode: Pad.Mode
  /// What stands around each channel; empty where that comes from the image.
  var fill: [Float]

  func output(of input: RowFlow) -> RowFlow {
    RowFlow(
      format: RowFormat(
        elementType: input.format.elementType, channels: input.format.channels,
        width: amount.left + input.format.width + amount.right),
      height: amount.top + input.height + amount.bottom)
  }

  func prepared(from input: RowFlow, to output: RowFlow, _ tools: RunTools) -> any PreparedStep {
    PadStep(self, input, unitCount: output.height)
  }
}

/// `PadRows`, prepared; it keeps nothing of an image.
private final class PadStep: PreparedStep, RowStep {
  let unitCount: Int
  private let work: PadRows
  private let width: Int
  private let mode: PaddingMode
  private let rows: PaddedRows

  init(_ work: PadRows, _ input: RowFlow, unitCount: Int) {
    self.work = work
    self.unitCount = unitCount
    width = input.format.width
    mode = PaddingMode(rawValue: work.mode.rawValue) ?? .zeros
    rows = PaddedRows(mode: mode, height: input.height)
  }

  func needs(_ rows: Range<Int>) -> Range<Int> {
    self.rows.sources(of: rows.lowerBound - work.amount.top..<rows.upperBound - work.amount.top)
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    switch output.format.elementType {
    case .uint8: make(rows, from: input, into: output, as: UInt8.self) { UInt8($0) }
    case .uint16: make(rows, from: input, into: output, as: UInt16.self) { UInt16($0) }
    case .float32: make(rows, from: input, into: output, as: Float.self) { $0 }
    }
  }

  private func make<E: Element>(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, as type: E.Type,
    _ convert: (Float) -> E
  ) {
    let columns = -work.amount.left..<width + work.amount.right
    for row in rows {
      for channel in 0..<output.format.channels {
        let target = output.row(row, channel: channel, as: type) + work.amount.left
        let fill = work.fill.isEmpty ? nil : convert(work.fill[channel])
        guard let source = self.rows.source(of: row - work.amount.top) else {
          if let fill {
            (target + columns.lowerBound).update(repeating: fill, count: columns.count)
          }
          continue
        }
        let values = input.row(source, channel: channel, as: type)
        target.update(from: values, count: width)
        for x in columns where x < 0 || x >= width {
          if let from = mode.source(of: x, size: width) {
            target[x] = values[from]
          } else if let fill {
            target[x] = fill
          }
        }
      }
    }
  }
}
