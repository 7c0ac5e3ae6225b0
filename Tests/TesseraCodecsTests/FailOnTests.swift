import TesseraCodecs
import TesseraCore
import Testing

@Suite struct FailOnTests {
  /// Files and the least level that refuses them.
  static let files: [(name: String, level: FailOn?)] = [
    ("png/basic-n0-08.png", nil),
    ("png/bad-crc-ancillary.png", .warning),
    ("png/bad-profile.png", .warning),
    ("png/trailing-bytes.png", .warning),
    ("png/x-crc-idat.png", .error),
    ("png/x-crc-ihdr.png", .error),
    ("png/x-adler.png", .error),
    ("png/x-too-much.png", .error),
    ("png/x-palette-index.png", .error),
    ("png/x-half.png", .truncated),
    ("png/x-no-iend.png", .error),
    ("png/x-filter-5.png", .truncated),
    ("jpeg/extraneous.jpg", .warning),
    ("jpeg/exif-broken.jpg", .warning),
    ("jpeg/trailing.jpg", nil),
    ("jpeg/x-restart-lost.jpg", .error),
    ("jpeg/x-marker-inside.jpg", .error),
    ("jpeg/x-no-eoi.jpg", .error),
    ("jpeg/x-half.jpg", .truncated),
    ("jpeg/x-half-eoi.jpg", .truncated),
    ("jpeg/x-progressive-half.jpg", .truncated),
    ("npy/x-short.npy", .truncated),
  ]

  @Test("Every complaint refuses a file from its own level on", arguments: files)
  func levels(_ name: String, level: FailOn?) throws {
    for failOn in FailOn.allCases {
      let path = Corpus.folder + "/" + name
      if let level, failOn >= level {
        #expect(throws: CodecError.self, "\(failOn)") { try decode(path, failOn: failOn) }
      } else {
        let decoded = try decode(path, failOn: failOn)
        #expect(decoded.report.isPartial == (level == .truncated), "\(failOn)")
        #expect(decoded.report.warnings.isEmpty == (level == nil))
      }
    }
  }

  @Test(
    "Rows that nobody has asked for are read in the end, and what is wrong with them is told",
    arguments: [
      ("png/x-half.png", true), ("jpeg/x-half.jpg", true), ("png/x-crc-idat.png", false),
      ("png/x-too-little.png", true), ("jpeg/x-restart-lost.jpg", false),
    ])
  func unaskedRows(_ name: String, isCut: Bool) throws {
    let path = Corpus.folder + "/" + name
    let error = #expect(throws: CodecError.self) { try ImageReader(path: path).finish() }
    #expect(error?.kind == (isCut ? "truncated" : "damaged"))
    var options = DecodeOptions()
    options.failOn = .none
    let report = try ImageReader(path: path, options: options).finish()
    #expect(report.isPartial == isCut && (isCut || !report.warnings.isEmpty))
  }

  @Test(
    "What refuses a file names the strictest value that takes it",
    arguments: [
      ("png/x-adler.png", FailOn.truncated), ("png/x-crc-idat.png", .truncated),
      ("png/x-palette-index.png", .truncated), ("png/x-half.png", .none),
      ("png/x-filter-5.png", .none), ("jpeg/x-half.jpg", .none),
      ("jpeg/x-restart-lost.jpg", .truncated), ("npy/x-short.npy", .none),
    ])
  func advice(_ name: String, _ value: FailOn) throws {
    let path = Corpus.folder + "/" + name
    let error = try #require(throws: CodecError.self) { try decode(path) }
    guard case .refused(_, let passing) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(passing == value)
    _ = try decode(path, failOn: passing)
  }

  @Test("A good file has no more rows to give once it has been read to its end")
  func allRows() throws {
    for name in ["png/basic-n2-08.png", "png/basic-i6-16.png", "jpeg/rgb.jpg", "npy/chw-uint8.npy"]
    {
      let reader = try ImageReader(path: Corpus.folder + "/" + name)
      #expect(try reader.finish() == DecodeReport())
      #expect(reader.rowsRead == reader.header.shape.height)
    }
  }

  @Test("Rows that came are kept and the rest is 0", arguments: ["png", "jpeg"])
  func partial(_ format: String) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 64, width: 48)
    let pixels = noise(shape, .uint8)
    let path = folder.file("whole")
    if format == "png" {
      try encode(
        pixels, to: PNGWriter(path: path, shape: shape, elementType: .uint8, compression: .stored))
    } else {
      var settings = JPEGSettings()
      settings.subsampling = .s444
      try encode(pixels, to: JPEGWriter(path: path, shape: shape, settings: settings))
    }
    let whole = try decode(path).pixels
    let bytes = try readBytes(path)
    let cut = try folder.write(Array(bytes[..<(bytes.count * 2 / 3)]), "cut")
    let part = try decode(cut, failOn: .none)
    #expect(part.report.isPartial)
    let rowBytes = shape.width * 3
    let rows = (0..<shape.height).map { row in
      (row * rowBytes..<(row + 1) * rowBytes).map { part.pixels.bytes[$0] }
    }
    let came = try #require(rows.firstIndex { $0.allSatisfy { $0 == 0 } })
    #expect(came >= 32 && came < 48)
    let told = format == "png" ? "\(came) of 64 rows came" : "the data end in row"
    #expect(part.report.warnings.contains { $0.contains(told) }, "\(part.report.warnings)")
    #expect(part.pixels.bytes[..<(came * rowBytes)] == whole.bytes[..<(came * rowBytes)])
    #expect(part.pixels.bytes[(came * rowBytes)...].allSatisfy { $0 == 0 })
  }

  @Test("Rows before a value that is not taken are kept, in any bands", arguments: [1, 2, 3, 5])
  func inexact(band: Int) throws {
    let folder = try TemporaryFolder()
    // Value 23 of 5 rows of 7 in two channels is in the fourth row of the first.
    let values = (0..<70).map { $0 == 23 ? UInt64.max - 1 : UInt64($0) }
    let bytes = values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let path = try folder.write(ArrayBytes.file("<u8", shape: [2, 5, 7], bytes), "a.npy")
    var options = DecodeOptions()
    options.failOn = .none
    let reader = try ImageReader(path: path, options: options)
    let memory = AlignedBuffer(byteCount: 5 * reader.bytesPerRow)
    for first in stride(from: 0, to: 5, by: band) {
      try reader.readRows(
        into: memory.base + first * reader.bytesPerRow, count: min(band, 5 - first),
        bytesPerRow: reader.bytesPerRow)
    }
    let floats = memory.pointer(to: Float.self)
    for row in 0..<5 {
      for (place, channel) in [(0, 0), (1, 1)] {
        let expected = row < 3 ? Float(channel * 35 + row * 7) : 0
        #expect(floats[row * 14 + place] == expected, "\(row) \(channel)")
      }
    }
    let report = try reader.finish()
    #expect(report.isPartial)
    #expect(report.warnings.last?.hasSuffix("3 of 5 rows came, the others are 0") == true)
  }

  @Test("Rows of an interlaced image that the last pass has been through are kept, in any bands")
  func interlaced() throws {
    let folder = try TemporaryFolder()
    let bytes = try Corpus.bytes("png/basic-i6-16.png")
    let whole = try decode(Corpus.folder + "/png/basic-i6-16.png").pixels
    let cut = try folder.write(Array(bytes[..<(bytes.count * 9 / 10)]), "cut.png")
    let rowBytes = whole.bytes.count / whole.shape.height
    let parts = try [1, 3, 100].map { try decode(cut, failOn: .none, band: $0) }
    #expect(parts.allSatisfy { $0.report.isPartial && $0.pixels == parts[0].pixels })
    let part = parts[0].pixels.bytes
    let zeros = part.reversed().prefix { $0 == 0 }.count / rowBytes
    let came = part.count - zeros * rowBytes
    #expect(zeros > 0 && zeros < whole.shape.height - 4)
    #expect(part[..<came] == whole.bytes[..<came])
  }
}
