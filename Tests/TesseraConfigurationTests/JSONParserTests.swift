import TesseraTestSupport
import TesseraCore
import Testing

@testable import TesseraConfiguration

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONParser.parse(Array(text.utf8))
  }

  @Test("Every value and key knows its line and its column in characters")
  func positions() throws {
    let value = try parse("{\r\n  \"ключ\": [1,\n\t\"é\", {\"b\": null}]\n}")
    let member = try #require(value.members?.first)
    #expect(member.keyPosition == SourcePosition(line: 2, column: 3))
    #expect(member.value.position == SourcePosition(line: 2, column: 11))
    let elements = try #require(member.value.elements)
    #expect(elements.map(\.position.line) == [2, 3, 3])
    #expect(elements.map(\.position.column) == [12, 2, 7])
    #expect(elements[2].members?.first?.value.position == SourcePosition(line: 3, column: 13))
  }

  @Test(
    "Numbers keep their text, their value and whether they are integers",
    arguments: [
      ("0", 0), ("-0", 0), ("3.0", 3), ("3e0", 3), ("1.5e1", 15), ("3.5", nil), ("-7", -7),
      ("1e999", nil), ("1e-999", 0), ("9223372036854775807", Int.max),
      ("9223372036854775808", nil), ("1e17", nil),
    ] as [(String, Int?)])
  func numbers(_ text: String, _ integer: Int?) throws {
    let number = try #require(try parse(text).number)
    #expect(number.text == text)
    #expect(number.integer == integer)
    #expect(number.value == Double(text))
  }

  @Test("Escapes give their characters, surrogate pairs included")
  func escapes() throws {
    let value = try parse(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000""#)
    #expect(value.string == "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}\u{0}")
  }

  @Test("Bytes of file names that are no text come back from what is written of them")
  func fileNames() throws {
    for bytes: [UInt8] in [[0xFF], [0x61, 0x80, 0x62, 0xC3], [0xEE, 0xBE, 0x80], [0xF0, 0x9F]] {
      let name = String(pathBytes: bytes)
      #expect(try parse(JSONWriter.quoted(name)).string?.pathBytes == bytes)
    }
    for text in [#""\udc7f""#, #""\udc00""#, #""\udd00""#] {
      #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }
  }

  @Test("Words, empty containers and 64 levels are read")
  func smallThings() throws {
    #expect(try parse(" [true, false, null, [], {}] ") == [true, false, JSONValue(.null), [], [:]])
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try parse(deep).elements?.count == 1)
  }

  @Test("A byte order mark is passed over and takes no column")
  func byteOrderMark() throws {
    let value = try JSONParser.parse([0xEF, 0xBB, 0xBF] + Array("[1]".utf8))
    #expect(value.elements?.first?.position == SourcePosition(line: 1, column: 2))
  }

  @Test(
    "Bytes that are not UTF-8 are refused where they stand",
    arguments: [
      ([0x5B, 0x0A, 0xFF], 2, 1, "the byte 0xFF"),
      ([0x22, 0xC3, 0xA9, 0xC3, 0x22], 1, 3, "the byte 0xC3"),
      ([0xC0, 0x80], 1, 1, "the byte 0xC0"), ([0xED, 0xA0, 0x80], 1, 1, "the byte 0xED"),
      ([0xF4, 0x90, 0x80, 0x80], 1, 1, "the byte 0xF4"),
      ([0x22, 0xF0, 0x9F], 1, 2, "the byte 0xF0"),
      ([0xFF, 0xFE, 0x5B, 0x00], 1, 1, "UTF-16 (save the file as UTF-8)"),
    ] as [([UInt8], Int, Int, String)])
  func notUTF8(_ bytes: [UInt8], _ line: Int, _ column: Int, _ found: String) {
    let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(bytes) }
    #expect(error?.position == SourcePosition(line: line, column: column))
    #expect(error?.expected == "UTF-8 text")
    #expect(error?.found == found)
  }

  @Test("No prefix of a text and no change of one byte makes the parser trap")
  func damage() throws {
    let text = Array(
      #"{"a": [1, -2.5e+3, "\u00e9\n"], "b": {"c": true, "d": null}, "é": ""}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text[..<count])) }
    }
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<4_000 {
      var damaged = text
      damaged[Int.random(in: 0..<text.count, using: &generator)] = .random(
        in: 0...255, using: &generator)
      if let value = try? JSONParser.parse(damaged) {
        #expect(try parse(JSONWriter.compact(value)) == value)
      }
    }
  }
}
