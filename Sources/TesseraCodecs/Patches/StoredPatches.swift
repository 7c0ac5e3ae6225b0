import TesseraCore

/// Patches of one image as they stand in a file, and where in the image they belong.
public struct StoredPatches: Hashable, Sendable {
  /// The order of the values.
  public var order: PatchOrder
  /// Planes of a patch.
  public var channels: Int
  /// Where the blocks lie.
  public var window: Window
  /// Height and width of the image that the window lies on [px].
  public var size: Size
  /// Rows and columns of blocks.
  public var gridSize: Size
  /// Patches that the file has, those of no block among them.
  public var rowCount: Int
  /// The block of each stored patch, -1 where it belongs to none; `nil`: all blocks, in the order's
  /// own sequence.
  public var blocks: [Int]?
  /// How values came from pixels; `nil` where that is not known, or they are as they were.
  public var normalization: StoredNormalization?
  /// The type of those pixels; `nil` for that of the values.
  public var pixelType: ElementType?
  /// Whether the last channel is opacity.
  public var hasAlpha = false

  /// Describes patches of all blocks, in order.
  public init(
    order: PatchOrder, channels: Int, window: Window, size: Size, gridSize: Size, rowCount: Int
  ) {
    self.order = order
    self.channels = channels
    self.window = window
    self.size = size
    self.gridSize = gridSize
    self.rowCount = rowCount
  }

  /// Blocks of the whole grid.
  public var blockCount: Int { gridSize.height * gridSize.width }

  /// Values of a stored patch.
  var patchLength: Int { order.length(channels: channels, patchSize: window.patchSize) }

  /// Sides of the patches laid side by side, each in the place of its block.
  package var mosaic: ImageShape {
    ImageShape(
      channels: channels, height: gridSize.height.saturating(times: window.patchSize.height),
      width: gridSize.width.saturating(times: window.patchSize.width))
  }

  /// The numbers of the blocks that are there, ascending; `nil` where all are.
  package var keptBlocks: [Int]? {
    guard let blocks else { return nil }
    let kept = blocks.filter { $0 >= 0 }.sorted()
    return kept.count == blockCount ? nil : kept
  }
}

/// How stored values come from those of files: (value · scale − mean) / std, per channel.
public struct StoredNormalization: Hashable, Sendable {
  /// What values of the file are multiplied by.
  public var scale: Double
  /// What is subtracted then, per channel.
  public var mean: [Double]
  /// What is divided by in the end, per channel.
  public var std: [Double]

  /// Names the three.
  public init(scale: Double, mean: [Double], std: [Double]) {
    (self.scale, self.mean, self.std) = (scale, mean, std)
  }
}
