import TesseraCore
import Testing

/// What is printed of texts that strangers wrote.
struct PrintableTextTests {
  @Test(
    "Text to read stays as it is, joiners and accents included",
    arguments: [
      "", "a b.png", "é漢字🧩", "\u{A0}\u{3000}", "«~»",
      "👩\u{200D}🚀", "❤\u{FE0F}", "نمی\u{200C}خواهم", "e\u{301}",
    ])
  func plain(text: String) {
    #expect(text.printable == text)
  }

  @Test(
    "Controls, directions and what has no width become escapes, from first to last of each range",
    arguments: [
      (0x00, #"\u{0}"#), (0x09, #"\t"#), (0x0A, #"\n"#), (0x0D, #"\u{d}"#), (0x1B, #"\u{1b}"#),
      (0x1F, #"\u{1f}"#), (0x7F, #"\u{7f}"#), (0x80, #"\u{80}"#), (0x9B, #"\u{9b}"#),
      (0x9F, #"\u{9f}"#), (0x202A, #"\u{202a}"#), (0x202E, #"\u{202e}"#),
      (0x2066, #"\u{2066}"#), (0x2069, #"\u{2069}"#), (0x200E, #"\u{200e}"#),
      (0x200F, #"\u{200f}"#), (0x61C, #"\u{61c}"#), (0x2028, #"\u{2028}"#),
      (0x2029, #"\u{2029}"#), (0x200B, #"\u{200b}"#), (0x2060, #"\u{2060}"#),
      (0xFEFF, #"\u{feff}"#), (0xAD, #"\u{ad}"#), (0x3164, #"\u{3164}"#),
      (0xFFF9, #"\u{fff9}"#), (0xE0041, #"\u{e0041}"#),
    ] as [(UInt32, String)])
  func controls(code: UInt32, escape: String) throws {
    let text = "a" + String(try #require(Unicode.Scalar(code))) + "b"
    #expect(text.printable == "a\(escape)b")
  }

  @Test(
    "The neighbours of those ranges stay",
    arguments: [0x20, 0x7E, 0xA0, 0x2027, 0x202F, 0x2010, 0x2070, 0x200A, 0x200C, 0x200D]
      as [UInt32])
  func neighbours(code: UInt32) {
    guard let scalar = Unicode.Scalar(code) else { return }
    #expect(String(scalar).printable == String(scalar))
  }

  @Test("Bytes that are no text are told by number")
  func bytes() {
    #expect(String(pathBytes: [0x61, 0xFF, 0x80]).printable == #"a\xff\x80"#)
  }
}
