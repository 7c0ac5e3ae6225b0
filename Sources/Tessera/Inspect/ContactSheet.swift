import TesseraCore
import TesseraFiles
import TesseraThreads

/// A picture of pictures: patches of an image in their places with gaps, or a sample of many images.
public struct ContactSheet: Sendable {
  /// What is drawn.
  public struct Options: Sendable {
    /// The one image of a dataset, or of a folder or archive, by its key; `nil`: a sample.
    public var image: String?
    /// The channel that is drawn; `nil`: colours, or what tells most of many channels.
    public var channel: Int?
    /// The tensor of a .safetensors file.
    public var tensor: String?

    /// A sample in colours.
    public init() {}
  }

  private let sheet: DrawnSheet
  /// How many pictures there are on it.
  public let pictureCount: Int
  /// How many there are to choose from.
  public let totalCount: Int

  /// Height and width [px].
  public var size: Size { sheet.size }
  /// Red, green and blue of every pixel.
  var pixels: [UInt8] { sheet.pixels }

  /// Draws what a path holds.
  ///
  /// - Parameters:
  ///   - path: what an ``Inspection`` takes.
  ///   - options: what is drawn.
  ///   - cancellation: asked between pictures.
  /// - Throws: ``InspectionError``.
  public init(
    of path: String, _ options: Options = Options(), cancellation: Cancellation = Cancellation()
  ) throws(InspectionError) {
    let kind = try Inspection.Kind(of: path)
    let found = try SheetPictures(path, kind, options, cancellation)
    let width = found.count == 1 ? SheetLayout.wholeSide : SheetLayout.smallSide
    var pictures: [ScaledPicture] = []
    for index in 0..<found.count {
      if cancellation.isCancelled { throw .cancelled }
      let picture = try found.picture(index, longestSide: width)
      if index == 0 { try SheetColors.check(options.channel, of: picture.channels) }
      pictures.append(picture)
    }
    let colors = try SheetColors(pictures, channel: options.channel)
    let layout = SheetLayout(pictures)
    sheet = DrawnSheet(size: layout.size, pixels: layout.draw(pictures, colors))
    pictureCount = pictures.count
    totalCount = found.total
  }

  /// Writes the picture as a PNG file, which appears under its name once it is whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - replacing: whether a file that has the name is replaced.
  /// - Throws: `FileError`, with `EEXIST` where a file has the name.
  public func write(to path: String, replacing: Bool = false) throws(FileError) {
    try sheet.write(to: path, replacing: replacing)
  }
}
