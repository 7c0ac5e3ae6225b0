import Foundation
import Testing

extension Picture {
  /// The picture as its orientation asks for it to be shown, by the table of the Exif standard:
  /// where the stored rows begin, and where the stored columns.
  func turned(_ orientation: Int) -> Picture {
    let beginnings = [
      1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
      5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
    ]
    let (rows, columns) = beginnings[orientation] ?? ("", "")
    let isUpright = rows == "top" || rows == "bottom"
    var result = self
    if !isUpright { (result.width, result.height) = (height, width) }
    for row in 0..<height {
      for column in 0..<width {
        var (y, x) = (0, 0)
        for (side, place) in [(rows, row), (columns, column)] {
          switch side {
          case "top": y = place
          case "bottom": y = result.height - 1 - place
          case "left": x = place
          default: x = result.width - 1 - place
          }
        }
        let first = (y * result.width + x) * channels
        result.values.replaceSubrange(
          first..<first + channels, with: pixel(row: row, column: column))
      }
    }
    return result
  }
}

/// Pixels of pictures that say in which of eight ways they are to be turned.
@Suite struct OrientationTests {
  /// Odd sides, single rows and columns, and more rows than are worked on at once.
  private static let sizes = [(5, 3), (1, 7), (7, 1), (1, 1), (2, 2), (71, 135), (135, 67)]

  /// Kinds of PNG files: channels and bits.
  private static let kinds = [(1, 8), (3, 8), (1, 16), (3, 16), (2, 8), (4, 8), (4, 16)]

  @Test("Every turn of PNG files, gray and colour, 8 and 16 bits", arguments: 1...8)
  func png(_ orientation: Int) throws {
    let folder = try TemporaryFolder()
    var expected: [String: Picture] = [:]
    for (channels, bitDepth) in Self.kinds {
      for (index, (width, height)) in Self.sizes.enumerated() {
        let picture = Picture.noise(
          width: width, height: height, channels: channels, bitDepth: bitDepth,
          seed: UInt64(100 * orientation + index))
        let exif = ExifData.orientation(orientation, isBigEndian: index % 2 == 0)
        let name = "\(channels)-\(bitDepth)-\(width)x\(height).png"
        // The chunk may stand on either side of the pixels.
        let bytes =
          index % 3 == 0 ? picture.png(trailingExif: exif) : picture.png(exif: exif, pieces: 2)
        try folder.write(bytes, to: "in/\(name)")
        expected[name] = picture
      }
    }
    try expectPictures(expected, orientation, in: folder)
  }

  @Test("Every turn of JPEG files: the pixels of the same file without the tag", arguments: 1...8)
  func jpeg(_ orientation: Int) throws {
    let folder = try TemporaryFolder()
    for channels in [1, 3] {
      for (width, height) in Self.sizes {
        let picture = Picture.noise(width: width, height: height, channels: channels, seed: 5)
        try folder.write(picture.png(), to: "source/\(channels)-\(width)x\(height).png")
      }
    }
    try folder.write(pipeline(encode: #""format": "jpeg""#), to: "jpeg.json")
    try folder.write(pipeline(), to: "copy.json")
    try run("jpeg.json", from: "source", to: "plain", in: folder)
    try run("copy.json", from: "plain", to: "decoded", in: folder)
    var expected: [String: Picture] = [:]
    for name in folder.outputs(in: "plain") {
      let bytes = ExifData.inserted(
        ExifData.orientation(orientation, isBigEndian: name.hasPrefix("3")),
        intoJPEG: try folder.bytes("plain/\(name)"))
      try folder.write(bytes, to: "in/\(name)")
      let output = name.replacingOccurrences(of: ".jpg", with: ".png")
      expected[output] = Picture(try PNGFile(folder.path("decoded/\(output)")))
    }
    #expect(expected.count == 2 * Self.sizes.count)
    try expectPictures(expected, orientation, in: folder)
  }

  @Test("A turned picture goes through patches, and is compared as it was turned", arguments: 2...8)
  func patches(_ orientation: Int) throws {
    let folder = try TemporaryFolder()
    let picture = Picture.noise(width: 90, height: 61, channels: 3, seed: 9)
    try folder.write(
      picture.png(exif: ExifData.orientation(orientation)), to: "in/picture.png")
    try folder.write(
      pipeline([
        #"{ "stage": "unfold", "kernel_size": [7, 5], "stride": [4, 3], "edge": "shift" }"#,
        #"{ "stage": "fold" }"#, #"{ "stage": "compare", "require": { "max_abs": 0 } }"#,
      ]), to: "patches.json")
    try run("patches.json", from: "in", to: "out", in: folder)
    #expect(
      Picture(try PNGFile(folder.path("out/picture.png"))) == picture.turned(orientation))
    let line = try #require(try folder.report().first)
    let isUpright = orientation < 5
    #expect(line.values["height"] as? Int == (isUpright ? 61 : 90))
    #expect(line.values["width"] as? Int == (isUpright ? 90 : 61))
  }

  /// Runs all that is in a folder, turned and as stored.
  private func expectPictures(
    _ expected: [String: Picture], _ orientation: Int, in folder: TemporaryFolder
  ) throws {
    try folder.write(pipeline(), to: "turn.json")
    try folder.write(pipeline(load: #""orientation": "ignore""#), to: "ignore.json")
    try run("turn.json", from: "in", to: "turned", in: folder)
    try run("ignore.json", from: "in", to: "stored", in: folder)
    #expect(folder.outputs(in: "turned") == expected.keys.sorted())
    for (name, picture) in expected {
      #expect(
        Picture(try PNGFile(folder.path("turned/\(name)"))) == picture.turned(orientation),
        "\(name)")
      #expect(Picture(try PNGFile(folder.path("stored/\(name)"))) == picture, "\(name)")
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
