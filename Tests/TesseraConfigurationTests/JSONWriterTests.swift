import Testing

@testable import TesseraConfiguration

@Suite struct JSONWriterTests {
  @Test("Compact text has no spaces and keeps the order of keys")
  func compact() {
    let value: JSONValue = ["b": [1, 2.5, -0.001, true], "a": ["c": JSONValue(.null)], "d": ""]
    #expect(JSONWriter.compact(value) == #"{"b":[1,2.5,-0.001,true],"a":{"c":null},"d":""}"#)
  }

  @Test(
    "Numbers are written as short as they can be read back",
    arguments: [
      (3.0, "3"), (0.1, "0.1"), (1e-7, "1e-07"), (0.48145466, "0.48145466"), (-0.0, "0"),
      (.infinity, "null"), (.nan, "null"),
    ])
  func numbers(_ value: Double, _ text: String) {
    #expect(JSONWriter.compact(JSONValue(.number(JSONNumber(value)))) == text)
  }

  @Test("Strings escape what JSON wants escaped, what is unseen, and nothing else")
  func strings() throws {
    #expect(JSONWriter.quoted("a\"\\/\n\u{1}é\u{7F}") == #""a\"\\/\n\u0001é\u007f""#)
    let unseen = "\u{9B}\u{202E}\u{2028}\u{FEFF}\u{E0041}👩\u{200D}🚀"
    let text = JSONWriter.quoted(unseen)
    #expect(text == #""\u009b\u202e\u2028\ufeff\udb40\udc41👩"# + "\u{200D}🚀\"")
    #expect(try JSONParser.parse(Array(text.utf8)).string == unseen)
  }

  @Test("Pretty text breaks what does not fit into 100 columns, and reads back")
  func pretty() throws {
    let long: JSONValue = ["list": JSONValue(.array(Array(repeating: "abcdefghij", count: 12)))]
    let value: JSONValue = ["short": [1, 2], "long": long, "empty": [:]]
    let text = JSONWriter.pretty(value)
    #expect(text.hasSuffix("}\n"))
    #expect(text.contains("\n  \"short\": [1, 2],\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(try JSONParser.parse(Array(text.utf8)) == value)
  }
}
