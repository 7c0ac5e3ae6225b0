import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Cuts an image into blocks, one per column.
///
/// Input: image C × H × W. Output: patches (C·kH·kW) × L of the same type. Rows run over channel,
/// window row, window column; blocks in raster order. Source: the order of `torch.nn.Unfold`.
public struct Unfold: Stage {
  /// `unfold`.
  public static let name = "unfold"
  /// What lists of stages say of it: one line.
  public static let summary = "Cuts an image into blocks, one per column: im2col."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Takes an image C × H × W and gives patches (C·kH·kW) × L of the same type, in the order of \
    torch.nn.Unfold. Per axis L is ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 \
    under `edge` drop. Padding is in the units in force: zeros after a mean and std are the mean \
    colour. With a `halo` patches have kernel + 2·halo pixels a side: transforms see \
    all of them, files hold all of them, and a fold takes the window in the middle, so that filtering \
    patches is filtering the image wherever the filter reaches no further than the halo.
    """
  /// Image to patches.
  public static let role = StageRole.cut

  /// Where the blocks lie.
  public var window = Window()

  /// Cuts into single pixels.
  public init() {}

  /// Cuts along a window.
  public init(_ window: Window) { self.window = window }
}

extension Unfold: HasWindow {
  package static let parameters: [Parameter<Self>] =
    [
      Parameter(
        "kernel_size", \.window.kernelSize, .pair(in: Limits.window), required: true,
        "Height and width of the window [px].")
    ] + windowParameters + [
      Parameter(
        "halo", \.window.halo, .pair(in: Limits.padding),
        "What a patch shows of the image beyond the window, on each side [px]; a fold leaves it out."
      )
    ]

  package func problems(given: Set<String>) -> [KeyProblem] { windowProblems(given: given) }
}

extension Unfold {
  /// The blocks on this image; values stay as they are.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let grid = try window.stageGrid(on: input.size)
    var layout = input
    layout.cut(grid, window)
    let patches = grid.widened(by: window.halo)
    if window.paddingMode == .zeros, patches.reachesOutside { layout.addZeros() }
    return Lowered(
      layout: layout,
      operators: UnfoldRows.operators(patches, paddingMode: window.paddingMode))
  }
}
