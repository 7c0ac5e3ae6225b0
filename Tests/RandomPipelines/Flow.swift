/// What flows between two stages, as far as a generator must know to go on with a stage that fits.
struct Flow: Sendable {
  /// How values turn back into those of the file; where it is not known, a loss is supposed.
  enum Inverse: Sendable {
    /// They are those of the file.
    case same
    /// One factor for all channels.
    case scale
    /// A map for every channel.
    case affine
    /// Maps that follow from the image's statistics.
    case statistics
    /// No more.
    case lost
  }

  /// Which blocks are left.
  enum Choice: Sendable {
    case all
    /// Some, which ones is known.
    case some
    /// Some, and arrays go along that tell which.
    case masked
    /// Only the values tell.
    case byValues
  }

  var channels: Int
  var model: SmallImage.Model
  var hasAlpha: Bool
  var kind: SmallImage.Kind
  let sourceKind: SmallImage.Kind
  var height: Int
  var width: Int
  var isPremultiplied = false
  var inverse = Inverse.same
  /// Whether planning knows the smallest and the largest value.
  var isBounded: Bool
  /// Where patches flow.
  var blocks: Blocks?
  /// What patches have on each side beyond their blocks.
  var halo = 0
  /// Which of them are left.
  var choice = Choice.all
  /// Channels, height and width after loading.
  var loaded: [Int] = []

  var isImage: Bool { blocks == nil }
  var colorChannels: Int { hasAlpha ? channels - 1 : channels }
  var patchLength: Int { channels * (blocks?.window ?? 1) }
  /// Values that flow through one channel of the stage to come.
  var valueCount: Int { patchLength * (blocks?.count ?? height * width) }
  var hasCommonFactor: Bool { inverse == .same || inverse == .scale }

  /// Gives it channels that are no colours of the file any more.
  mutating func replaceChannels(by count: Int) {
    channels = count
    model = .nameless
    hasAlpha = false
    isPremultiplied = false
  }

  /// What a linear map leaves of the inverse.
  mutating func passLinear(keepsUnits: Bool) {
    if !hasCommonFactor, !keepsUnits { inverse = .lost }
  }

  /// Every block has become one pixel of the image of the grid.
  mutating func shrinkBlocksToPixels() {
    guard let pixels = blocks?.pixels else { return }
    height = pixels.rows.size
    width = pixels.columns.size
    blocks = pixels
    halo = 0
  }
}
