import Foundation
import Testing

/// What says that the numbers of a PNG file are not those of sRGB, on its way to other files.
@Suite struct ColorMeaningTests {
  private typealias Chunks = [(name: String, content: [UInt8])]

  private static let linear: Chunks = [("gAMA", [0, 1, 0x86, 0xA0])]
  private static let wide: Chunks = [("cICP", [9, 16, 0, 1]), ("sBIT", [5, 6, 5])]
  private static let standard: Chunks = [("gAMA", [0, 0, 0xB1, 0x8F]), ("sRGB", [0])]

  /// Runs one picture through a pipeline.
  private func outcome(
    _ picture: Picture, _ chunks: Chunks, load: String = "", _ stages: [String] = [],
    encode: String
  ) throws -> (output: [UInt8], warnings: [String]) {
    let folder = try TemporaryFolder()
    try folder.write(picture.png(chunks: chunks), to: "in/a.png")
    try folder.write(pipeline(load: load, stages, encode: encode), to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let name = try #require(folder.outputs(in: "out").first)
    return (
      try folder.bytes("out/\(name)"), try #require(folder.report().first).warnings
    )
  }

  private let colors = Picture.noise(width: 7, height: 5, channels: 3, seed: 1)

  @Test("They go along from PNG to PNG, unless nothing does", arguments: ["icc", "keep", "strip"])
  func kept(_ metadata: String) throws {
    for chunks in [Self.linear, Self.wide, Self.standard] {
      let found = try outcome(colors, chunks, encode: "\"metadata\": \"\(metadata)\"")
      let png = try PNGFile(found.output)
      for (name, content) in chunks {
        #expect(png.chunks[name] == (metadata == "strip" ? nil : content))
      }
      #expect(png.pixels == colors.bytes && found.warnings == [])
    }
  }

  @Test("They stay behind, not in silence, where RGB becomes gray or gray becomes RGB")
  func otherModel() throws {
    let gray = Picture.noise(width: 7, height: 5, channels: 1, seed: 2)
    for (picture, color) in [(colors, "gray"), (gray, "rgb")] {
      let chunks = Self.standard + [("sBIT", [UInt8](repeating: 5, count: picture.channels))]
      for format in ["png", "jpeg"] {
        let found = try outcome(
          picture, chunks, load: "\"color\": \"\(color)\"", encode: "\"format\": \"\(format)\"")
        #expect(found.warnings.count == 1, "\(found.warnings)")
        let names = format == "png" ? "its gAMA, sRGB and sBIT" : "its sBIT chunk is"
        #expect(found.warnings.allSatisfy { $0.contains(names) }, "\(found.warnings)")
        guard format == "png" else { continue }
        #expect(try PNGFile(found.output).chunks.keys.sorted() == ["IEND", "IHDR"])
      }
      let stripped = try outcome(
        picture, chunks, load: "\"color\": \"\(color)\"", encode: #""metadata": "strip""#)
      #expect(stripped.warnings == [])
    }
  }

  @Test(
    "Files without a place for them are warned of where sRGB, which readers expect, is wrong",
    arguments: [
      #""format": "jpeg""#, #""format": "jpeg", "metadata": "keep""#, #""format": "npy""#,
    ])
  func noPlace(_ encode: String) throws {
    // Arrays have no pixels of their own to speak of.
    let isArray = encode.contains("npy")
    let display: Chunks = [
      ("mDCV", [UInt8](repeating: 1, count: 24)), ("cLLI", [0, 0, 3, 232, 0, 0, 1, 0]),
    ]
    for (chunks, names, details) in [
      (Self.linear, ["gAMA 100000"], []),
      (Self.wide, ["cICP 9 16 0 1"], ["its sBIT chunk is left out"]),
      (Self.standard, [], []), ([("sBIT", [5, 8, 5])], [], ["its sBIT chunk is left out"]),
      ([("sBIT", [8, 8, 8])], [], []), (display, [], ["its mDCV and cLLI chunks are left out"]),
    ] as [(Chunks, [String], [String])] {
      let found = try outcome(colors, chunks, encode: encode)
      let expected = names + (isArray ? [] : details)
      #expect(found.warnings.count == expected.count, "\(found.warnings)")
      for name in expected { #expect(found.warnings.contains { $0.contains(name) }, "\(name)") }
    }
  }

  @Test("Arrays of patches are warned of as pictures are, once for several files")
  func patches() throws {
    let stages = [
      #"{ "stage": "encode", "path": "out", "format": "npy", "name": "{stem}-whole.npy" }"#,
      #"{ "stage": "unfold", "kernel_size": 2 }"#,
    ]
    let found = try outcome(colors, Self.linear, stages, encode: #""format": "npy""#)
    #expect(found.warnings.count == 1 && found.warnings.allSatisfy { $0.contains("gAMA") })
  }

  @Test("Significant bits are never more than a sample has")
  func depth() throws {
    let deep = Picture.noise(width: 7, height: 5, channels: 1, bitDepth: 16, seed: 3)
    for (depth, bits) in [(8, 8), (16, 12)] as [(Int, UInt8)] {
      let found = try outcome(deep, [("sBIT", [12])], encode: "\"bit_depth\": \(depth)")
      #expect(try PNGFile(found.output).chunks["sBIT"] == [bits])
    }
    let shallow = try outcome(colors, [("sBIT", [5, 6, 5])], encode: #""bit_depth": 16"#)
    #expect(try PNGFile(shallow.output).chunks["sBIT"] == [5, 6, 5])
    let opaque = Picture.noise(width: 7, height: 5, channels: 4, seed: 4)
    let dropped = try outcome(
      opaque, [("sBIT", [5, 6, 5, 1])], load: #""alpha": "drop""#, encode: "")
    #expect(try PNGFile(dropped.output).chunks["sBIT"] == [5, 6, 5])
  }
}
