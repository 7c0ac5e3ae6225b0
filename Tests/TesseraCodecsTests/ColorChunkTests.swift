import TesseraCodecs
import TesseraCore
import Testing

/// Chunks that say what the numbers of a PNG file mean.
@Suite struct ColorChunkTests {
  private static func words(_ numbers: [UInt32]) -> [UInt8] {
    ArrayBytes.bytes(numbers, isBigEndian: true)
  }

  private static let rec2020: [UInt32] = [
    31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4_600,
  ]
  private static let standard: [UInt32] = [
    31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
  ]

  private static let all: [(String, [UInt8])] = [
    ("gAMA", words([100_000])), ("cHRM", words(rec2020)), ("sRGB", [2]), ("cICP", [9, 16, 0, 1]),
    ("mDCV", [UInt8](repeating: 7, count: 24)), ("cLLI", words([10_000_000, 4_000_000])),
    ("sBIT", [5, 6, 5]),
  ]

  private func decoded(_ bytes: [UInt8]) throws -> Decoded {
    let folder = try TemporaryFolder()
    return try decode(folder.write(bytes, "a.png"))
  }

  @Test("All of them are read, and written again as they were, before the pixels")
  func roundTrip() throws {
    let found = try decoded(PNGBytes.file(Self.all))
    #expect(found.metadata.colorChunks.map(\.kind.rawValue) == Self.all.map(\.0))
    #expect(found.report.warnings == [])
    let folder = try TemporaryFolder()
    try encode(
      found.pixels,
      to: PNGWriter(
        path: folder.file("b.png"), shape: found.pixels.shape, elementType: .uint8,
        metadata: found.metadata))
    let chunks = try PNGBytes.chunks(of: readBytes(folder.file("b.png")))
    #expect(chunks.map(\.name) == Self.all.map(\.0))
    #expect(chunks.map(\.content) == Self.all.map(\.1))
    #expect(try decode(folder.file("b.png"), failOn: .warning).metadata == found.metadata)
  }

  @Test("Those behind the pixels or a second time do not count, nor where no metadata are wanted")
  func places() throws {
    #expect(try decoded(PNGBytes.file(late: Self.all)).metadata.colorChunks == [])
    let twice = try decoded(PNGBytes.file([("sRGB", [1]), ("sRGB", [3])]))
    #expect(twice.metadata.colorChunks == [ColorChunk(.standard, [1])])
    let folder = try TemporaryFolder()
    let file = try folder.write(PNGBytes.file(Self.all), "a.png")
    #expect(try decode(file) { $0.wantsMetadata = false }.metadata == ImageMetadata())
  }

  @Test(
    "Those that break the rules are left out, with a warning",
    arguments: [
      ("gAMA", [0, 0, 0, 0]), ("gAMA", [0, 0, 1]), ("cHRM", words(standard.dropLast())),
      ("sRGB", [4]), ("sRGB", []), ("cICP", [9, 16, 0]), ("sBIT", [5, 6]), ("sBIT", [0, 6, 5]),
      ("sBIT", [5, 9, 5]), ("cHRM", [UInt8](repeating: 1, count: 4000)),
    ])
  func unsound(_ name: String, _ content: [UInt8]) throws {
    let found = try decoded(PNGBytes.file([(name, content)]))
    #expect(found.metadata.colorChunks == [])
    #expect(found.report.warnings.count == 1)
    #expect(found.report.warnings.allSatisfy { $0.hasPrefix("\(name): ") })
  }

  @Test("One with a wrong checksum is left out, with libpng's warning")
  func checksum() throws {
    var file = try PNGBytes.file([("gAMA", Self.words([100_000]))])
    file[33 + 8 + 4] ^= 1
    let found = try decoded(file)
    #expect(found.metadata.colorChunks == [])
    #expect(found.report.warnings == ["gAMA: CRC error"])
  }

  @Test(
    "Significant bits follow the depth and the opacity of the file",
    arguments: [
      ([12], 8, 1, false, [8]), ([12], 16, 1, false, [12]), ([5, 6, 5], 16, 3, false, [5, 6, 5]),
      ([5, 6, 5], 8, 3, true, [5, 6, 5, 8]), ([5, 6, 5, 1], 8, 3, true, [5, 6, 5, 1]),
      ([10, 10, 10, 16], 8, 3, false, [8, 8, 8]), ([3, 1], 16, 1, true, [3, 1]),
    ] as [([UInt8], Int, Int, Bool, [UInt8])])
  func significantBits(
    _ bits: [UInt8], _ depth: Int, _ colors: Int, _ hasAlpha: Bool, _ expected: [UInt8]
  ) {
    let chunk = ColorChunk(.significantBits, bits)
    #expect(
      chunk.fitted(bitDepth: depth, colors: colors, hasAlpha: hasAlpha).bytes == expected)
    let other = ColorChunk(.gamma, [0, 0, 0, 7])
    #expect(other.fitted(bitDepth: depth, colors: colors, hasAlpha: hasAlpha) == other)
  }

  @Test(
    "Numbers are those of sRGB unless the chunk that counts most says otherwise",
    arguments: [
      ([], []), ([("gAMA", words([45_455]))], []), ([("gAMA", words([47_000]))], []),
      ([("gAMA", words([100_000]))], ["gAMA 100000"]),
      ([("gAMA", words([100_000])), ("sRGB", [0])], []),
      ([("cHRM", words(standard))], []), ([("cHRM", words(rec2020))], ["cHRM"]),
      ([("gAMA", words([50_000])), ("cHRM", words(rec2020))], ["gAMA 50000", "cHRM"]),
      ([("cICP", [1, 13, 0, 1]), ("gAMA", words([100_000]))], []),
      ([("sRGB", [0]), ("cICP", [9, 16, 0, 1])], ["cICP 9 16 0 1"]),
      ([("sBIT", [5, 5, 5])], []),
    ] as [([(String, [UInt8])], [String])])
  func meanings(_ chunks: [(String, [UInt8])], _ expected: [String]) throws {
    let metadata = ImageMetadata(
      colorChunks: try chunks.map { ColorChunk(try #require(.init(rawValue: $0.0)), $0.1) })
    #expect(metadata.meanings(isGray: false, countsProfile: true) == expected)
    #expect(
      metadata.meanings(isGray: true, countsProfile: true) == expected.filter { $0 != "cHRM" })
  }

  /// A profile of primaries and one curve.
  private func profile(
    _ space: String, red: [Double] = [], curve: [UInt8] = []
  ) -> [UInt8] {
    let fixed = { (value: Double) in Self.words([UInt32(value * 65_536)]) }
    let colors = [red, [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]].map {
      Array("XYZ \0\0\0\0".utf8) + $0.flatMap(fixed)
    }
    let tags =
      zip(["rXYZ", "gXYZ", "bXYZ"], colors).map { ($0, $1) }
      + [("rTRC", curve), ("kTRC", curve)]
    var table = Self.words([UInt32(tags.count)])
    var data: [UInt8] = []
    for (name, content) in tags {
      let place = 132 + 12 * tags.count + data.count
      table += Array(name.utf8) + Self.words([UInt32(place), UInt32(content.count)])
      data += content
    }
    var header = [UInt8](repeating: 0, count: 128)
    header.replaceSubrange(16..<20, with: space.utf8)
    return header + table + data
  }

  @Test("A profile matters to readers of arrays unless it is that of sRGB")
  func profiles() {
    let gamma = Array("curv\0\0\0\0\0\0\0\u{1}".utf8)
    // x to the power of 2.4 and so on, as sRGB has it, in 65536ths.
    let numbers: [UInt32] = [157_286, 62_119, 3_417, 5_072, 2_651]
    let parametric = Array("para\0\0\0\0\0\u{3}\0\0".utf8) + Self.words(numbers)
    let red = [0.4361, 0.2225, 0.0139]
    let cases: [([UInt8], Bool)] = [
      (profile("RGB ", red: red, curve: gamma + [2, 0x33]), true),
      (profile("RGB ", red: red, curve: parametric), true),
      (profile("RGB ", red: red, curve: gamma + [1, 0]), false),
      (profile("RGB ", red: red, curve: Array("curv\0\0\0\0\0\0\0\0".utf8)), false),
      (profile("RGB ", red: [0.6097, 0.3111, 0.0195], curve: parametric), false),
      (profile("GRAY", red: red, curve: gamma + [2, 0x33]), true),
      (profile("GRAY", red: red, curve: gamma + [1, 0]), false),
      (profile("CMYK", red: red, curve: parametric), false), ([], false),
      (Array(profile("RGB ", red: red, curve: parametric).prefix(160)), false),
    ]
    for (bytes, isStandard) in cases {
      let metadata = ImageMetadata(icc: bytes)
      #expect(
        metadata.meanings(isGray: false, countsProfile: true)
          == (isStandard ? [] : ["an ICC profile"]))
      #expect(metadata.meanings(isGray: false, countsProfile: false) == [])
    }
    #expect(ICCProfile(profile("GRAY")).colorModel == .gray)
    #expect(ICCProfile(profile("CMYK")).colorModel == .cmyk)
    #expect(ICCProfile(profile("Lab ")).colorModel == nil)
  }

  @Test("What a file has no place for is among the writer's losses, and the picture is written")
  func losses() throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let pixels = noise(shape, .uint8)
    for (count, isLost) in [(65_527, false), (65_528, true)] {
      let metadata = ImageMetadata(exif: [UInt8](repeating: 1, count: count))
      let writer = try JPEGWriter(path: folder.file("a.jpg"), shape: shape, metadata: metadata)
      try encode(pixels, to: writer)
      #expect(writer.losses.count == (isLost ? 1 : 0))
      #expect((try decode(folder.file("a.jpg")).metadata.exif == nil) == isLost)
    }
    let icc = ImageMetadata(icc: [UInt8](repeating: 1, count: 255 * 65_519 + 1))
    let jpeg = try JPEGWriter(path: folder.file("b.jpg"), shape: shape, metadata: icc)
    try encode(pixels, to: jpeg)
    #expect(jpeg.losses.count == 1)
    #expect(try decode(folder.file("b.jpg")).metadata.icc == nil)
    let resolution = ImageMetadata(resolution: Resolution(x: 70_000, y: 1, unit: .inch))
    let dense = try JPEGWriter(path: folder.file("c.jpg"), shape: shape, metadata: resolution)
    try encode(pixels, to: dense)
    #expect(dense.losses.count == 1)
    let bad = ImageMetadata(icc: [UInt8](repeating: 1, count: 200))
    let png = try PNGWriter(
      path: folder.file("d.png"), shape: shape, elementType: .uint8, metadata: bad)
    try encode(pixels, to: png)
    #expect(png.losses.count == 1 && png.losses.allSatisfy { $0.contains("ICC profile") })
    #expect(try decode(folder.file("d.png")).pixels == pixels)
  }
}
