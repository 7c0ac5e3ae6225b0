import TesseraCore
import Testing

struct PathTextTests {
  @Test(
    "any bytes become text and come back",
    arguments: [
      Array("plain/ascii.png".utf8), Array("é, e\u{301}, 漢字, 🧩".utf8), [0xFF], [0xC3],
      [0xC3, 0x28],
      [0xE2, 0x82], [0x61, 0xF0, 0x9F, 0x62], [0xED, 0xA0, 0x80], [0xC0, 0xAF],
      Array("\u{EF80}\u{EFFF}".utf8), [0x80, 0xFF, 0x2F, 0x41], [],
    ] as [[UInt8]])
  func roundTrip(bytes: [UInt8]) {
    #expect(String(pathBytes: bytes).pathBytes == bytes)
  }

  @Test("different bytes have different texts, also where one spells the other's escape")
  func injective() {
    let texts = [[0x80], Array("\u{EF80}".utf8), [0xEE, 0xBE]].map { String(pathBytes: $0) }
    #expect(Set(texts).count == 3)
  }

  @Test("text is what it looks like where the bytes are text")
  func plain() {
    #expect(String(pathBytes: "é.png".utf8) == "é.png")
    #expect("é.png".pathBytes == Array("é.png".utf8))
  }
}
