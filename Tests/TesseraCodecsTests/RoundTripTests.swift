import Testing
import TesseraCodecs
import TesseraCore

@Suite struct RoundTripTests {
  struct Case: Sendable {
    var channels: Int
    var elementType: ElementType
    var compression: PNGCompression
  }

  static let cases: [Case] = [1, 2, 3, 4].flatMap { channels in
    [ElementType.uint8, .uint16].flatMap { type in
      [PNGCompression.fast, .standard, .best, .stored, .level(3)].map {
        Case(channels: channels, elementType: type, compression: $0)
      }
    }
  }

  @Test("A PNG gives back the pixels it was made of", arguments: cases)
  func png(_ parameters: Case) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: parameters.channels, height: 23, width: 37)
    let pixels = noise(shape, parameters.elementType)
    let path = folder.file("image.png")
    let hasAlpha = parameters.channels % 2 == 0
    try encode(
      pixels,
      to: PNGWriter(
        path: path, shape: shape, elementType: parameters.elementType, hasAlpha: hasAlpha,
        compression: parameters.compression))
    let decoded = try decode(path, failOn: .warning)
    #expect(decoded.pixels == pixels)
    #expect(decoded.header.hasAlpha == hasAlpha)
    #expect(decoded.header.sourceBitDepth == 8 * parameters.elementType.byteCount)
    #expect(!decoded.header.isWholeImage)
    #expect(decoded.report == DecodeReport())
  }

  @Test("An array gives back the values it was made of", arguments: ElementType.allCases, 1...5)
  func npy(_ type: ElementType, channels: Int) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: channels, height: 19, width: 11)
    let pixels = noise(shape, type)
    let path = folder.file("image.npy")
    try encode(pixels, to: NPYWriter(path: path, shape: shape, elementType: type))
    let decoded = try decode(path, failOn: .warning)
    #expect(decoded.pixels == pixels)
    #expect(decoded.header.storesPlanes == (channels > 1))
  }

  @Test(
    "A JPEG of quality 100 is close to the pixels it was made of",
    arguments: [1, 3], JPEGSubsampling.allCases)
  func jpeg(_ channels: Int, subsampling: JPEGSubsampling) throws {
    for isProgressive in [false, true] {
      try jpeg(channels, subsampling, isProgressive: isProgressive)
    }
  }

  private func jpeg(
    _ channels: Int, _ subsampling: JPEGSubsampling, isProgressive: Bool
  ) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: channels, height: 33, width: 50)
    var pixels = noise(shape, .uint8)
    pixels.bytes = (0..<pixels.bytes.count).map { UInt8(($0 / channels % 50) * 4 + 20) }
    let path = folder.file("image.jpg")
    var settings = JPEGSettings()
    settings.quality = 100
    settings.subsampling = subsampling
    settings.isProgressive = isProgressive
    try encode(pixels, to: JPEGWriter(path: path, shape: shape, settings: settings))
    let decoded = try decode(path, failOn: .warning)
    let largest = zip(decoded.pixels.bytes, pixels.bytes).map { abs(Int($0) - Int($1)) }.max()
    #expect(try #require(largest) <= 3)
    #expect(decoded.header.isWholeImage == isProgressive)
  }
}
