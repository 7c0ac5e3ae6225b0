import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import Testing

@testable import Tessera

/// Headers that plans keep, read as they were written or not at all.
struct PlannedHeaderTests {
  private var header: ImageHeader {
    var header = ImageHeader(
      format: .png, shape: ImageShape(channels: 4, height: 30, width: 40), elementType: .uint16,
      colorModel: .rgb, hasAlpha: true, orientation: 6, sourceBitDepth: 16, isWholeImage: true,
      decoderBytes: 9600, decoder: "libpng 1.6")
    header.columnStep = 8
    return header
  }

  /// The members of a header with one of them changed.
  private func changed(_ key: String, _ value: JSONValue) throws -> JSONValue {
    let members = try #require(header.json?.members)
    return JSONValue(
      .object(members.map { $0.key == key ? JSONMember(key, value) : $0 }))
  }

  @Test("A header is read as it was written")
  func written() throws {
    #expect(ImageHeader(try #require(header.json)) == header)
  }

  @Test(
    "What no decoder says is refused",
    arguments: [
      ("shape", [4, 30]), ("shape", [4, 0, 40]), ("shape", [4, 1_099_511_627_776, 1024]),
      ("shape", [4, 9_223_372_036_854_775_807, 9_223_372_036_854_775_807]),
      ("shape", [65_537, 1, 1]), ("shape", [1, 30, 40]), ("shape", [3, 30, 40]),
      ("colors", "gray"), ("colors", "cmyk"), ("alpha", false), ("orientation", 9), ("bits", 0),
      ("bits", 65), ("decoder_bytes", 9_223_372_036_854_775_807), ("decoder_bytes", -1),
      ("column_step", 0), ("column_step", 9_223_372_036_854_775_807),
    ] as [(String, JSONValue)])
  func refused(_ key: String, _ value: JSONValue) throws {
    #expect(ImageHeader(try changed(key, value)) == nil)
  }
}
