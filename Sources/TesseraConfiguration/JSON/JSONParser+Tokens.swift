import TesseraCore

extension JSONParser {
  /// Reads a number.
  package mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    let first = index
    _ = take("-")
    if take("0") {
      if isDigit { throw error(expected: "a number without a leading zero") }
    } else {
      try digits("a digit")
    }
    if take(".") { try digits("a digit after the decimal point") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits("a digit in the exponent")
    }
    return JSONNumber(text: String(decoding: bytes[first..<index], as: UTF8.self))
  }

  private var isDigit: Bool {
    guard let byte = current else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func digits(_ expected: String) throws(JSONSyntaxError) {
    guard isDigit else { throw error(expected: expected) }
    while isDigit { advance() }
  }
}

extension JSONParser {
  /// Reads a string, quotes included.
  package mutating func string() throws(JSONSyntaxError) -> String {
    let start = position
    advance()
    var text: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        advance()
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: Array(String(try escape()).utf8))
      case 0..<0x20:
        let isLineEnd = byte == 0x0A || byte == 0x0D
        throw error(
          expected: isLineEnd
            ? "a double quote that ends the string" : "an escape such as \\t inside a string")
      default:
        text.append(byte)
        advance()
      }
    }
    throw error(
      expected: "a double quote that ends the string begun at \(start.line):\(start.column)")
  }

  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position
    advance()
    guard let byte = current else { throw error(expected: "the rest of an escape") }
    if byte == UInt8(ascii: "u") { return try unicodeEscape(from: start) }
    guard let scalar = Self.escapes[byte] else {
      throw error(expected: "one of \" \\ / b f n r t u after a backslash")
    }
    advance()
    return scalar
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
    UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
    UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
  ]

  /// One scalar from `\u` and four hexadecimal digits, or from two of them that form a surrogate pair;
  /// half of one may be a byte of a file name, as ``JSONWriter`` writes those that are not text.
  private mutating func unicodeEscape(from start: SourcePosition) throws(JSONSyntaxError)
    -> Unicode.Scalar
  {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    if (0xDC80...0xDCFF).contains(high), let byte = Unicode.Scalar(0xEF00 | high & 0xFF) {
      return byte
    }
    if high < 0xDC00, take("\\"), current == UInt8(ascii: "u") {
      let low = try hexadecimal()
      if (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
    }
    throw JSONSyntaxError(
      position: start, expected: "a pair of surrogates, such as \\ud83d\\ude00",
      found: "half of one")
  }

  /// Reads the `u` and its four digits.
  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    advance()
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error(expected: "four hexadecimal digits after \\u")
      }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }
}
