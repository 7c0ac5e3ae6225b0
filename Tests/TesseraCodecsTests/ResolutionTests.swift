import TesseraCodecs
import TesseraCore
import Testing

/// Pixels per inch and per centimetre, on every way into an image and out of it.
@Suite struct ResolutionTests {
  private let shape = ImageShape(channels: 1, height: 3, width: 4)

  /// Exif data: 300 and 301/2 pixels per unit.
  private func exif(unit: UInt16, isBigEndian: Bool) -> [UInt8] {
    let short = { ArrayBytes.bytes([$0 as UInt16], isBigEndian: isBigEndian) }
    let long = { ArrayBytes.bytes([$0 as UInt32], isBigEndian: isBigEndian) }
    let end: UInt32 = 8 + 2 + 3 * 12 + 4
    var bytes: [UInt8] = Array((isBigEndian ? "MM" : "II").utf8) + short(42) + long(8) + short(3)
    bytes += short(0x011A) + short(5) + long(1) + long(end)
    bytes += short(0x011B) + short(5) + long(1) + long(end + 8)
    bytes += short(0x0128) + short(3) + long(1) + short(unit) + [0, 0] + long(0)
    return bytes + long(300) + long(1) + long(301) + long(2)
  }

  /// The resolution that a JPEG has, read anew, and its bytes.
  private func written(
    _ metadata: ImageMetadata
  ) throws -> (resolution: Resolution?, bytes: [UInt8]) {
    let folder = try TemporaryFolder()
    let path = folder.file("a.jpg")
    try encode(noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, metadata: metadata))
    return (try ImageReader(path: path).metadata.resolution, try readBytes(path))
  }

  @Test(
    "Where a JPEG has no density of its own, that of its Exif data counts, rows and columns apart",
    arguments: [(2, .inch), (3, .centimetre)] as [(code: UInt16, unit: Resolution.Unit)],
    [false, true])
  func exifResolution(unit: (code: UInt16, unit: Resolution.Unit), isBigEndian: Bool) throws {
    let exif = exif(unit: unit.code, isBigEndian: isBigEndian)
    let found = try written(ImageMetadata(exif: exif)).resolution
    #expect(found == Resolution(x: 300, y: 150.5, unit: unit.unit))
  }

  @Test("A density of its own counts more than that of the Exif data")
  func own() throws {
    let own = Resolution(x: 11, y: 12, unit: .inch)
    let metadata = ImageMetadata(resolution: own, exif: exif(unit: 3, isBigEndian: false))
    #expect(try written(metadata).resolution == own)
  }

  @Test(
    "JFIF has 1 for inches, 2 for centimetres, and 0 for a ratio",
    arguments: [(1, Resolution.Unit.inch), (2, .centimetre), (0, .ratio)]
      as [(UInt8, Resolution.Unit)])
  func density(code: UInt8, unit: Resolution.Unit) throws {
    let resolution = Resolution(x: 118, y: 59, unit: unit)
    let (found, bytes) = try written(ImageMetadata(resolution: resolution))
    #expect(found == resolution)
    // SOI, marker, length, name, version: then the unit and both densities.
    #expect(bytes[6..<11] == [0x4A, 0x46, 0x49, 0x46, 0])
    #expect(bytes[13..<18] == [code, 0, 118, 0, 59])
  }
}
