import TesseraCodecs
import TesseraCore
import Testing

@Suite struct WriterTests {
  @Test("A shape that a format does not hold is refused before a file is made")
  func shapes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("none")
    let five = ImageShape(channels: 5, height: 2, width: 2)
    let empty = ImageShape(channels: 1, height: 0, width: 2)
    let wide = ImageShape(channels: 1, height: 1, width: 70_000)
    let huge = ImageShape(channels: Int.max / 2, height: 4, width: 4)
    #expect(throws: CodecError.self) { try PNGWriter(path: path, shape: five, elementType: .uint8) }
    #expect(throws: CodecError.self) {
      try PNGWriter(
        path: path, shape: ImageShape(channels: 3, height: 1, width: 1), elementType: .float32)
    }
    #expect(throws: CodecError.self) {
      try PNGWriter(path: path, shape: empty, elementType: .uint8)
    }
    #expect(throws: CodecError.self) { try JPEGWriter(path: path, shape: five) }
    #expect(throws: CodecError.self) { try JPEGWriter(path: path, shape: wide) }
    #expect(throws: CodecError.self) { try NPYWriter(path: path, shape: huge, elementType: .uint8) }
    #expect(throws: (any Error).self) { try readBytes(path) }
  }

  @Test("A full disk is told with its errno")
  func fullDisk() throws {
    let shape = ImageShape(channels: 3, height: 200, width: 200)
    let pixels = noise(shape, .uint8)
    for makeWriter: () throws -> any ImageWriter in [
      { try PNGWriter(path: "/dev/full", shape: shape, elementType: .uint8) },
      { try JPEGWriter(path: "/dev/full", shape: shape) },
    ] {
      let error = #expect(throws: CodecError.self) { try encode(pixels, to: makeWriter()) }
      #expect(error?.kind == "io")
      #expect(error?.description.contains("No space left") == true)
    }
    #expect(throws: CodecError.self) {
      try NPYWriter(path: "/none/a.npy", shape: shape, elementType: .uint8)
    }
  }

  @Test(
    "Every format is written as itself",
    arguments: [ImageFileFormat.png(.fast), .jpeg(JPEGSettings()), .npy])
  func every(_ format: ImageFileFormat) throws {
    let folder = try TemporaryFolder()
    let pixels = noise(ImageShape(channels: 3, height: 9, width: 7), .uint8)
    let writer = try format.makeWriter(
      path: folder.file("image"), shape: pixels.shape, elementType: .uint8)
    #expect(writer.storesPlanes == (format == .npy))
    try encode(pixels, to: writer)
    let decoded = try decode(folder.file("image"))
    #expect(decoded.header.format == format.format)
    #expect((decoded.pixels == pixels) == format.isLossless)
  }

  @Test("What a JPEG does not hold is refused before a file is made", arguments: [false, true])
  func jpegTypes(hasAlpha: Bool) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: hasAlpha ? 4 : 3, height: 9, width: 7)
    #expect(throws: CodecError.self) {
      try ImageFileFormat.jpeg(JPEGSettings()).makeWriter(
        path: folder.file("image"), shape: shape, elementType: hasAlpha ? .uint8 : .uint16,
        hasAlpha: hasAlpha)
    }
    #expect(throws: (any Error).self) { try readBytes(folder.file("image")) }
  }

  @Test("Settings of a format reach its writer")
  func settings() throws {
    let folder = try TemporaryFolder()
    let pixels = noise(ImageShape(channels: 3, height: 40, width: 40), .uint8)
    var (rough, fine) = (JPEGSettings(), JPEGSettings())
    (rough.quality, fine.quality) = (10, 100)
    for (small, large) in [
      (ImageFileFormat.png(.best), ImageFileFormat.png(.stored)), (.jpeg(rough), .jpeg(fine)),
    ] {
      let sizes = try [small, large].map { format in
        try encode(
          pixels,
          to: format.makeWriter(
            path: folder.file("image"), shape: pixels.shape, elementType: .uint8))
        return try readBytes(folder.file("image")).count
      }
      #expect(sizes[0] < sizes[1])
    }
  }

  @Test("First bytes tell formats apart")
  func formats() {
    #expect([UInt8]("\u{93}NUMPY".utf8).withUnsafeBytes(ImageFormat.sniff) == nil)
    #expect([0xFF, 0xD8, 0xFF, 0xE0].withUnsafeBytes(ImageFormat.sniff) == nil)
    #expect([UInt8]([0xFF, 0xD8, 0xFF, 0xE0]).withUnsafeBytes(ImageFormat.sniff) == .jpeg)
    for name in PNGCompression.names { #expect(PNGCompression(name) != nil) }
    #expect(PNGCompression("fastest") == nil)
  }
}
