import TesseraCodecs
import TesseraCore
import TesseraTestSupport
import Testing

@Suite struct MetadataTests {
  @Test("Orientation is read from JPEG's Exif marker", arguments: 1...8)
  func jpegOrientation(_ orientation: Int) throws {
    let reader = try ImageReader(path: Corpus.folder + "/jpeg/orientation-\(orientation).jpg")
    #expect(reader.header.orientation == orientation)
    #expect(reader.metadata.exif != nil)
    let exif = try #require(
      reader.metadata.updated(
        for: PictureChange(
          orientation: orientation, source: reader.header.shape.size, size: reader.header.shape.size
        )
      ).exif)
    #expect(try orientationAfterWriting(exif) == 1)
  }

  @Test(
    "Orientation is read from PNG's eXIf chunk before or after the pixels",
    arguments: ["png/exif-before.png", "png/exif-after.png"])
  func pngOrientation(_ name: String) throws {
    var options = DecodeOptions()
    options.wantsMetadata = false
    let reader = try ImageReader(path: Corpus.folder + "/" + name, options: options)
    #expect(reader.header.orientation == 6)
    #expect(reader.metadata == ImageMetadata())
  }

  @Test("Bad Exif data leave the image upright, with a warning")
  func badExif() throws {
    for name in ["png/exif-broken.png", "jpeg/exif-broken.jpg"] {
      let decoded = try decode(Corpus.folder + "/" + name)
      #expect(decoded.header.orientation == 1)
      #expect(decoded.report.warnings.contains { $0.hasPrefix("Exif") })
    }
  }

  @Test("A profile in several parts is put together, and density is read")
  func jpegProfile() throws {
    let metadata = try ImageReader(path: Corpus.folder + "/jpeg/profile.jpg").metadata
    #expect(metadata.icc == (0..<256 * 300).map { UInt8($0 % 256) })
    #expect(metadata.resolution == Resolution(x: 300, y: 200, unit: .inch))
  }

  @Test("Density of a PNG is in pixels per metre")
  func pngDensity() throws {
    let metadata = try ImageReader(path: Corpus.folder + "/png/density.png").metadata
    #expect(metadata.resolution == Resolution(x: 2835, y: 2834, unit: .metre))
  }

  @Test("What is written is read again, from either format to either")
  func written() throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let exif: [UInt8] = try Array(Corpus.bytes("jpeg/orientation-6.jpg")[12..<36])
    let metadata = ImageMetadata(
      icc: rgbProfile, resolution: Resolution(x: 72, y: 72, unit: .inch), exif: exif)
    let png = folder.file("a.png")
    try encode(
      noise(shape, .uint8),
      to: PNGWriter(path: png, shape: shape, elementType: .uint8, metadata: metadata))
    let fromPNG = try ImageReader(path: png).metadata
    #expect(fromPNG.icc == rgbProfile)
    #expect(fromPNG.exif == exif)
    #expect(fromPNG.resolution == Resolution(x: 2835, y: 2835, unit: .metre))
    let jpeg = folder.file("a.jpg")
    try encode(
      noise(shape, .uint8), to: JPEGWriter(path: jpeg, shape: shape, metadata: fromPNG))
    let fromJPEG = try ImageReader(path: jpeg).metadata
    #expect(fromJPEG.icc == rgbProfile)
    #expect(fromJPEG.exif == exif)
    #expect(fromJPEG.resolution == Resolution(x: 72, y: 72, unit: .inch))
  }

  private func orientationAfterWriting(_ exif: [UInt8]) throws -> Int {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 1, height: 2, width: 2)
    let path = folder.file("a.jpg")
    try encode(
      noise(shape, .uint8),
      to: JPEGWriter(path: path, shape: shape, metadata: ImageMetadata(exif: exif)))
    return try ImageReader(path: path).header.orientation
  }

  /// What libpng takes for an RGB profile: a header, no tags, and enough bytes.
  private var rgbProfile: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes[2] = 2
    bytes.replaceSubrange(8..<12, with: [2, 0x10, 0, 0])
    bytes.replaceSubrange(12..<24, with: "mntrRGB XYZ ".utf8)
    bytes.replaceSubrange(36..<40, with: "acsp".utf8)
    bytes.replaceSubrange(68..<80, with: [0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D])
    var generator = SeededGenerator(seed: 5)
    for i in 132..<512 { bytes[i] = UInt8.random(in: 0...255, using: &generator) }
    return bytes
  }
}
