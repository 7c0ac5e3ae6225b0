import TesseraCore

/// JSON values as text.
///
/// Members keep their order, so equal values made the same way give the same bytes. Numbers that
/// JSON cannot hold (infinities, NaN) are written as `null`.
package enum JSONWriter {
  /// One line without spaces, as in a line of a report.
  package static func compact(_ value: JSONValue) -> String {
    var text = ""
    append(value, to: &text)
    return text
  }

  /// Indented by two spaces; what fits the rest of a line of 100 columns stays on it.
  package static func pretty(_ value: JSONValue) -> String {
    var text = ""
    appendPretty(value, indent: 0, used: 0, to: &text)
    return text + "\n"
  }

  /// A string in quotes, with everything escaped that JSON wants escaped, or that would steer the
  /// terminal of a reader.
  ///
  /// Bytes of a file name that are not text become lone surrogates, as Python's `surrogateescape`
  /// reads them: what `json.loads` makes of the name opens the file.
  package static func quoted(_ string: String) -> String {
    // Nearly all strings are plain.
    if string.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
      return "\"\(string)\""
    }
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{EF80}"..."\u{EFFF}":
        text += "\\udc" + UInt8(truncatingIfNeeded: scalar.value).hexadecimal
      case _ where scalar.isUnseen:
        // Above U+FFFF there are two: a pair of surrogates.
        for unit in String(scalar).utf16 { text += "\\u" + unit.hexadecimal }
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func append(_ value: JSONValue, to text: inout String) {
    switch value.kind {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .number(let number): text += written(number)
    case .string(let string): text += quoted(string)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        append(element, to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        text += quoted(member.key) + ":"
        append(member.value, to: &text)
      }
      text += "}"
    }
  }

  /// Integral numbers lose their fraction, so that 3.0 and 3 give the same text.
  private static func written(_ number: JSONNumber) -> String {
    if let integer = number.integer { return String(integer) }
    return number.value.isFinite ? number.value.description : "null"
  }

  private static func appendPretty(
    _ value: JSONValue, indent: Int, used: Int, to text: inout String
  ) {
    let width = 100 - used
    if let short = oneLine(value, limit: width) {
      text += short
      return
    }
    let margin = String(repeating: " ", count: indent + 2)
    switch value.kind {
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        text += (index > 0 ? "," : "") + "\n" + margin
        appendPretty(element, indent: indent + 2, used: indent + 3, to: &text)
      }
      text += "\n" + String(repeating: " ", count: indent) + "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        let key = quoted(member.key) + ": "
        text += (index > 0 ? "," : "") + "\n" + margin + key
        appendPretty(
          member.value, indent: indent + 2, used: indent + 3 + key.unicodeScalars.count, to: &text)
      }
      text += "\n" + String(repeating: " ", count: indent) + "}"
    default:
      append(value, to: &text)
    }
  }

  /// The value on one line with spaces after commas and colons, `nil` beyond `limit` characters.
  private static func oneLine(_ value: JSONValue, limit: Int) -> String? {
    var parts: [String] = []
    var left = limit - 2
    func add(_ part: String) -> Bool {
      left -= part.unicodeScalars.count + 2
      parts.append(part)
      return left >= -2
    }
    switch value.kind {
    case .array(let elements):
      for element in elements {
        guard let part = oneLine(element, limit: left), add(part) else { return nil }
      }
      return "[" + parts.joined(separator: ", ") + "]"
    case .object(let members):
      for member in members {
        guard left > 0, let part = oneLine(member.value, limit: left),
          add(quoted(member.key) + ": " + part)
        else { return nil }
      }
      return members.isEmpty ? "{}" : "{ " + parts.joined(separator: ", ") + " }"
    default:
      return compact(value)
    }
  }
}
