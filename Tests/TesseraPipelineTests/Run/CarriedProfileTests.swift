import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraPipeline

/// Colour profiles, where the colours of an image become others.
struct CarriedProfileTests {
  static let profile = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 13) }

  /// A JPEG file with a profile.
  private func source(channels: Int, in workshop: Workshop) throws -> String {
    let path = workshop.folder.path("input.jpg")
    let shape = ImageShape(channels: channels, height: 20, width: 24)
    let writer = try JPEGWriter(
      path: path, shape: shape, metadata: ImageMetadata(icc: Self.profile))
    let rows = [UInt8](repeating: 90, count: channels * 20 * 24)
    try rows.withUnsafeBytes { bytes in
      let base = try #require(bytes.baseAddress)
      try writer.writeRows(base, count: 20, bytesPerRow: channels * 24)
    }
    try writer.finish()
    return path
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
