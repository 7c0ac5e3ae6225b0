import Foundation
import Testing

/// What goes from a file to the file that is made of it, beside pixels.
@Suite struct MetadataTests {
  private func run(
    _ sample: String, load: String = "", encode: String = ""
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(pipeline(load: load, encode: encode), to: "copy.json")
    let outcome = try Command.run(
      ["run", "copy.json", "--input", Repository.sample(sample), "--output", "out"],
      in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  private func copied(
    of sample: String, load: String = "", encode: String = ""
  ) throws -> PNGFile {
    let folder = try run(sample, load: load, encode: encode)
    let name = try #require(folder.outputs(in: "out").first)
    return try PNGFile(folder.path("out/\(name)"))
  }

  private func profile(_ chunk: [UInt8]?) throws -> [UInt8]? {
    guard let chunk, let end = chunk.firstIndex(of: 0) else { return nil }
    return try Inflate.zlib(Array(chunk[(end + 2)...]))
  }

  @Test(
    "Colour profile and resolution go along, or stay behind when asked to",
    arguments: [("icc", true), ("keep", true), ("strip", false)])
  func profiles(_ metadata: String, _ isKept: Bool) throws {
    let encode = "\"metadata\": \"\(metadata)\""
    let source = try PNGFile(Repository.sample("chelsea-rgb.png"))
    let copy = try copied(of: "chelsea-rgb.png", encode: encode)
    #expect(copy.pixels == source.pixels)
    let expected = try #require(try profile(source.chunks["iCCP"]))
    #expect(try profile(copy.chunks["iCCP"]) == (isKept ? expected : nil))
    #expect(copy.chunks["pHYs"] == (isKept ? source.chunks["pHYs"] : nil))
    #expect(source.chunks["pHYs"] != nil)

    let jpeg = try copied(of: "astronaut.jpg", encode: encode)
    let marker = try JPEGFile.segments(
      of: [UInt8](Data(contentsOf: URL(fileURLWithPath: Repository.sample("astronaut.jpg"))))
    ).first { $0.marker == 0xE2 && $0.content.starts(with: "ICC_PROFILE\0".utf8) }
    let profileOfJPEG = Array(try #require(marker).content.dropFirst(14))
    #expect(try profile(jpeg.chunks["iCCP"]) == (isKept ? profileOfJPEG : nil))
    // 300 dots per inch are 11811 per metre.
    let density: [UInt8] = [0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1]
    #expect(jpeg.chunks["pHYs"] == (isKept ? density : nil))
  }

  @Test("The profile reaches JPEG files, too")
  func profileInJPEG() throws {
    let expected = try profile(PNGFile(Repository.sample("chelsea-rgb.png")).chunks["iCCP"])
    let folder = try run("chelsea-rgb.png", encode: #""format": "jpeg""#)
    let segments = try JPEGFile.segments(of: try folder.bytes("out/chelsea-rgb.jpg"))
    let marker = segments.first { $0.marker == 0xE2 }
    #expect(marker.map { Array($0.content.dropFirst(14)) } == expected)
    let jfif = try #require(segments.first { $0.marker == 0xE0 }?.content)
    #expect(jfif[7...11] == [1, 0, 144, 0, 144])
  }

  @Test("An orientation is applied once: the next reader does not turn the image again")
  func orientation() throws {
    let expected = try #require(try ExpectedPixels.ofSamples(.rgb)["chelsea-rotated.jpg"])
    for metadata in ["icc", "keep", "strip"] {
      let folder = try run("chelsea-rotated.jpg", encode: "\"metadata\": \"\(metadata)\"")
      let png = try PNGFile(folder.path("out/chelsea-rotated.png"))
      #expect(png.content == expected)
      #expect((png.chunks["eXIf"] != nil) == (metadata == "keep"))
      try folder.write(pipeline(), to: "again.json")
      let again = try Command.run(
        ["run", "again.json", "--input", "out/chelsea-rotated.png", "--output", "again"],
        in: folder.path)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try PNGFile(folder.path("again/chelsea-rotated.png")).content == expected)
    }
    let stored = try copied(of: "chelsea-rotated.jpg", load: #""orientation": "ignore""#)
    #expect(stored.header.width == expected.height && stored.header.height == expected.width)
  }

  @Test("Gray stays gray and 16 bits stay 16, unless told otherwise")
  func kinds() throws {
    let gray = try copied(of: "cell-gray16.png").header
    #expect(gray.channels == 1 && gray.bitDepth == 16)
    let colour = try copied(
      of: "cell-gray16.png", load: #""color": "rgb""#, encode: #""bit_depth": 8"#
    ).header
    #expect(colour.channels == 3 && colour.bitDepth == 8)
    let one = try copied(of: "horse-1bit.png").header
    #expect(one.channels == 1 && one.bitDepth == 8)
  }
}
