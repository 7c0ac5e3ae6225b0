import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Puts patches back together into an image.
///
/// Input: patches (C·kH·kW) × L. Output: image C × H × W. Blocks are added in raster order. Source:
/// `torch.nn.Fold`, whose result is that of `Normalization.sum`.
public struct Fold: Stage {
  /// `fold`.
  public static let name = "fold"
  /// What lists of stages say of it: one line.
  public static let summary = "Puts patches back together into an image: col2im."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Takes patches (C·kH·kW) × L and gives an image C × H × W. The window is that of the unfold in \
    force; `output_size` and `kernel_size` together replace it whole. Padding is cut off. Dividing \
    by the count makes unfold → fold exact for every window that reaches every pixel; the plain sum \
    is torch.nn.Fold. Dividing by what values weigh in a `window` blends blocks into each other. Of \
    patches with a halo the window in the middle is folded.
    """
  /// Patches to image.
  public static let role = StageRole.join

  /// What the sum of the blocks is divided by.
  public enum Normalization: String, Hashable, Sendable, CaseIterable {
    /// The number of blocks that reach a pixel.
    case count
    /// Nothing.
    case sum
    /// What those blocks weigh there, each value by its place in the window.
    case window
  }

  /// What the values of a block weigh, so that blocks blend into each other.
  public enum Shape: String, Hashable, Sendable, CaseIterable {
    /// TorchIO's.
    case hann
    /// The number of pixels to the nearest end.
    case triangle
    /// MONAI's.
    case gaussian
    /// NumPy's.
    case kaiser
    /// pytorch-toolbelt's.
    case pyramid
    /// TorchIO's: the middle of each patch, and nothing of the others.
    case crop
  }

  /// What becomes of pixels that no block reaches.
  public enum Uncovered: String, Hashable, Sendable, CaseIterable {
    /// The image is refused.
    case error
    /// They become 0.
    case zero
  }

  /// A window of its own, in place of the one in force.
  public struct Geometry: Hashable, Sendable {
    /// Height and width of the image [px].
    public let outputSize: Size
    /// Where the blocks lie.
    public let window: Window
  }

  /// What the sum is divided by.
  public var normalize = Normalization.count
  /// What values weigh; `nil` without weights.
  public var window: Shape?
  /// How steeply a `kaiser` window falls; `nil` is 2.
  public var beta: Double?
  /// Height and width of the image [px]; `nil` inherits.
  public var outputSize: Size?
  /// Height and width of the window [px]; `nil` inherits.
  public var kernelSize: Size?
  /// Distance between blocks [px]; `nil` is 1, or inherits with the rest.
  public var stride: Size?
  /// Padding that is cut off [px]; `nil` is 0, or inherits with the rest.
  public var padding: Size?
  /// Distance between elements of the window [px]; `nil` is 1, or inherits with the rest.
  public var dilation: Size?
  /// What becomes of pixels that no block reaches.
  public var uncovered = Uncovered.error

  /// Inherits its window.
  public init() {}

  /// The window of its own, where one is given.
  public var geometry: Geometry? {
    guard let outputSize, let kernelSize else { return nil }
    var window = Window(kernelSize: kernelSize)
    if let stride { window.stride = stride }
    if let padding { window.padding = .symmetric(padding) }
    if let dilation { window.dilation = dilation }
    return Geometry(outputSize: outputSize, window: window)
  }
}

extension Fold: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("normalize", \.normalize, .word, "What the sum of the blocks is divided by."),
    Parameter(
      "window", optional: \.window, .word, otherwise: "none; `normalize` window needs one",
      "What values weigh by their place in the window: most in its middle. crop takes the middle of "
        + "each patch and nothing of its neighbours."),
    Parameter(
      "beta", optional: \.beta, .number(.closed(0, 30)), otherwise: "2, for kaiser",
      "How steeply a kaiser window falls."),
    Parameter(
      "output_size", optional: \.outputSize, .pair(in: Limits.image), otherwise: "inherited",
      "Height and width of the image [px]."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .pair(in: Limits.window), otherwise: "inherited",
      "Height and width of the window [px]."),
    Parameter(
      "stride", optional: \.stride, .pair(in: Limits.window),
      otherwise: "inherited, or 1 with `output_size`", "Distance between blocks [px]."),
    Parameter(
      "padding", optional: \.padding, .pair(in: Limits.padding),
      otherwise: "inherited, or 0 with `output_size`", "Padding that is cut off [px]."),
    Parameter(
      "dilation", optional: \.dilation, .pair(in: Limits.window),
      otherwise: "inherited, or 1 with `output_size`",
      "Distance between elements of the window [px]."),
    Parameter("uncovered", \.uncovered, .word, "What becomes of pixels that no block reaches."),
  ]

  package static let rules: [KeyRule] = [
    .together(
      ["output_size", "kernel_size", "stride", "padding", "dilation"],
      need: ["output_size", "kernel_size"])
  ]
}

extension Fold {
  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems = windowProblems
    guard normalize == .sum, uncovered == .error, given.contains("uncovered") else {
      return problems
    }
    problems.append(
      KeyProblem(
        "uncovered",
        "\"error\" is about means, and with \"normalize\": \"sum\" pixels that no block reaches are 0, "
          + "as \"zero\" says"))
    return problems
  }

  private var windowProblems: [KeyProblem] {
    if normalize == .window, window == nil {
      return [
        KeyProblem(
          nil, "expected the key \"window\" beside \"normalize\": \"window\", found no such key")
      ]
    }
    if normalize != .window, window != nil {
      return [KeyProblem("window", "applies only with \"normalize\": \"window\"")]
    }
    if window != .kaiser, beta != nil {
      return [KeyProblem("beta", "applies only with \"window\": \"kaiser\"")]
    }
    return []
  }

  /// What values weigh, as the engine knows it.
  ///
  /// All windows of a single pixel weigh 1.
  private func weights(on grid: BlockGrid) throws(StageError) -> FoldWindow? {
    guard normalize == .window, let window, grid.kernelSize != Size(1) else { return nil }
    switch window {
    case .hann: return .hann
    case .triangle: return .triangle
    case .gaussian: return .gaussian
    case .kaiser: return .kaiser(beta: beta ?? 2)
    case .pyramid: return .pyramid
    case .crop:
      guard grid.rows.dilation == 1, grid.columns.dilation == 1 else {
        throw StageError(Refusal.croppedGaps)
      }
      return .crop
    }
  }
}

extension Fold {
  /// Checks that the blocks in force fill the grid of the fold.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let blocks = input.requirePatches(for: Self.name)
    let margin = geometry == nil ? input.halo : Size(0)
    let grid =
      try geometry?.grid() ?? blocks.widened(by: Size(height: -margin.height, width: -margin.width))
    let patchSize = grid.widened(by: margin).kernelSize
    let window = patchSize.height * patchSize.width
    guard input.patchLength % window == 0 else {
      throw StageError(Refusal.window(grid.kernelSize, patchLength: input.patchLength))
    }
    let weights = try weights(on: grid)
    if input.weighsBlocks, normalize == .sum || weights == .crop {
      throw StageError(Refusal.weighedBlocks(normalize == .sum ? "normalize" : "window"))
    }
    guard grid.blockCount == blocks.blockCount else {
      throw StageError(Refusal.blocksDiffer(blocks.size, own: grid.size))
    }
    let coverage = (rows: grid.rows.coverage(), columns: grid.columns.coverage())
    if normalize != .sum, uncovered == .error {
      try refuseUncovered(coverage)
      if input.isThinned { try refuseUncovered(input, on: grid, isCropped: weights == .crop) }
    }

    var layout = input
    layout.grid = nil
    layout.window = nil
    layout.halo = Size(0)
    layout.weighsBlocks = false
    layout.isThinned = false
    layout.keptBlocks = nil
    layout.companions = []
    layout.size = grid.imageSize
    let channels = input.patchLength / window
    if channels != input.channels { layout.replaceChannels(by: channels) }
    let most = (coverage.rows.max() ?? 0) * (coverage.columns.max() ?? 0)
    let least = (coverage.rows.min() ?? 0) * (coverage.columns.min() ?? 0)
    if least == 0 || input.isThinned { layout.addZeros() }
    if normalize == .sum {
      layout.elementType = .float32
      layout.mapValues { $0.union($0.mapped(scale: Double(most))) }
      if !layout.blackIsZero { layout.straightValues = .unbounded }
    }
    if weights != nil, weights != .crop { layout.elementType = .float32 }
    let keepsUnits = normalize != .sum || (most == 1 && least == 1)
    layout.inverse = input.inverse.afterLinear(
      outputs: layout.channels,
      sources: keepsUnits && layout.channels == input.channels
        ? Array(0..<layout.channels) : nil,
      stage: context.stageIndex, name: Self.name)
    var fold = FoldPatches(grid, channels: layout.channels, dividesByCount: normalize != .sum)
    fold.window = weights
    fold.margin = margin
    return Lowered(layout: layout, operators: [fold])
  }

  /// Refuses to fold where blocks that were let go leave pixels that none reaches.
  private func refuseUncovered(
    _ input: Layout, on grid: BlockGrid, isCropped: Bool
  ) throws(StageError) {
    guard let kept = input.keptBlocks else { throw StageError(Refusal.thinned) }
    let (rows, columns) = (grid.rows, grid.columns)
    var isReached = [Bool](repeating: false, count: rows.size * columns.size)
    let own = isCropped ? (rows.croppedBlocks, columns.croppedBlocks) : nil
    for block in kept {
      let (row, column) = block.quotientAndRemainder(dividingBy: columns.count)
      if let own {
        for y in own.0[row] { for x in own.1[column] { isReached[y * columns.size + x] = true } }
        continue
      }
      for i in 0..<rows.kernel {
        let y = rows.starts[row] + i * rows.dilation
        guard (0..<rows.size).contains(y) else { continue }
        for j in 0..<columns.kernel {
          let x = columns.starts[column] + j * columns.dilation
          if (0..<columns.size).contains(x) { isReached[y * columns.size + x] = true }
        }
      }
    }
    if !isReached.allSatisfy({ $0 }) { throw StageError(Refusal.thinned) }
  }

  private func refuseUncovered(_ coverage: (rows: [Int], columns: [Int])) throws(StageError) {
    let rows = coverage.rows.count { $0 == 0 }
    let columns = coverage.columns.count { $0 == 0 }
    guard rows + columns > 0 else { return }
    throw StageError(
      Refusal.uncovered(
        rows: rows, columns: columns,
        of: Size(height: coverage.rows.count, width: coverage.columns.count)))
  }
}

extension Fold.Geometry {
  /// The blocks on the image that is made.
  func grid() throws(StageError) -> BlockGrid { try window.stageGrid(on: outputSize) }
}

extension Fold {
  /// Blocks that do not make an image.
  enum Refusal: StageRefusal {
    case window(Size, patchLength: Int)
    case blocksDiffer(Size, own: Size)
    case uncovered(rows: Int, columns: Int, of: Size)
    case thinned
    case croppedGaps
    case weighedBlocks(String)

    var key: String? {
      switch self {
      case .window: "kernel_size"
      case .blocksDiffer: "output_size"
      case .uncovered, .thinned: "uncovered"
      case .croppedGaps: "window"
      case .weighedBlocks(let key): key
      }
    }

    var description: String {
      switch self {
      case .weighedBlocks:
        "blocks weigh differently here, by \"weights\": \"adaptive\", and that has no meaning where sums are not "
          + "divided or one block alone counts; \"normalize\": \"count\" divides by weights"
      case .croppedGaps:
        "cropping takes windows without gaps, and here \"dilation\" is above 1"
      case .thinned:
        "blocks were let go before, and some pixels may be reached by none; \"uncovered\": \"zero\" makes them 0"
      case .window(let size, let patchLength):
        "a patch has \(patchLength) values, which windows of \(size) do not divide"
      case .blocksDiffer(let blocks, let own):
        "\(blocks.height * blocks.width) blocks (\(blocks)) reach the fold, and its own grid has "
          + "\(own.height * own.width) (\(own))"
      case .uncovered(let rows, let columns, let size):
        "\(rows) rows and \(columns) columns of \(size) lie under no block; "
          + "\"edge\": \"shift\" or \"pad\" in the unfold covers them, "
          + "\"uncovered\": \"zero\" makes them 0"
      }
    }
  }
}
