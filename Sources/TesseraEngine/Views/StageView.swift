import TesseraCore

/// What a stage gave for one image, small enough to be looked at.
package struct StageView: Sendable {
  /// What is seen.
  package enum Subject: Hashable, Sendable {
    /// The image: means over the pixels that fall on one.
    case image
    /// Some patches side by side, in rows and columns of whole blocks.
    case patches(blocks: Size)
    /// The largest difference from the loaded image, among the values that fall on a pixel.
    case differences
  }

  /// What is seen.
  package var subject: Subject
  /// Planes.
  package var channels: Int
  /// Height and width of a plane.
  package var size: Size
  /// Over channel, row, column.
  package var values: [Float]
  /// Whether a block is there, in raster order; `nil`: all are.
  package var isThere: [Bool]?
  /// Row and column of the first block that is seen among all blocks.
  package var firstBlock = (row: 0, column: 0)
  /// All values that the stage gave, not only those that are seen, by channel where these are few.
  package var censuses: [ValueCensus]
}

/// A sink whose image is looked at.
protocol ViewSink: Sink {
  /// What was seen, once all has come.
  var view: StageView { get }
}

/// How large views become.
package struct ViewSize: Hashable, Sendable {
  /// The longest side [px].
  package var side: Int
  /// The most values of all channels.
  package var values: Int

  package init(side: Int, values: Int = 1 << 22) {
    self.side = max(side, 1)
    self.values = values
  }

  /// The size at which an image is seen: its own, or a smaller one of about the same aspect.
  package func size(of image: Size, channels: Int) -> Size {
    let room = Int(Double(values / max(channels, 1)).squareRoot())
    let most = max(min(side, room), 1)
    let longest = max(image.height, image.width)
    guard longest > most else { return image }
    return Size(
      height: max(1, image.height * most / longest), width: max(1, image.width * most / longest))
  }

  /// More channels are counted together.
  static let mostCensuses = 4

  /// The number of censuses for some channels.
  static func censusCount(of channels: Int) -> Int { channels <= mostCensuses ? channels : 1 }
}
