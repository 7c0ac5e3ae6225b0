import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraPipeline

/// What a stage gave for one image, as a page shows it.
struct DrawnView {
  /// What is seen.
  enum Subject: Hashable {
    /// The image.
    case image
    /// Channels that are no colours, side by side.
    case channels
    /// Patches with gaps between.
    case patches
    /// How far values are from those that were loaded.
    case differences
  }

  let stageIndex: Int
  let stageName: String
  let subject: Subject
  /// The picture; `nil` where there is nothing to see: no difference at all.
  let sheet: DrawnSheet?
  /// What is seen, in words.
  let caption: String
  /// What flows, in words: its shape and type.
  let shape: String
  /// Which values there are.
  let figures: Figures

  /// Which values there are.
  struct Figures {
    /// The smallest and largest value, and the mean; `nil` where no value is finite.
    var extremes: (minimum: Double, maximum: Double, mean: Double)?
    var notFiniteCount: Int
    /// How often values are in each of equal parts between the ends, by channel.
    var histograms: [[Int]]
  }
}

extension DrawnView {
  /// Draws what was seen.
  ///
  /// - Parameters:
  ///   - view: what was seen.
  ///   - meaning: what its values mean.
  ///   - file: what the stage would write.
  ///   - stageIndex: the stage, counted from 0.
  ///   - stageName: its name.
  init(
    _ view: StageView, of meaning: ViewedLayout, written file: PlannedFile?, stageIndex: Int,
    stageName: String
  ) {
    self.stageIndex = stageIndex
    self.stageName = stageName
    let layout = meaning.layout
    shape =
      file.map {
        let sides = $0.shape.map(String.init).joined(separator: " × ")
        return "\($0.format.rawValue) \(sides) \($0.storedType.rawValue)"
      } ?? "\(layout.shapeDescription) \(layout.elementType.rawValue)"
    figures = Figures(view.censuses)
    let legend = SignedLevels(view.values, white: meaning.white).legend
    switch view.subject {
    case .differences:
      subject = .differences
      let map = DifferenceMap(view)
      (sheet, caption) = (map.sheet, map.caption)
    case .patches(let blocks):
      subject = .patches
      sheet = Self.drawn(view, blocks: blocks, meaning)
      let grid = layout.grid?.size ?? blocks
      let isAll = blocks == grid
      caption =
        (isAll
          ? "All \(grid.height) × \(grid.width) blocks."
          : "\(blocks.height) × \(blocks.width) of \(grid.height) × \(grid.width) blocks, from row "
            + "\(view.firstBlock.row) and column \(view.firstBlock.column).") + legend
    case .image where layout.isSeenAsColors:
      subject = .image
      sheet = Self.drawn(view, blocks: nil, meaning)
      caption = legend
    case .image:
      subject = .channels
      let count = min(view.channels, Self.mostChannels)
      // Integers of a file are levels, whatever they come from.
      let white = file?.storedType.elementType?.maximum == nil ? nil : meaning.white
      sheet = Self.channelSheet(view, count, white: white)
      let named = layout.channelNames.map { ": \($0.prefix(count).joined(separator: ", "))" } ?? ""
      caption =
        (count == view.channels
          ? "\(count) channels" : "The first \(count) of \(view.channels) channels")
        + named + "." + SignedLevels(view.values, white: white).legend
    }
  }

  /// More channels are not drawn.
  private static let mostChannels = 16

  /// Draws an image, or patches with gaps.
  private static func drawn(
    _ view: StageView, blocks: Size?, _ meaning: ViewedLayout
  ) -> DrawnSheet? {
    let colors = StraightColors(view, meaning)
    let levels = SignedLevels(colors.values, white: meaning.white)
    return sheet(
      of: ScaledPicture(
        channels: colors.channels, size: view.size, values: levels.values, blocks: blocks,
        isThere: view.isThere, scale: levels.scale))
  }

  /// Draws channels side by side.
  private static func channelSheet(
    _ view: StageView, _ count: Int, white: Double?
  ) -> DrawnSheet? {
    var columns = 1
    while columns * columns < count { columns += 1 }
    let rows = (count + columns - 1) / columns
    // As much of each as leaves the whole no larger than one image would be.
    let small = ViewSize(side: max(max(view.size.height, view.size.width) / columns, 1))
    let cell = small.size(of: view.size, channels: 1)
    let blocks = Size(height: rows, width: columns)
    let size = Size(height: rows * cell.height, width: columns * cell.width)
    var values = [Float](repeating: 0, count: size.height * size.width)
    for channel in 0..<count {
      let (row, column) = channel.quotientAndRemainder(dividingBy: columns)
      for y in 0..<cell.height {
        for x in 0..<cell.width {
          let source = (y * view.size.height / cell.height, x * view.size.width / cell.width)
          values[(row * cell.height + y) * size.width + column * cell.width + x] =
            view.values[(channel * view.size.height + source.0) * view.size.width + source.1]
        }
      }
    }
    let levels = SignedLevels(values, white: white)
    return sheet(
      of: ScaledPicture(
        channels: 1, size: size, values: levels.values, blocks: blocks,
        isThere: (0..<rows * columns).map { $0 < count }, scale: levels.scale))
  }

  private static func sheet(of picture: ScaledPicture) -> DrawnSheet? {
    guard let colors = try? SheetColors([picture], channel: nil) else { return nil }
    guard picture.blocks == nil else {
      let layout = SheetLayout([picture])
      return DrawnSheet(size: layout.size, pixels: layout.draw([picture], colors))
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * picture.pixelCount)
    for pixel in 0..<picture.pixelCount {
      let (red, green, blue) = colors.color(picture, pixel)
      pixels += [red, green, blue]
    }
    return DrawnSheet(size: picture.size, pixels: pixels)
  }
}

extension Layout {
  /// Whether the planes are an image as people see one: gray or colours, with opacity or without.
  fileprivate var isSeenAsColors: Bool {
    colorModel == .cmyk || colorChannels == 1 || colorChannels == 3
  }
}

extension DrawnView.Figures {
  /// Parts of the histograms.
  private static let parts = 64

  init(_ censuses: [ValueCensus]) {
    notFiniteCount = censuses.reduce(0) { $0 + $1.notFiniteCount }
    let known = censuses.filter { $0.count > 0 }
    guard let minimum = known.map(\.minimum).min(), let maximum = known.map(\.maximum).max() else {
      histograms = []
      return
    }
    let total = known.reduce(0) { $0 + $1.count }
    let sum = known.reduce(0.0) { $0 + $1.mean * Double($1.count) }
    extremes = (minimum, maximum, sum / Double(total))
    histograms = censuses.map { $0.histogram(Self.parts, from: minimum, to: maximum) }
  }
}

/// Colours as they are seen: on white where they have opacity, and mixed of inks where they are those.
private struct StraightColors {
  var channels: Int
  var values: [Float]

  init(_ view: StageView, _ meaning: ViewedLayout) {
    let layout = meaning.layout
    let count = view.size.height * view.size.width
    (channels, values) = (view.channels, view.values)
    guard view.channels == layout.channels, let white = meaning.white.map({ Float($0) }) else {
      return
    }
    if layout.colorModel == .cmyk, view.channels == 4 {
      channels = 3
      values = (0..<3 * count).map { index in
        let (ink, black) = (view.values[index], view.values[3 * count + index % count])
        return layout.isInvertedCMYK
          ? ink * black / white : (white - ink) * (white - black) / white
      }
    } else if layout.hasAlpha {
      channels = layout.colorChannels
      values = (0..<channels * count).map { index in
        let opacity = view.values[channels * count + index % count] / white
        return view.values[index] * opacity + white * (1 - opacity)
      }
    }
  }
}

/// Values that are no levels of a picture, as levels: gray is 0 where some are negative, and small ones are
/// seen beside large ones.
private struct SignedLevels {
  let values: [Float]
  let scale: ValueScale
  /// How levels are to be read; empty for those of pictures.
  let legend: String

  init(_ values: [Float], white: Double?) {
    let finite = values.lazy.filter(\.isFinite)
    if let white {
      (self.values, scale, legend) = (values, .upTo(white), "")
      return
    }
    let lowest = finite.min() ?? 0
    let largest = finite.reduce(0) { max($0, $1.magnitude) }
    // Where all of them are far from 0, how they differ is to be seen.
    guard largest > 0, lowest < largest / 5 else {
      (self.values, scale) = (values, .open)
      legend = " The smallest value is black, the largest white."
      return
    }
    self.values = values.map { value in
      let root = (value.magnitude / largest).squareRoot()
      return value < 0 ? -root : root
    }
    guard lowest < 0 else {
      scale = .upTo(1)
      legend =
        " Black is 0, white the largest value; between them values are seen by their square roots."
      return
    }
    // −1 is black, 1 is white.
    scale = .normalized(scale: 1, mean: [1], std: [1], white: 2)
    legend = " Gray is 0; from it to black and white values are seen by their square roots."
  }
}
