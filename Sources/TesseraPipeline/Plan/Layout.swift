import TesseraCodecs
import TesseraCore
import TesseraEngine

/// What flows between two stages: everything about the values but the values.
public struct Layout: Hashable, Sendable {
  /// Planes of the image; rows of a patch come from these.
  public var channels: Int
  /// What the planes mean together.
  public var colorModel: ColorModel
  /// What each plane is called, opacity among them, where a stage has given planes names; letters,
  /// digits and `_`.
  public var channelNames: [String]?
  /// Whether the last plane is opacity.
  public var hasAlpha: Bool
  /// Whether colours were multiplied by opacity on loading.
  public var isPremultiplied = false
  /// Type of the values.
  public var elementType: ElementType
  /// Height and width of the image, or of the image that the patches were cut from.
  public var size: Size
  /// The blocks, where patches flow.
  public var grid: BlockGrid?
  /// The window that the blocks come from, where patches flow.
  public var window: Window?
  /// Elements on each side of a patch that reach beyond the block that it is folded back to.
  public var halo = Size(0)
  /// Whether the size follows from the pipeline alone, whatever that of the input is.
  public var hasFixedSize = false
  /// Whether blocks weigh differently where they overlap.
  package var weighsBlocks = false
  /// Whether blocks may have been left out of the grid.
  public var isThinned = false
  /// The numbers of the blocks that are left, where they are known; `nil`: all, or as values tell.
  package var keptBlocks: [Int]?
  /// What goes along with the patches.
  package var companions: [Companion] = []
  /// Bounds that no value of a colour can leave; infinite where none is known.
  public var values: ValueInterval
  /// The same of opacity, where there is one.
  public var opacity: ValueInterval
  /// Bounds of colours once they are divided by the opacity that they were multiplied by.
  public var straightValues: ValueInterval
  /// How values turn back into the units of the file.
  public var inverse: InverseMap
  /// Value that full intensity has after the `scale` in force: what `"range": "clip"` clips to.
  public var fullScale: Double
  /// Whether `normalize` made the values.
  public var isNormalized = false
  /// Means and deviations as pipelines write them, which `inverse` has in single precision.
  package var constants: [Double] = []
  /// Type of the values in the file.
  public var sourceType: ElementType

  /// Whether CMYK has 255 for no ink.
  package var isInvertedCMYK = false
  /// The model, or processor, that a stage has prepared the image for.
  public var preset: String?
  /// The order in which that model takes the patches that flow; `nil` where they are not its own.
  public var modelOrder: PatchOrder?
  /// How many patches that model takes, those of zeros behind an image's own among them.
  public var paddedBlockCount: Int?

  /// Length of one patch: channels × window height × window width.
  public var patchLength: Int {
    guard let grid else { return channels }
    return channels * grid.rows.kernel * grid.columns.kernel
  }

  /// The value that full intensity has in the file: 255, 65535, or 1 for floats.
  public var sourceMaximum: Double { Double(sourceType.maximum ?? 1) }

  /// Channels × height × width of the image.
  public var shape: ImageShape {
    ImageShape(channels: channels, height: size.height, width: size.width)
  }

  /// Bounds of everything that flows.
  public var allValues: ValueInterval { hasAlpha ? values.union(opacity) : values }
  /// Bounds of colours in a file.
  var fileValues: ValueInterval { isPremultiplied ? straightValues : values }

  /// Begins with patches: the blocks of a window, each with its halo.
  mutating func cut(_ blocks: BlockGrid, _ window: Window) {
    grid = blocks.widened(by: window.halo)
    halo = window.halo
    self.window = window
  }

  /// Goes on with a value per channel of each block, in place of its patch.
  mutating func placePixels(of blocks: BlockGrid) throws(StageError) {
    grid = try BlockGrid.pixels(of: blocks.size)
    halo = Size(0)
    window = Window()
  }

  /// Changes what is known of colours and of opacity alike; quotients of the two stay what they are.
  mutating func mapValues(_ change: (ValueInterval) -> ValueInterval) {
    values = change(values)
    opacity = change(opacity)
  }

  /// Takes zeros among the values: what is black no longer is where that is something else.
  mutating func addZeros() {
    mapValues(\.withZero)
    if !blackIsZero { straightValues = .unbounded }
  }

  /// Whether black has the value 0, so that opacity divides sums of products as it divides products.
  var blackIsZero: Bool {
    if case .affine(let maps) = inverse { maps.allSatisfy { $0.offset == 0 } } else { false }
  }

  /// Gives the layout channels that are no colours of the file any more.
  mutating func replaceChannels(by count: Int) {
    channels = count
    colorModel = .unknown
    channelNames = nil
    values = allValues
    hasAlpha = false
    isPremultiplied = false
  }

  /// The shape in words: `3 × 187 × 253` or `768 × 196 (14 × 14 blocks)`.
  public var shapeDescription: String { flowShape.description }

  /// The shape as messages tell it.
  public var flowShape: FlowShape {
    grid.map { .patches(length: patchLength, blocks: $0.size) } ?? .image(shape)
  }
}

/// The shape of what flows.
public enum FlowShape: Hashable, Sendable {
  /// Channels × height × width.
  case image(ImageShape)
  /// Values of a patch, and rows × columns of blocks.
  case patches(length: Int, blocks: Size)
}

extension FlowShape: CustomStringConvertible {
  /// `3 × 187 × 253` or `768 × 196 (14 × 14 blocks)`.
  public var description: String {
    switch self {
    case .image(let shape): shape.description
    case .patches(let length, let blocks):
      "\(length) × \(blocks.height * blocks.width) (\(blocks) blocks)"
    }
  }
}

/// An interval that holds every value, computed without looking at one.
public struct ValueInterval: Hashable, Sendable {
  /// The smallest possible value.
  public var lower: Double
  /// The largest possible value.
  public var upper: Double

  /// The values from `lower` to `upper`, both included.
  public init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Nothing is known.
  public static let unbounded = ValueInterval(-.infinity, .infinity)

  /// Whether both ends are finite.
  public var isBounded: Bool { lower.isFinite && upper.isFinite }

  /// The smallest interval that holds this one and another.
  public func union(_ other: ValueInterval) -> ValueInterval {
    ValueInterval(min(lower, other.lower), max(upper, other.upper))
  }

  /// This interval and zero: what padding with zeros makes of it.
  public var withZero: ValueInterval { union(ValueInterval(0, 0)) }

  /// The magnitude of every value.
  var magnitudes: ValueInterval { ValueInterval(0, max(abs(lower), abs(upper))) }

  /// Every `scale · value + offset`.
  public func mapped(scale: Double, offset: Double = 0) -> ValueInterval {
    if !isBounded { return scale == 0 ? ValueInterval(offset, offset) : .unbounded }
    let ends = [lower * scale + offset, upper * scale + offset]
    return ValueInterval(min(ends[0], ends[1]), max(ends[0], ends[1]))
  }

  /// Every sum of an offset and of values of the interval, one for each weight, times it.
  ///
  /// A weight of 0 bounds nothing that may be ∞ or NaN.
  func weighted(by weights: some Sequence<Float>, offset: Float = 0) -> ValueInterval {
    guard isBounded else { return .unbounded }
    var sum = ValueInterval(0, 0)
    for weight in weights {
      let term = mapped(scale: Double(weight))
      sum.lower += term.lower
      sum.upper += term.upper
    }
    return ValueInterval(sum.lower + Double(offset), sum.upper + Double(offset))
  }
}

/// How the values in force turn back into those of the file.
public enum InverseMap: Hashable, Sendable {
  /// One affine map per channel.
  case affine([Affine])
  /// The affine maps of a stage that knows them once the image's statistics are known: the number
  /// of the stage, and for each channel the one of that stage whose map it takes.
  case perImage(stage: Int, channels: [Int])
  /// A stage made values that no longer are the file's.
  case lost(stage: Int, name: String)
  /// A stage made coefficients, whose inverse gives values that turn back by a map.
  indirect case coefficients(of: InverseMap, stage: Int, name: String)

  /// The stage whose values are not the file's, where they are not.
  var loss: (stage: Int, name: String)? {
    switch self {
    case .affine, .perImage: nil
    case .lost(let stage, let name), .coefficients(_, let stage, let name): (stage, name)
    }
  }

  /// The one factor that every channel shares, where there is no offset.
  var commonScale: Double? {
    guard case .affine(let maps) = self, let first = maps.first?.scale,
      maps.allSatisfy({ $0.scale == first && $0.offset == 0 })
    else { return nil }
    return first
  }

  /// The map after a linear stage whose outputs each depend on one channel, or on any.
  ///
  /// `sources` names the channel that each output is made of with weights that sum to 1; it is nil
  /// where outputs mix channels, add a bias, or weigh otherwise. A common factor survives any linear
  /// map.
  func afterLinear(outputs: Int, sources: [Int]?, stage: Int, name: String) -> InverseMap {
    if let scale = commonScale {
      return .affine(Array(repeating: Affine(scale: scale, offset: 0), count: outputs))
    }
    switch self {
    case .affine(let maps):
      if let sources { return .affine(sources.map { maps[$0] }) }
      return .lost(stage: stage, name: name)
    case .perImage(let keeper, let channels):
      guard let sources else { return .lost(stage: stage, name: name) }
      return .perImage(stage: keeper, channels: sources.map { channels[$0] })
    case .lost:
      return self
    case .coefficients(_, let stage, let name):
      return .lost(stage: stage, name: name)
    }
  }
}
