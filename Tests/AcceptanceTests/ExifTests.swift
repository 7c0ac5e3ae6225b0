import Foundation
import RandomPipelines
import Testing

/// EXIF and resolution of pictures that are turned and made smaller.
@Suite struct ExifTests {
  private static let thumbnail =
    [0xFF, 0xD8, 0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xDA, 0, 2]
    + (0..<90).map { UInt8($0 * 2) } + [0xFF, 0xD9]

  private static func exif(_ orientation: Int) -> [UInt8] {
    ExifSample(
      [
        .init(0x0112, .shorts([orientation])), .init(0x011A, .rationals([(204, 1)])),
        .init(0x011B, .rationals([(98, 1)])), .init(0x0128, .shorts([2])),
        .init(0x8769, .directory([.init(0xA002, .longs([18])), .init(0xA003, .longs([10]))])),
      ], thumbnail: thumbnail
    ).bytes
  }

  private func outputs(
    _ orientation: Int, metadata: String, format: String, load: String = ""
  ) throws -> (png: PNGFile?, exif: [UInt8]?, bytes: [UInt8]) {
    let folder = try TemporaryFolder()
    let picture = Picture.noise(width: 18, height: 10, channels: 3, seed: 4)
    try folder.write(picture.png(exif: Self.exif(orientation), density: (8031, 3858)), to: "a.png")
    let blur = #"{ "stage": "convolve", "bank": { "name": "box", "kernel_size": 2 }, "stride": 2 }"#
    try folder.write(
      pipeline(
        load: load, [blur], encode: "\"format\": \"\(format)\", \"metadata\": \"\(metadata)\""),
      to: "half.json")
    let outcome = try Command.run(
      ["run", "half.json", "--input", "a.png", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let name = try #require(folder.outputs(in: "out").first)
    let bytes = try folder.bytes("out/\(name)")
    if format == "png" {
      let png = try PNGFile(bytes)
      return (png, png.chunks["eXIf"], bytes)
    }
    let exif = try JPEGFile.segments(of: bytes).first { $0.marker == 0xE1 }
    return (nil, exif.map { Array($0.content.dropFirst(6)) }, bytes)
  }

  @Test(
    "EXIF that is kept tells the sides and the resolution of the new picture, and shows no old one",
    arguments: [1, 3, 5, 6, 8], ["png", "jpeg"])
  func kept(_ orientation: Int, _ format: String) throws {
    let output = try outputs(orientation, metadata: "keep", format: format)
    let reading = try #require(output.exif.flatMap(ExifReading.init))
    let isTurned = orientation > 4
    #expect(reading.nextDirectory == 0 && reading.image[0x0112] == [1])
    #expect(reading.image[0x011A] == [isTurned ? 98 : 204, 1])
    #expect(reading.image[0x011B] == [isTurned ? 204 : 98, 1])
    #expect(reading.exif == [0xA002: [isTurned ? 5 : 9], 0xA003: [isTurned ? 9 : 5]])
    #expect(!output.bytes.contains(Self.thumbnail.dropFirst(12)))
  }

  @Test("Resolutions are turned in pHYs and JFIF under icc, too", arguments: 1...8)
  func resolution(_ orientation: Int) throws {
    let isTurned = orientation > 4
    let png = try outputs(orientation, metadata: "icc", format: "png")
    let (x, y): ([UInt8], [UInt8]) = ([0, 0, 0x1F, 0x5F], [0, 0, 0x0F, 0x12])
    #expect(png.png?.chunks["pHYs"] == (isTurned ? y + x : x + y) + [1])
    #expect(png.exif == nil)
    let jpeg = try outputs(orientation, metadata: "icc", format: "jpeg")
    let jfif = try JPEGFile.segments(of: jpeg.bytes).first { $0.marker == 0xE0 }?.content
    #expect(jfif?[7...11] == (isTurned ? [1, 0, 98, 0, 204] : [1, 0, 204, 0, 98]))
  }

  @Test("An orientation that is ignored stays, and resolutions with it")
  func ignored() throws {
    let output = try outputs(
      6, metadata: "keep", format: "png", load: #""orientation": "ignore""#)
    let reading = try #require(output.exif.flatMap(ExifReading.init))
    #expect(reading.image[0x0112] == [6] && reading.image[0x011A] == [204, 1])
    #expect(reading.exif == [0xA002: [9], 0xA003: [5]])
    #expect(output.png?.chunks["pHYs"]?.prefix(4) == [0, 0, 0x1F, 0x5F])
  }
}
