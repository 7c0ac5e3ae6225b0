extension JSONValue {
  /// What a message says was found: scalars as they were written, the rest by kind and size.
  package var found: String {
    switch kind {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): Self.shortened(number.text)
    case .string(let string): Self.shortened(JSONWriter.quoted(string))
    case .array(let elements):
      switch elements.count {
      case 0: "an empty array"
      case 1: "an array of 1 value"
      case let count: "an array of \(count) values"
      }
    case .object(let members): members.isEmpty ? "an empty object" : "an object"
    }
  }

  /// Long texts keep their beginning.
  private static func shortened(_ text: String) -> String {
    let limit = 48
    guard text.count > limit else { return text }
    return "\(text.prefix(limit))… (\(text.count) characters)"
  }
}
