import Glibc
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
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

  /// Height and width [px].
  public let size: Size
  /// Red, green and blue of every pixel.
  let pixels: [UInt8]
  /// How many pictures there are on it.
  public let pictureCount: Int
  /// How many there are to choose from.
  public let totalCount: Int

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
    size = layout.size
    pixels = layout.draw(pictures, colors)
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
    let file = try AtomicFile(at: path)
    do throws(CodecError) {
      let writer = try PNGWriter(
        path: file.temporaryPath,
        shape: ImageShape(channels: 3, height: size.height, width: size.width), elementType: .uint8)
      let rows = AlignedBuffer(byteCount: pixels.count)
      UnsafeMutableRawBufferPointer(start: rows.base, count: pixels.count).copyBytes(from: pixels)
      try writer.writeRows(rows.base, count: size.height, bytesPerRow: 3 * size.width)
      try writer.finish()
    } catch {
      guard case .io(_, let code) = error else { throw FileError(.write, path, code: EIO) }
      throw FileError(.write, path, code: code)
    }
    try file.finish(replacing: replacing)
  }
}
