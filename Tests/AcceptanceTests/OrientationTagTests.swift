import Testing

/// The orientation that an output says it has, after its input's was applied or ignored.
@Suite struct OrientationTagTests {
  /// What is expected of the tag: that of the input, 1, or none.
  private static func expected(_ orientation: String, _ metadata: String, _ tag: Int) -> Int? {
    guard metadata == "keep" else { return nil }
    return orientation == "ignore" ? tag : 1
  }

  @Test(
    "The tag stands only where EXIF is kept, and as it is only where the pixels are, too",
    arguments: ["apply", "ignore"], ["icc", "keep", "strip"])
  func tags(_ orientation: String, _ metadata: String) throws {
    let folder = try TemporaryFolder()
    let picture = Picture.noise(width: 9, height: 4, channels: 3, seed: 3)
    try folder.write(picture.png(), to: "source/plain.png")
    try folder.write(pipeline(encode: #""format": "jpeg""#), to: "jpeg.json")
    try run("jpeg.json", from: "source", to: "plain", in: folder)
    let jpeg = try folder.bytes("plain/plain.jpg")
    for tag in 1...8 {
      for isBigEndian in [false, true] {
        let exif = ExifData.orientation(tag, isBigEndian: isBigEndian)
        let name = "\(tag)-\(isBigEndian ? "big" : "little")"
        try folder.write(picture.png(exif: exif), to: "in/\(name)-png.png")
        try folder.write(ExifData.inserted(exif, intoJPEG: jpeg), to: "in/\(name)-jpeg.jpg")
      }
    }
    let load = "\"orientation\": \"\(orientation)\""
    let keys = "\"metadata\": \"\(metadata)\""
    try folder.write(pipeline(load: load, encode: keys), to: "png.json")
    try folder.write(pipeline(load: load, encode: #""format": "jpeg", "# + keys), to: "jpeg.json")
    try run("png.json", from: "in", to: "png", in: folder)
    try run("jpeg.json", from: "in", to: "jpeg", in: folder)

    let outputs = folder.outputs(in: "png")
    #expect(outputs.count == 32)
    for name in outputs {
      let tag = try #require(name.first?.wholeNumberValue)
      let expected = Self.expected(orientation, metadata, tag)
      let isWide = orientation == "ignore" || tag < 5
      let png = try PNGFile(folder.path("png/\(name)"))
      #expect(ExifData.orientation(in: png.chunks["eXIf"]) == expected, "\(name)")
      #expect((png.chunks["eXIf"] == nil) == (expected == nil), "\(name)")
      #expect(png.header.width == (isWide ? 9 : 4), "\(name)")

      let bytes = try folder.bytes("jpeg/\(name.dropLast(3))jpg")
      let markers = try JPEGFile.segments(of: bytes).filter { $0.marker == 0xE1 }
      #expect(markers.count == (expected == nil ? 0 : 1), "\(name)")
      #expect(
        ExifData.orientation(in: markers.first.map { Array($0.content.dropFirst(6)) }) == expected,
        "\(name)")
      #expect(try JPEGFile.shape(of: bytes) == (isWide ? [3, 4, 9] : [3, 9, 4]), "\(name)")
    }
  }

  private func run(
    _ file: String, from input: String, to output: String, in folder: TemporaryFolder
  ) throws {
    let outcome = try Command.run(
      ["run", file, "--input", input, "--output", output], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
