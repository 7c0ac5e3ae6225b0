/// Finds the first byte that is not part of well-formed UTF-8.
package enum UTF8Check {
  /// Throws where the bytes are not UTF-8; the error counts characters up to the bad one.
  package static func validate(_ bytes: [UInt8], origin: SourcePosition.Origin)
    throws(JSONSyntaxError)
  {
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      guard let length = scalarLength(bytes, at: index) else {
        throw JSONSyntaxError(
          position: position(of: index, in: bytes, origin: origin), expected: "UTF-8 text",
          found: found(at: index, in: bytes))
      }
      index += length
    }
  }

  /// Bytes of the scalar that begins at `index`, per table 3-7 of the Unicode Standard.
  private static func scalarLength(_ bytes: [UInt8], at index: Int) -> Int? {
    let second: ClosedRange<UInt8>
    let length: Int
    switch bytes[index] {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    default: return nil
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
    for byte in bytes[(index + 2)..<max(index + 2, index + length)]
    where !(0x80...0xBF).contains(byte) {
      return nil
    }
    return length
  }

  private static func position(
    of index: Int, in bytes: [UInt8], origin: SourcePosition.Origin
  ) -> SourcePosition {
    var position = SourcePosition(origin: origin, line: 1, column: 1)
    for byte in bytes[..<index] {
      if byte == UInt8(ascii: "\n") {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
    return position
  }

  private static func found(at index: Int, in bytes: [UInt8]) -> String {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return "UTF-16 (save the file as UTF-8)"
    }
    return "the byte 0x" + String(bytes[index], radix: 16, uppercase: true)
  }
}
