extension String {
  /// The text with what steers a terminal or hides from a reader written as escapes, so that a
  /// hostile file name can neither break a line nor pass for another.
  package var printable: String {
    guard unicodeScalars.contains(where: { $0.isUnseen || $0.escapedPathByte != nil }) else {
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
      } else if scalar.isUnseen {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether it acts rather than shows: a control, the end of a line or a paragraph, a change of
  /// writing direction, or something of no width.
  ///
  /// Joiners and variation selectors are part of how words and emoji are written, and are none.
  package var isUnseen: Bool {
    if value < 0x7F { return value < 0x20 }
    switch value {
    case 0x7F...0x9F, 0x2028, 0x2029, 0xFFF9...0xFFFB: return true
    default:
      return properties.isBidiControl
        || properties.isDefaultIgnorableCodePoint && !properties.isJoinControl
          && !properties.isVariationSelector
    }
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All hexadecimal digits, leading zeros kept.
  package var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.utf8.count) + digits
  }
}
