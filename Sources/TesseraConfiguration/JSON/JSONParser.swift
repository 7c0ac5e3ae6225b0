/// A strict JSON reader that remembers where everything stands.
///
/// RFC 8259 without extensions: no comments, no trailing commas, no NaN. Text must be UTF-8; a byte
/// order mark is passed over. Arrays and objects nest at most `maximumDepth` deep, which bounds the
/// recursion. Time is linear in the text. Keys may repeat: who reads an object decides.
package struct JSONParser {
  /// How deep arrays and objects may nest.
  package static let maximumDepth = 64

  package let bytes: [UInt8]
  package var index = 0
  package private(set) var position: SourcePosition

  private init(_ bytes: [UInt8], origin: SourcePosition.Origin) {
    self.bytes = bytes
    position = SourcePosition(origin: origin, line: 1, column: 1)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// Reads one value that takes up a whole text.
  package static func parse(
    _ bytes: [UInt8], origin: SourcePosition.Origin = .document
  ) throws(JSONSyntaxError) -> JSONValue {
    try UTF8Check.validate(bytes, origin: origin)
    var parser = JSONParser(bytes, origin: origin)
    parser.skipSpace()
    if parser.current == nil {
      throw JSONSyntaxError(
        position: parser.position, expected: "a JSON value", found: "an empty file")
    }
    let value = try parser.value(depth: 0, expected: "a JSON value")
    parser.skipSpace()
    if parser.current != nil { throw parser.error(expected: parser.theEnd) }
    return value
  }

  // MARK: Characters

  package var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  package mutating func advance() {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "\n") {
      position.line += 1
      position.column = 1
    } else if byte & 0xC0 != 0x80 {
      position.column += 1
    }
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      advance()
    }
  }

  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    advance()
    return true
  }

  package func error(expected: String, at place: SourcePosition? = nil) -> JSONSyntaxError {
    JSONSyntaxError(position: place ?? position, expected: expected, found: found)
  }

  /// What the end of the text is called.
  private var theEnd: String {
    position.origin == .document ? "the end of the file" : "the end of the value"
  }

  /// The character, or the word, that stands at the current place.
  private var found: String {
    guard let byte = current else { return theEnd }
    if byte < 0x20 || byte == 0x7F {
      return byte == 0x0A || byte == 0x0D ? "the end of the line" : "a control character"
    }
    let rest = bytes[index...].prefix(80)
    let word = rest.prefix { isWord($0) }
    let text = String(decoding: word.isEmpty ? rest : word, as: UTF8.self)
    let shown = word.isEmpty ? String(text.prefix(1)) : String(text.prefix(24))
    return shown == "\"" ? "a double quote" : "\"\(shown)\""
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  // MARK: Values

  private mutating func value(depth: Int, expected: String) throws(JSONSyntaxError) -> JSONValue {
    let start = position
    guard let byte = current else { throw error(expected: expected) }
    switch byte {
    case UInt8(ascii: "{"): return JSONValue(try object(depth: depth + 1), at: start)
    case UInt8(ascii: "["): return JSONValue(try array(depth: depth + 1), at: start)
    case UInt8(ascii: "\""): return JSONValue(.string(try string()), at: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return JSONValue(.number(try number()), at: start)
    default:
      for (word, kind) in Self.words where take(word: word) { return JSONValue(kind, at: start) }
      throw error(expected: expected + Self.advice(for: byte))
    }
  }

  private static let words: [(String, JSONValue.Kind)] = [
    ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
  ]

  /// What people write that other languages allow.
  private static func advice(for byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): " (strings stand in double quotes)"
    case UInt8(ascii: "/"), UInt8(ascii: "#"): " (JSON has no comments)"
    case UInt8(ascii: "+"): " (numbers have no plus sign)"
    case UInt8(ascii: "."): " (numbers begin with a digit, as in 0.5)"
    case UInt8(ascii: "N"), UInt8(ascii: "I"): " (JSON has no NaN or Infinity)"
    case UInt8(ascii: "T"), UInt8(ascii: "F"): " (true and false are written in small letters)"
    default: ""
    }
  }

  private mutating func take(word: String) -> Bool {
    let wanted = Array(word.utf8)
    let end = index + wanted.count
    guard bytes[index...].starts(with: wanted), end == bytes.count || !isWord(bytes[end]) else {
      return false
    }
    for _ in wanted { advance() }
    return true
  }

  private func check(depth: Int) throws(JSONSyntaxError) {
    if depth > Self.maximumDepth {
      throw JSONSyntaxError(
        position: position, expected: "arrays and objects nested at most \(Self.maximumDepth) deep",
        found: "one more level")
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue.Kind {
    try check(depth: depth)
    advance()
    skipSpace()
    if take("}") { return .object([]) }
    var members: [JSONMember] = []
    var expected = "a key in double quotes, or \"}\""
    while true {
      let start = position
      guard current == UInt8(ascii: "\"") else {
        let advice = current.map { Self.advice(for: $0) } ?? ""
        throw error(expected: expected + advice)
      }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error(expected: "\":\" after the key \(quoted(key))") }
      skipSpace()
      let value = try value(depth: depth, expected: "a value for the key \(quoted(key))")
      members.append(JSONMember(key, at: start, value))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else {
        throw error(expected: "\",\" or \"}\" after the value of \(quoted(key))")
      }
      skipSpace()
      expected = "another key in double quotes after the comma"
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue.Kind {
    try check(depth: depth)
    advance()
    skipSpace()
    if take("]") { return .array([]) }
    var elements: [JSONValue] = []
    var expected = "a value, or \"]\""
    while true {
      elements.append(try value(depth: depth, expected: expected))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw error(expected: "\",\" or \"]\" after a value of the array") }
      skipSpace()
      expected = "another value after the comma"
    }
  }

  private func quoted(_ key: String) -> String {
    JSONWriter.quoted(key.count > 40 ? key.prefix(40) + "…" : key)
  }
}
