import Testing

@Suite struct SyntaxMistakeTests {
  @Test(
    "A text that is not JSON is refused at the first character that cannot be", arguments: documents
  )
  func isLocated(_ document: BrokenDocument) {
    #expect(document.messages == document.expected)
  }

  static let documents: [BrokenDocument] = [
    BrokenDocument(
      "an empty file",
      "",
      #"1:1: expected a JSON value, found an empty file"#),
    BrokenDocument(
      "only white space",
      "  \n\t",
      #"2:2: expected a JSON value, found an empty file"#),
    BrokenDocument(
      "no closing brace",
      #"{"version": 1, "stages": ["#,
      #"1:27: expected a value, or "]", found the end of the file"#),
    BrokenDocument(
      "a comma too many in an array",
      #"{"stages": [1,]}"#,
      #"1:15: expected another value after the comma, found "]""#),
    BrokenDocument(
      "a comma too many in an object",
      #"{"version": 1,}"#,
      #"1:15: expected another key in double quotes after the comma, found "}""#),
    BrokenDocument(
      "a missing comma",
      #"{"version": 1 "stages": []}"#,
      #"1:15: expected "," or "}" after the value of "version", found a double quote"#),
    BrokenDocument(
      "a missing colon",
      #"{"version" 1}"#,
      #"1:12: expected ":" after the key "version", found "1""#),
    BrokenDocument(
      "a key without quotes",
      #"{version: 1}"#,
      #"1:2: expected a key in double quotes, or "}", found "version""#),
    BrokenDocument(
      "single quotes",
      #"{'version': 1}"#,
      #"""
      1:2: expected a key in double quotes, or "}" (strings stand in double quotes), \#
      found "'"
      """#),
    BrokenDocument(
      "a comment",
      #"""
      {
        // the version
        "version": 1
      }
      """#,
      #"""
      2:3: expected a key in double quotes, or "}" (JSON has no comments), found "/"
      """#),
    BrokenDocument(
      "a word of Python",
      #"{"version": True}"#,
      #"""
      1:13: expected a value for the key "version" (true and false are written in small \#
      letters), found "True"
      """#),
    BrokenDocument(
      "not a number",
      #"{"version": NaN}"#,
      #"""
      1:13: expected a value for the key "version" (JSON has no NaN or Infinity), found \#
      "NaN"
      """#),
    BrokenDocument(
      "a leading zero",
      #"{"version": 01}"#,
      #"1:14: expected a number without a leading zero, found "1""#),
    BrokenDocument(
      "no digit before the point",
      #"{"version": .5}"#,
      #"""
      1:13: expected a value for the key "version" (numbers begin with a digit, as in \#
      0.5), found "."
      """#),
    BrokenDocument(
      "no digit after the point",
      #"{"version": 1.}"#,
      #"1:15: expected a digit after the decimal point, found "}""#),
    BrokenDocument(
      "a plus sign",
      #"{"version": +1}"#,
      #"""
      1:13: expected a value for the key "version" (numbers have no plus sign), found \#
      "+"
      """#),
    BrokenDocument(
      "no digit in the exponent",
      #"{"version": 1e}"#,
      #"1:15: expected a digit in the exponent, found "}""#),
    BrokenDocument(
      "an open string",
      #"{"description": "abc"#,
      #"""
      1:21: expected a double quote that ends the string begun at 1:17, found the end of \#
      the file
      """#),
    BrokenDocument(
      "a string over two lines",
      #"""
      {"description": "abc
      def"}
      """#,
      #"""
      1:21: expected a double quote that ends the string, found the end of the line
      """#),
    BrokenDocument(
      "a tab in a string",
      "{\"description\": \"a\tb\"}",
      #"""
      1:19: expected an escape such as \t inside a string, found a control character
      """#),
    BrokenDocument(
      "an unknown escape",
      #"{"description": "\x"}"#,
      #"1:19: expected one of " \ / b f n r t u after a backslash, found "x""#),
    BrokenDocument(
      "a bad hexadecimal escape",
      #"{"description": "\u12G4"}"#,
      #"1:22: expected four hexadecimal digits after \u, found "G4""#),
    BrokenDocument(
      "half a surrogate pair",
      #"{"description": "\ud83d!"}"#,
      #"1:18: expected a pair of surrogates, such as \ud83d\ude00, found half of one"#),
    BrokenDocument(
      "something after the end",
      #"{"version": 1} {}"#,
      #"1:16: expected the end of the file, found "{""#),
    BrokenDocument(
      "a value from another format",
      #"version: 1"#,
      #"1:1: expected a JSON value, found "version""#),
    BrokenDocument(
      "65 levels",
      String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
      #"""
      1:65: expected arrays and objects nested at most 64 deep, found one more level
      """#),
    BrokenDocument(
      "too deep without an end",
      #"{"a":{"a":{"a":"# + String(repeating: "[", count: 100_000),
      #"""
      1:77: expected arrays and objects nested at most 64 deep, found one more level
      """#),
  ]
}
