import Glibc
import TesseraConfiguration
import TesseraCore

/// Texts as pages have them.
enum PageText {
  /// A text between tags, or in an attribute.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.printable.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Lines between tags, their breaks kept.
  static func escapedLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escaped(String($0)) }.joined(separator: "\n")
  }

  /// A number with at most five digits that count.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "not a number" }
    if value.isInfinite { return value > 0 ? "∞" : "−∞" }
    if value == value.rounded(), value.magnitude < 1e9 { return String(Int(value)) }
    let exponent = Int(log10(value.magnitude).rounded(.down))
    guard (-4..<9).contains(exponent) else {
      let mantissa = value / pow(10, Double(exponent))
      return "\(number((mantissa * 1e4).rounded() / 1e4))e\(exponent)"
    }
    let scale = pow(10, Double(max(4 - exponent, 0)))
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
  }

  /// A count with gaps between thousands.
  static func count(_ count: Int) -> String {
    var (text, rest) = ("", String(count.magnitude)[...])
    while rest.utf8.count > 3 {
      text = "\u{202F}" + rest.suffix(3) + text
      rest = rest.dropLast(3)
    }
    return (count < 0 ? "−" : "") + rest + text
  }

  /// A time [s].
  static func seconds(_ seconds: Double) -> String {
    if seconds < 1 { return "\(number((seconds * 1e4).rounded() / 10)) ms" }
    if seconds < 120 { return "\(number((seconds * 10).rounded() / 10)) s" }
    let whole = Int(seconds.rounded())
    return whole < 7200
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  /// JSON as a script element has it: nothing in it ends the element.
  static func script(_ value: JSONValue) -> String {
    var text = ""
    for character in JSONWriter.compact(value).unicodeScalars {
      if character == "<" { text += "\\u003c" } else { text.unicodeScalars.append(character) }
    }
    return text
  }

  /// Bytes as text of 64 characters.
  static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let piece = bytes[start..<min(start + 3, bytes.count)]
      var group = piece.reduce(0) { $0 << 8 | Int($1) }
      group <<= 8 * (3 - piece.count)
      for index in 0..<4 {
        text.append(
          index > piece.count ? UInt8(ascii: "=") : letters[group >> (18 - 6 * index) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
