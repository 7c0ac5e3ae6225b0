import Foundation

/// An image small enough that hundreds of pipelines can have one each, with what its header says.
package struct SmallImage: Sendable {
  /// What the channels mean together.
  package enum Model: Sendable { case gray, rgb, cmyk, nameless }

  /// The type of the values.
  package enum Kind: Sendable { case uint8, uint16, float32 }

  /// Where the file comes from.
  enum Origin: Sendable {
    case picture
    /// An array C × H × W, H × W × C, or H × W where there is but one channel.
    case array(isChannelsLast: Bool)
    /// A file in the corpus of the codecs' tests.
    case corpus(String)
  }

  package var name: String
  package var model: Model
  package var hasAlpha = false
  package var kind = Kind.uint8
  package var channels: Int
  /// As it is stored, before any orientation.
  package var height: Int
  package var width: Int
  /// Which generation of pipelines is the first to have it; see `RandomPipeline`.
  var generation = 1
  /// The orientation in its metadata, as EXIF counts.
  var orientation = 1
  var origin = Origin.picture

  /// Whether it is what most people have: 8 bits, gray or RGB, in a file of pictures.
  var isPlain: Bool {
    guard case .array = origin else { return kind == .uint8 && !hasAlpha && model != .cmyk }
    return false
  }

  var isChannelsLast: Bool {
    if case .array(isChannelsLast: true) = origin { true } else { false }
  }

  /// The whole file.
  package func bytes() throws -> [UInt8] { try Self.files[name]?.get() ?? made() }

  /// What is made once, since many pipelines share it.
  private static let files = Dictionary(
    uniqueKeysWithValues: all.map { image in (image.name, Result { try image.made() }) })

  private func made() throws -> [UInt8] {
    switch origin {
    case .corpus(let path):
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      let file = folder.appendingPathComponent("../TesseraCodecsTests/Vectors/\(path)")
      return [UInt8](try Data(contentsOf: file))
    case .picture:
      let isWide = kind == .uint16
      let rows = places(channelsLast: true).flatMap { level($0, isWide ? 65_535 : 255) }
      let bytes = rows.flatMap { isWide ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0)] }
      return PictureFile.png(
        rows: bytes, height: height, width: width, channels: channels, bitDepth: isWide ? 16 : 8)
    case .array(let isChannelsLast):
      let planes = isChannelsLast ? [height, width, channels] : [channels, height, width]
      let places = places(channelsLast: isChannelsLast)
      return ArrayFile(
        name: name, shape: channels == 1 ? [height, width] : planes, descriptor: descriptor,
        data: places.flatMap(arrayBytes)
      ).bytes
    }
  }

  private typealias Place = (channel: Int, row: Int, column: Int)

  private func places(channelsLast: Bool) -> [Place] {
    (0..<channels * height * width).map { index in
      channelsLast
        ? (index % channels, index / channels / width, index / channels % width)
        : (index / width / height, index / width % height, index % width)
    }
  }

  private var descriptor: String {
    switch kind {
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .float32: "<f4"
    }
  }

  private func arrayBytes(_ place: Place) -> [UInt8] {
    switch kind {
    case .uint8: return level(place, 255).map { UInt8($0) }
    case .uint16: return level(place, 65_535).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    case .float32:
      // Multiples of 2⁻¹⁵ from −0.5 to 1.5, exact in float32.
      let value = level(place, 65_535).map { Float($0) / 32_768 - 0.5 }
      return value.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    }
  }

  /// Smooth on the left, noise on the right, black and white in the first rows.
  private func level(_ place: Place, _ maximum: Int) -> [Int] {
    let key = name.utf8.reduce(UInt64(17)) { $0 &* 31 &+ UInt64($1) }
    let index = (place.channel * height + place.row) * width + place.column
    var noise = SplitMix64(seed: key &* 0x9E37 &+ UInt64(index))
    let isOpacity = hasAlpha && place.channel == channels - 1
    if place.row < height / 8 || isOpacity && place.column % 3 == 0 {
      return [noise.chance(50) ? 0 : maximum]
    }
    if 2 * place.column >= width { return [noise.number(0...maximum)] }
    let slope = place.row * maximum / height + place.channel * maximum / 5
    return [(slope + place.column * maximum / width + noise.number(0...maximum / 32)) / 3]
  }
}
