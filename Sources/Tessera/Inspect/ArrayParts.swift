import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The images that an array holds, by its sides alone.
///
/// (H, W); (C, H, W), or (H, W, C) where only the last side is one of channels; a number of these; and
/// (N, L, C, kH, kW), whose patches are tiles.
struct ArrayParts {
  /// How many there are.
  let count: Int
  /// Whether they are patches whose places are not known.
  let areTiles: Bool
  private let array: StoredArray
  private let path: String
  private let shape: ImageShape
  private let isChannelsLast: Bool

  /// - Throws: ``InspectionError`` where the sides are those of no images.
  init(_ array: StoredArray, in path: String) throws(InspectionError) {
    let sides = array.shape
    self.path = path
    guard (2...5).contains(sides.count), sides.allSatisfy({ $0 > 0 }) else {
      throw .request(
        "\(path.printable): expected an array of images, (H, W), (C, H, W), (N, C, H, W) or "
          + "(N, L, C, kH, kW), found \(PatchShape.text(sides))")
    }
    let image = sides.count == 2 ? [1] + sides : Array(sides.suffix(3))
    isChannelsLast =
      sides.count > 2 && !Self.areChannels(image[0]) && Self.areChannels(image[2])
      && image[1] > 4
    shape =
      isChannelsLast
      ? ImageShape(channels: image[2], height: image[0], width: image[1])
      : ImageShape(channels: image[0], height: image[1], width: image[2])
    count = sides.dropLast(sides.count == 2 ? 2 : 3).reduce(1) { $0.saturating(times: $1) }
    areTiles = sides.count == 5 || sides.count == 4 && max(shape.height, shape.width) <= 64
    var flat = array
    flat.shape = [count] + image
    self.array = flat
  }

  private static func areChannels(_ side: Int) -> Bool { side == 1 || side == 3 || side == 4 }

  /// Opens an image.
  ///
  /// - Throws: ``InspectionError`` also where the array has fewer.
  func picture(
    _ index: Int, _ cancellation: Cancellation
  ) throws(InspectionError) -> SheetPicture {
    guard index >= 0, index < count else {
      throw .file(
        path, .malformed(array.format, "image \(index), from 0, is not in an array of \(count)"))
    }
    // An image is a single patch of its own size.
    let patches = StoredPatches(
      order: isChannelsLast ? .windows : .patches, channels: shape.channels,
      window: Window(kernelSize: shape.size, stride: shape.size), size: shape.size,
      gridSize: Size(height: 1, width: 1), rowCount: 1)
    var part = array.slice(index..<index + 1)
    if isChannelsLast { part.shape.insert(1, at: 0) }
    var options = DecodeOptions()
    options.roundsArrays = true
    options.maxPixels = SheetPictures.mostPixels
    return try InspectionError.drawing(path) { () throws(CodecError) in
      SheetPicture(
        path,
        picture: try ImageReader(patches, in: part, options: options, cancellation: cancellation))
    }
  }
}
