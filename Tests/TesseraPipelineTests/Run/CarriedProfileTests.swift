import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraPipeline

/// Colour profiles, where the colours of an image become others.
struct CarriedProfileTests {
  static let profile = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 13) }

  /// The header of a profile for numbers of some kind.
  private static func header(_ space: String) -> [UInt8] {
    [UInt8](repeating: 0, count: 16) + Array(space.utf8) + [UInt8](repeating: 0, count: 112)
  }

  /// A JPEG file with a profile.
  private func source(
    channels: Int, _ profile: [UInt8] = profile, in workshop: Workshop
  ) throws -> String {
    let path = workshop.folder.path("input.jpg")
    let shape = ImageShape(channels: channels, height: 20, width: 24)
    let writer = try JPEGWriter(
      path: path, shape: shape, metadata: ImageMetadata(icc: profile))
    let rows = [UInt8](repeating: 90, count: channels * 20 * 24)
    try rows.withUnsafeBytes { bytes in
      let base = try #require(bytes.baseAddress)
      try writer.writeRows(base, count: 20, bytesPerRow: channels * 24)
    }
    try writer.finish()
    return path
  }

  @Test(
    "A profile that speaks of other colours than the file has is left out, with a warning",
    arguments: [
      (3, "RGB ", "", "", nil), (1, "GRAY", "", "", nil), (3, "GRAY", "", "", "speaks of gray"),
      (1, "RGB ", "", "", "speaks of RGB"), (3, "CMYK", "", "", "speaks of CMYK"),
      (3, "RGB ", #", "color": "gray""#, "", "the file is gray"),
      (1, "GRAY", #", "color": "rgb""#, "", "the file is RGB"),
      (3, "RGB ", #", "color": "gray""#, #", "metadata": "strip""#, nil),
    ] as [(Int, String, String, String, String?)])
  func misfits(
    channels: Int, space: String, load: String, encode: String, warning: String?
  ) throws {
    let workshop = try Workshop()
    let path = try source(channels: channels, Self.header(space), in: workshop)
    let result = try workshop.run(
      #"{"stage": "encode", "format": "jpeg"\#(encode)}"#, load: load, onFile: path
    ).result
    #expect(result.warnings.count == (warning == nil ? 0 : 1), "\(result.warnings)")
    #expect(result.warnings.allSatisfy { $0.contains(warning ?? "") })
    let icc = try result.outputs.first.map { try ImageReader(path: $0.path).metadata.icc }
    #expect((icc ?? nil) == (warning == nil && encode.isEmpty ? Self.header(space) : nil))
  }

  @Test(
    "A profile goes along where the colours stay, and stays behind where channels become files",
    arguments: [
      (1, "", 1, true), (3, "", 1, true),
      // Two responses to one gray channel, six to three: each is a gray file.
      (1, #"{"stage": "convolve", "bank": "sobel", "padding": 1}, "#, 2, false),
      (3, #"{"stage": "convolve", "bank": "sobel", "padding": 1}, "#, 6, false),
      (1, #"{"stage": "convolve", "bank": {"name": "sobel", "direction": "x"}}, "#, 1, true),
    ])
  func profiles(channels: Int, stages: String, files: Int, isKept: Bool) throws {
    let workshop = try Workshop()
    let path = try source(channels: channels, in: workshop)
    let encode = #"{"stage": "encode", "format": "jpeg", "range": "auto"}"#
    let result = try workshop.run(stages + encode, onFile: path).result
    #expect(result.error == nil && result.outputs.count == files, "\(result)")
    for output in result.outputs {
      #expect(try ImageReader(path: output.path).metadata.icc == (isKept ? Self.profile : nil))
    }
  }
}
