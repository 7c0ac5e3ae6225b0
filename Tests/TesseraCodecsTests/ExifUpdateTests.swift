import RandomPipelines
import TesseraCodecs
import TesseraCore
import TesseraTestSupport
import Testing

/// Exif data that go along with a picture which is no longer the one they came with.
@Suite struct ExifUpdateTests {
  /// A JPEG stream as far as its markers tell, with bytes that are found nowhere else.
  private static func picture(_ seed: UInt8) -> [UInt8] {
    [0xFF, 0xD8, 0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xDA, 0, 2]
      + (0..<40).map { seed &+ $0 } + [0xFF, 0xD9]
  }

  /// What a camera writes, with all that speaks of the picture.
  private static func camera(isBigEndian: Bool, thumbnail: [UInt8] = picture(7)) -> ExifSample {
    ExifSample(
      isBigEndian: isBigEndian,
      [
        .init(0x0100, .shorts([160])), .init(0x0101, .longs([96])),
        .init(0x0102, .shorts([8, 8, 8])), .init(0x010F, .text("A maker of cameras")),
        .init(0x0111, .longs([8])), .init(0x0112, .shorts([6])),
        .init(0x011A, .rationals([(204, 1)])), .init(0x011B, .rationals([(98, 1)])),
        .init(0x0128, .shorts([2])), .init(0x014A, .longs([8, 8])),
        .init(0x02BC, .bytes(Array("<x:xmpmeta tiff:Orientation='6'/>".utf8))),
        .init(
          0x8769,
          .directory([
            .init(0x9102, .rationals([(4, 1)])), .init(0x9214, .shorts([10, 20])),
            .init(0x927C, .bytes(Array("Maker\0".utf8) + picture(99) + Array("after".utf8))),
            .init(0xA002, .longs([160])), .init(0xA003, .shorts([96])),
            .init(
              0xA005,
              .directory([.init(0x0001, .text("R98")), .init(0x1001, .shorts([160]))])),
            .init(0xA20E, .rationals([(3000, 1)])), .init(0xA20F, .rationals([(2000, 1)])),
            .init(0xA214, .shorts([10, 20])),
          ])),
        .init(0x8825, .directory([.init(0x0002, .rationals([(46, 1), (30, 1), (0, 1)]))])),
      ], thumbnail: thumbnail)
  }

  private func updated(_ bytes: [UInt8], _ change: PictureChange) throws -> [UInt8] {
    try #require(ImageMetadata(exif: bytes).updated(for: change).exif)
  }

  private let turned = PictureChange(
    orientation: 6, source: Size(height: 96, width: 160), size: Size(height: 40, width: 70_000))

  @Test("Nothing stays that is no longer true, in either order of bytes", arguments: [false, true])
  func camera(_ isBigEndian: Bool) throws {
    let bytes = Self.camera(isBigEndian: isBigEndian).bytes
    let result = try updated(bytes, turned)
    let reading = try #require(ExifReading(result))
    #expect(reading.nextDirectory == 0)
    #expect(reading.image[0x0100] == [70_000] && reading.image[0x0101] == [40])
    #expect(reading.image[0x0112] == [1])
    #expect(reading.image[0x011A] == [98, 1] && reading.image[0x011B] == [204, 1])
    #expect(
      Set(reading.image.keys)
        == [0x0100, 0x0101, 0x010F, 0x0112, 0x011A, 0x011B, 0x0128, 0x8769, 0x8825])
    #expect(reading.exif[0xA002] == [70_000] && reading.exif[0xA003] == [40])
    #expect(reading.exif[0xA20E] == [2000, 1] && reading.exif[0xA20F] == [3000, 1])
    #expect(Set(reading.exif.keys) == [0x927C, 0xA002, 0xA003, 0xA005, 0xA20E, 0xA20F])
    #expect(reading.interoperability == [0x0001: [82, 57, 56, 0], 0x1001: [70_000]])
    #expect(reading.position == [0x0002: [46, 1, 30, 1, 0, 1]])
    for seed in [7, 99] as [UInt8] {
      #expect(!result.contains(Self.picture(seed).dropFirst(8)))
    }
    #expect(!result.contains("xmpmeta".utf8))
    #expect(result.count < bytes.count - Self.picture(7).count)
  }

  @Test("A maker's note stays where it was, for its offsets count from the start of the data")
  func makerNote() throws {
    let bytes = Self.camera(isBigEndian: false).bytes
    let result = try updated(bytes, turned)
    for text in ["Maker\0", "after", "A maker of cameras"] {
      let place = try #require(bytes.firstRange(of: text.utf8))
      #expect(result.firstRange(of: text.utf8) == place)
    }
  }

  @Test("Only turns by a quarter exchange resolutions", arguments: 1...8)
  func turns(_ orientation: Int) throws {
    var change = turned
    change.orientation = orientation
    let metadata = ImageMetadata(
      resolution: Resolution(x: 204, y: 98, unit: .inch),
      exif: Self.camera(isBigEndian: true).bytes
    ).updated(for: change)
    let reading = try #require(metadata.exif.flatMap(ExifReading.init))
    let isTurned = orientation > 4
    #expect(reading.image[0x011A] == [isTurned ? 98 : 204, 1])
    #expect(reading.exif[0xA20E] == [isTurned ? 2000 : 3000, 1])
    #expect(metadata.resolution?.x == (isTurned ? 98 : 204))
    #expect(metadata.resolution?.y == (isTurned ? 204 : 98))
  }

  @Test("Where nothing happened to the picture, places in it and its orientation stay")
  func untouched() throws {
    let size = Size(height: 96, width: 160)
    let result = try updated(
      Self.camera(isBigEndian: false).bytes,
      PictureChange(isUpright: false, source: size, size: size))
    let reading = try #require(ExifReading(result))
    #expect(reading.image[0x0112] == [6] && reading.image[0x011A] == [204, 1])
    #expect(reading.exif[0x9214] == [10, 20] && reading.exif[0xA214] == [10, 20])
    #expect(reading.exif[0xA002] == [160] && reading.exif[0xA003] == [96])
  }

  @Test("One resolution without the other goes to the other axis")
  func loneResolution() throws {
    let sample = ExifSample([.init(0x011A, .rationals([(72, 1)]))])
    let reading = try #require(ExifReading(try updated(sample.bytes, turned)))
    #expect(reading.image == [0x011B: [72, 1]])
  }

  @Test("Data without a directory are left out, and what surrounds it does not matter")
  func noDirectory() throws {
    for bytes in [[], Array("II".utf8), Array("II*\0".utf8) + [0, 0, 0, 0, 0, 0]] as [[UInt8]] {
      #expect(ImageMetadata(exif: bytes).updated(for: turned).exif == nil)
    }
    let bytes = ExifSample([.init(0x0112, .shorts([6]))]).bytes
    let result = try updated(bytes + [UInt8](repeating: 9, count: 100), turned)
    #expect(result.count == bytes.count && ExifReading(result)?.image == [0x0112: [1]])
  }

  @Test("Directories that hold themselves or each other are gone through once")
  func loops() throws {
    var bytes = ExifSample([
      .init(0x8769, .directory([.init(0xA005, .directory([.init(1, .text("R98"))]))]))
    ]).bytes
    // The interoperability directory is the first one again.
    let place = try #require(bytes.firstRange(of: [0x05, 0xA0])).lowerBound
    bytes.replaceSubrange(place + 8..<place + 12, with: [8, 0, 0, 0])
    #expect(try ExifReading(updated(bytes, turned))?.exif == [:])
  }

  @Test("As many entries as fit, all with the same value, take no time or memory of their own")
  func crowded() throws {
    let count = 60_000
    var bytes =
      Array("II*\0".utf8) + [8, 0, 0, 0]
      + ArrayBytes.bytes(
        [UInt16(count)], isBigEndian: false)
    let length = UInt32(1 << 20 - 12 * count - 100)
    for _ in 0..<count {
      bytes += [0x7C, 0x92, 7, 0]
      bytes += ArrayBytes.bytes([length, UInt32(10 + 12 * count + 4)], isBigEndian: false)
    }
    bytes += [UInt8](repeating: 0xFF, count: 1 << 20 - bytes.count)
    #expect(try updated(bytes, turned).count == 10 + 12 * count + 4 + Int(length))
  }

  @Test(
    "A directory at the end of the data says that none follows it, as it did before",
    arguments: [false, true])
  func end(isBigEndian: Bool) throws {
    let values: [ExifSample.Entry] = [.init(0xA002, .longs([160])), .init(0xA003, .longs([96]))]
    let bytes = ExifSample(
      isBigEndian: isBigEndian, [.init(0x0112, .shorts([6])), .init(0x8769, .directory(values))]
    ).bytes
    #expect(bytes.suffix(4) == [0, 0, 0, 0])
    let result = try updated(bytes, turned)
    #expect(result.count == bytes.count && result.suffix(4) == [0, 0, 0, 0])
    #expect(ExifReading(result)?.exif[0xA003] == [40])
  }

  @Test("Damaged data never trap, and never grow", arguments: 0..<40 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let whole = Self.camera(isBigEndian: seed % 2 == 0).bytes
    for _ in 0..<200 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 4..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      let result = ImageMetadata(exif: bytes).updated(for: turned).exif
      #expect((result?.count ?? 0) <= bytes.count)
    }
  }
}
