import Testing

/// One picture, stored in every way that PNG has for it, becomes one result.
@Suite struct StoredAlikeTests {
  /// Gray pixels and their opacity.
  private static let pixels = (0..<48).map { ($0 * 5, [0, 255, 100, 200, 1, 254][$0 % 6]) }
  private static let (width, height) = (8, 6)

  private static func picture(_ values: [[Int]], bitDepth: Int = 8) -> Picture {
    let factor = bitDepth == 8 ? 1 : 257
    return Picture(
      width: width, height: height, channels: values[0].count, bitDepth: bitDepth,
      values: values.flatMap { $0.map { $0 * factor } })
  }

  /// The picture as gray and opacity, as RGBA and as a palette, of 8 bits and 16.
  private static func files(opacity: Bool) -> [String: [UInt8]] {
    let pixels = pixels.map { ($0.0, opacity ? $0.1 : 255) }
    let grays = Array(Set(pixels.map { [$0.0, $0.1] })).sorted { $0[0] < $1[0] }
    let indices = pixels.map { pixel in [grays.firstIndex { $0[0] == pixel.0 } ?? 0] }
    let palette: [(name: String, content: [UInt8])] = [
      ("PLTE", grays.flatMap { Array(repeating: UInt8($0[0]), count: 3) }),
      ("tRNS", grays.map { UInt8($0[1]) }),
    ]
    var files = ["palette": picture(indices).png(colorType: 3, chunks: palette)]
    for depth in [8, 16] {
      files["gray\(depth)"] = picture(pixels.map { [$0.0, $0.1] }, bitDepth: depth).png()
      files["rgba\(depth)"] = picture(
        pixels.map { [$0.0, $0.0, $0.0, $0.1] }, bitDepth: depth
      ).png()
    }
    return files
  }

  /// The same where a colour stands for transparent pixels.
  private static func keyedFiles() -> [String: [UInt8]] {
    let key = pixels[7].0
    let shown = pixels.map { ($0.0, $0.0 == key ? 0 : 255) }
    var files = [
      "gray": picture(shown.map { [$0.0] }).png(chunks: [("tRNS", [0, UInt8(key)])]),
      "alpha": picture(shown.map { [$0.0, $0.1] }).png(),
      "rgba": picture(shown.map { [$0.0, $0.0, $0.0, $0.1] }).png(),
    ]
    files["rgb"] = picture(shown.map { [$0.0, $0.0, $0.0] }).png(
      chunks: [("tRNS", [0, UInt8(key), 0, UInt8(key), 0, UInt8(key)])])
    return files
  }

  @Test(
    "A matte lies under a picture in one way, however the picture is stored",
    arguments: ["\"#ff0000\"", "[12, 200, 77]", "128", "\"#ffffff\"", "0"],
    ["rgb", "gray"])
  func matte(_ matte: String, _ color: String) throws {
    for files in [Self.files(opacity: true), Self.files(opacity: false), Self.keyedFiles()] {
      let results = try results(
        of: files, load: "\"color\": \"\(color)\", \"alpha\": \"matte\", \"matte\": \(matte)")
      #expect(Set(results.values).count == 1, "\(results.keys.sorted())")
    }
  }

  @Test(
    "So it does for every other word that opacity can have",
    arguments: ["keep", "drop", "premultiply"], ["rgb", "gray"])
  func alpha(_ alpha: String, _ color: String) throws {
    for files in [Self.files(opacity: true), Self.files(opacity: false), Self.keyedFiles()] {
      let results = try results(of: files, load: "\"color\": \"\(color)\", \"alpha\": \"\(alpha)\"")
      // An opaque picture may have opacity or none; what is seen is the same.
      #expect(Set(results.values.map { $0 }).count == 1, "\(results.keys.sorted())")
    }
  }

  @Test("A matte that gray can show leaves gray as it is, and another one makes it RGB")
  func channels() throws {
    let files = ["gray": Self.files(opacity: true)["gray8"] ?? []]
    let load = "\"alpha\": \"matte\", \"matte\": "
    #expect(try results(of: files, load: load + "77")["gray"]?.count == 48)
    let red = try results(of: files, load: load + "\"#ff0000\"")["gray"]
    #expect(red?.count == 3 * 48)
    #expect(red?.prefix(3) == [255, 0, 0])
  }

  /// What is written of each file, with 8 bits.
  private func results(of files: [String: [UInt8]], load: String) throws -> [String: [Int]] {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: "in/\(name).png") }
    try folder.write(pipeline(load: load, encode: #""bit_depth": 8"#), to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    var results: [String: [Int]] = [:]
    for name in files.keys {
      results[name] = Picture(try PNGFile(folder.path("out/\(name).png"))).values
    }
    return results
  }
}
