/// The order of stored patches.
public enum PatchOrder: String, Hashable, Sendable, CaseIterable {
  /// (D, L), a column per block, D over channel, row, column: `torch.nn.Unfold`.
  case torch
  /// (L, D), a row per block, D over channel, row, column.
  case tokens
  /// (L, D), a row per block, D over row, column, channel.
  case tokensChannelsLast = "tokens_channels_last"
  /// (L, C, kH, kW).
  case patches
  /// (Lh, Lw, kH, kW, C): scikit-image's `view_as_windows`, patchify.
  case windows
  /// (L, 2 · D), D over channel, frame, row, column with both frames alike, blocks in groups of 2 × 2:
  /// what Qwen2-VL takes.
  case qwen2vl
}

extension PatchOrder {
  /// Rows and columns of blocks that stand together in the order of Qwen2-VL.
  package static let mergedBlocks = 2

  /// How often each value is stored.
  package var copies: Int { self == .qwen2vl ? 2 : 1 }

  /// Whether arrays of several images can be joined along their first side, one row per block.
  package var isOneRowPerBlock: Bool { self != .torch && self != .windows }

  /// Sides of an array of patches of one image.
  package var rank: Int {
    switch self {
    case .torch, .tokens, .tokensChannelsLast, .qwen2vl: 2
    case .patches: 4
    case .windows: 5
    }
  }

  /// Whether every block of the image must be there.
  package var needsWholeGrid: Bool { self == .windows || self == .qwen2vl }

  /// Values of a stored patch.
  package func length(channels: Int, patchSize: Size) -> Int {
    copies * channels * patchSize.height * patchSize.width
  }

  /// The sides of an array of patches.
  ///
  /// - Parameters:
  ///   - blocks: Patches.
  ///   - channels: Planes of a patch.
  ///   - patchSize: Its rows and columns.
  ///   - gridSize: Rows and columns of blocks.
  /// - Returns: The sides, slowest first.
  package func shape(blocks: Int, channels: Int, patchSize: Size, gridSize: Size) -> [Int] {
    let length = length(channels: channels, patchSize: patchSize)
    switch self {
    case .torch: return [length, blocks]
    case .tokens, .tokensChannelsLast, .qwen2vl: return [blocks, length]
    case .patches: return [blocks, channels, patchSize.height, patchSize.width]
    case .windows:
      return [gridSize.height, gridSize.width, patchSize.height, patchSize.width, channels]
    }
  }

  /// For every stored value of a patch: its place over channel, row and column; empty where patches
  /// are not stored one after the other.
  package func places(channels: Int, pixels: Int) -> [Int32] {
    let (pixels, channels) = (Int32(pixels), Int32(channels))
    switch self {
    case .torch: return []
    case .tokens, .patches: return Array(0..<channels * pixels)
    case .tokensChannelsLast, .windows:
      return (0..<channels * pixels).map { $0 % channels * pixels + $0 / channels }
    case .qwen2vl:
      return (0..<channels).flatMap { channel in
        (0..<Int32(copies)).flatMap { _ in channel * pixels..<(channel + 1) * pixels }
      }
    }
  }

  /// Whether patches are stored as unfold counts their values, in order of the image.
  package var isThatOfUnfold: Bool { self == .tokens || self == .patches }

  /// Where blocks that follow each other in the image are stored: runs of blocks with the number of
  /// the row that the first one gets.
  package func runs(of blocks: Range<Int>, gridSize: Size) -> [(blocks: Range<Int>, row: Int)] {
    guard self == .qwen2vl else { return [(blocks, blocks.lowerBound)] }
    let side = Self.mergedBlocks
    var runs: [(blocks: Range<Int>, row: Int)] = []
    var block = blocks.lowerBound
    while block < blocks.upperBound {
      let (y, x) = block.quotientAndRemainder(dividingBy: gridSize.width)
      let group = y / side * (gridSize.width / side) + x / side
      let row = (group * side + y % side) * side + x % side
      let end = min(blocks.upperBound, block + side - x % side)
      runs.append((block..<end, row))
      block = end
    }
    return runs
  }
}
