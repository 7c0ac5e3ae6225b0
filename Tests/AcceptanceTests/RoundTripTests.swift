import Foundation
import Testing

@Suite struct RoundTripTests {
  @Test("roundtrip.json gives the pixels that other decoders see in the samples")
  func pixels() throws {
    let expected = try ExpectedPixels.ofSamples(.rgb)
    #expect(expected.keys.sorted() == Repository.sampleNames)
    let folder = try TemporaryFolder()
    let outcome = try Command.run(
      ["run", Repository.pipelines + "/roundtrip.json", "--output", folder.path("out")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for line in try folder.report() {
      let output = try #require(line.outputs.first)
      #expect(line.metrics["max_abs"] as? Double == 0, "\(line.source)")
      #expect(line.metrics["psnr"] as? String == "inf", "\(line.source)")
      #expect(
        try PNGFile(folder.path("out/\(output.path)")).content == expected[line.source],
        "\(line.source)")
    }
  }

  @Test("Channels and bits that are kept come back too: gray, 16 bits, alpha, palettes")
  func keptChannels() throws {
    let expected = try ExpectedPixels.ofSamples(.keep)
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(
        load: #""exclude": ["*cmyk*"]"#,
        [
          #"{ "stage": "unfold", "kernel_size": [5, 9], "stride": [4, 7], "edge": "shift" }"#,
          #"{ "stage": "fold" }"#, #"{ "stage": "compare", "require": { "max_abs": 0 } }"#,
        ], encode: #""verify": true"#), to: "keep.json")
    let outcome = try Command.run(
      ["run", "keep.json", "--input", Repository.samples, "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try folder.report()
    #expect(report.count == Repository.sampleNames.count - 1)
    for line in report {
      let output = try #require(line.outputs.first)
      #expect(
        try PNGFile(folder.path("out/\(output.path)")).content == expected[line.source],
        "\(line.source)")
    }
  }

  @Test("CMYK stays as it is stored, in an array")
  func cmyk() throws {
    let expected = try #require(try ExpectedPixels.ofSamples(.keep)["coffee-cmyk.jpg"])
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(
        [
          #"{ "stage": "unfold", "kernel_size": 16, "stride": 7, "edge": "shift" }"#,
          #"{ "stage": "fold" }"#, #"{ "stage": "compare", "require": { "max_abs": 0 } }"#,
        ], encode: #""format": "npy""#), to: "cmyk.json")
    let outcome = try Command.run(
      ["run", "cmyk.json", "--input", Repository.sample("coffee-cmyk.jpg"), "--output", "out"],
      in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let header = try NPYFile.header(of: folder.path("out/coffee-cmyk.npy"))
    #expect(header.shape == [4, expected.height, expected.width] && header.dtype == "uint8")
    let planes = try folder.bytes("out/coffee-cmyk.npy").suffix(header.dataCount)
    let area = expected.height * expected.width
    let start = planes.startIndex
    let pixels = (0..<area).flatMap { pixel in
      (0..<4).map { planes[start + $0 * area + pixel] }
    }
    // Pillow and the file agree on which end of the scale is ink.
    let inverted = pixels.map { 255 - $0 }
    #expect([digest(pixels), digest(inverted)].contains(expected.digest))
  }

  @Test(
    "Every compression is read by the tests' own decoder",
    arguments: [#""none""#, #""fast""#, #""default""#, #""best""#, "1"])
  func compressions(_ compression: String) throws {
    let expected = try ExpectedPixels.ofSamples(.keep)
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(
        [#"{ "stage": "compare", "require": { "max_abs": 0 } }"#],
        encode: #""compression": \#(compression)"#), to: "copy.json")
    for name in ["coffee-rgba.png", "hubble-rgb16.png", "clock-gray-alpha.png"] {
      let outcome = try Command.run(
        ["run", "copy.json", "--input", Repository.sample(name), "--output", "out"],
        in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try PNGFile(folder.path("out/\(name)")).content == expected[name], "\(name)")
    }
  }

  @Test(
    "The tests' own decoder reads what others have written",
    arguments: ["chelsea-rgb.png", "coffee-rgba.png", "hubble-rgb16.png", "cell-gray16.png"])
  func decoder(_ name: String) throws {
    #expect(
      try PNGFile(Repository.sample(name)).content == ExpectedPixels.ofSamples(.keep)[name])
  }
}
