/// Pieces of sentences that several messages share.
enum Phrase {
  /// Both ends of a range, such as `1…4096`.
  static func range(_ range: ClosedRange<Int>) -> String {
    "\(range.lowerBound)…\(range.upperBound)"
  }

  /// A number without a needless fraction.
  static func number(_ value: Double) -> String { JSONNumber(value).text }

  /// `"a"`, `"a" or "b"`, `one of "a", "b" or "c"`.
  static func alternatives(_ words: [String]) -> String {
    let quoted = words.map(JSONWriter.quoted)
    guard let last = quoted.last, quoted.count > 2 else { return quoted.joined(separator: " or ") }
    return "one of \(quoted.dropLast().joined(separator: ", ")) or \(last)"
  }
}

/// Fragments of JSON Schema that several kinds share.
enum Schema {
  static func integer(in range: ClosedRange<Int>) -> JSONValue {
    [
      "type": "integer", "minimum": JSONValue(.number(JSONNumber(range.lowerBound))),
      "maximum": JSONValue(.number(JSONNumber(range.upperBound))),
    ]
  }

  static func words(_ words: [String]) -> JSONValue {
    ["enum": JSONValue(.array(words.map { JSONValue(.string($0)) }))]
  }

  static func array(of items: JSONValue, count: ClosedRange<Int>? = nil) -> JSONValue {
    guard let count else { return ["type": "array", "items": items, "minItems": 1] }
    return [
      "type": "array", "items": items,
      "minItems": JSONValue(.number(JSONNumber(count.lowerBound))),
      "maxItems": JSONValue(.number(JSONNumber(count.upperBound))),
    ]
  }

  static func any(of schemas: [JSONValue]) -> JSONValue {
    ["anyOf": JSONValue(.array(schemas))]
  }
}
