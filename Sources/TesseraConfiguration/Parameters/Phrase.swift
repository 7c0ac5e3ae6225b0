/// Pieces of sentences that several messages share.
package enum Phrase {
  /// Both ends of a range, such as `1…4096`.
  package static func range(_ range: ClosedRange<Int>) -> String {
    "\(range.lowerBound)…\(range.upperBound)"
  }

  /// A number without a needless fraction.
  package static func number(_ value: Double) -> String { JSONNumber(value).text }

  /// `"a"`, `"a" or "b"`, `one of "a", "b" or "c"`.
  package static func alternatives(_ words: [String]) -> String {
    let quoted = words.map(JSONWriter.quoted)
    guard let last = quoted.last, quoted.count > 2 else { return quoted.joined(separator: " or ") }
    return "one of \(quoted.dropLast().joined(separator: ", ")) or \(last)"
  }
}

/// Fragments of JSON Schema that several kinds share.
package enum Schema {
  package static func integer(in range: ClosedRange<Int>) -> JSONValue {
    [
      "type": "integer", "minimum": JSONValue(.number(JSONNumber(range.lowerBound))),
      "maximum": JSONValue(.number(JSONNumber(range.upperBound))),
    ]
  }

  package static func words(_ words: [String]) -> JSONValue {
    ["enum": JSONValue(.array(words.map { JSONValue(.string($0)) }))]
  }

  package static func array(of items: JSONValue, minimum: Int = 1) -> JSONValue {
    var members = [JSONMember("type", "array"), JSONMember("items", items)]
    if minimum > 0 {
      members.append(JSONMember("minItems", JSONValue(.number(JSONNumber(minimum)))))
    }
    return JSONValue(.object(members))
  }

  package static func array(of items: JSONValue, count: ClosedRange<Int>) -> JSONValue {
    [
      "type": "array", "items": items,
      "minItems": JSONValue(.number(JSONNumber(count.lowerBound))),
      "maxItems": JSONValue(.number(JSONNumber(count.upperBound))),
    ]
  }

  package static func any(of schemas: [JSONValue]) -> JSONValue {
    ["anyOf": JSONValue(.array(schemas))]
  }
}
