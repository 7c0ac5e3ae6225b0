extension String {
  /// The text with control characters written as escapes, so that a hostile file name can neither
  /// break a line nor steer a terminal.
  package var printable: String {
    guard unicodeScalars.contains(where: { $0.isControl || $0.escapedPathByte != nil }) else {
      return self
    }
    var text = ""
    for scalar in unicodeScalars {
      if let byte = scalar.escapedPathByte {
        text += "\\x" + byte.hexadecimal
      } else if scalar == "\n" {
        text += "\\n"
      } else if scalar == "\t" {
        text += "\\t"
      } else if scalar.isControl {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether it is a control or a change of writing direction rather than something to read.
  fileprivate var isControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All hexadecimal digits, leading zeros kept.
  package var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.utf8.count) + digits
  }
}
