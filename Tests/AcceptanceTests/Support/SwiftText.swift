/// The text of a Swift file taken apart: code without comments, and what stands between quotes.
struct SwiftText {
  /// Names and numbers of the code in order, those of interpolations too.
  private(set) var words: Set<String> = []
  /// The strings as they are written, escapes and all; an interpolation leaves nothing.
  private(set) var literals: [String] = []

  private let bytes: [UInt8]
  private var position = 0
  private var word: [UInt8] = []

  init(_ text: String) {
    bytes = Array(text.utf8)
    readCode(toParenthesis: false)
    endWord()
  }

  /// Code up to the end, or up to the parenthesis that closes an interpolation.
  private mutating func readCode(toParenthesis: Bool) {
    var depth = 0
    while position < bytes.count {
      if skip("//") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      } else if skip("/*") {
        readComment()
      } else if let marks = openingMarks() {
        endWord()
        readString(marks: marks)
      } else {
        let byte = bytes[position]
        if toParenthesis, byte == UInt8(ascii: ")"), depth == 0 { return endWord() }
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        if Self.isOfWord(byte) { word.append(byte) } else { endWord() }
        position += 1
      }
    }
  }

  private mutating func readComment() {
    var depth = 1
    while depth > 0, position < bytes.count {
      if skip("/*") { depth += 1 } else if skip("*/") { depth -= 1 } else { position += 1 }
    }
  }

  /// How many `#` stand before the quote that begins here; `nil` where no string begins.
  private func openingMarks() -> Int? {
    var end = position
    while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
    return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - position : nil
  }

  private mutating func readString(marks: Int) {
    let hashes = String(repeating: "#", count: marks)
    position += marks
    let quote = skip("\"\"\"") ? "\"\"\"" : "\""
    if quote == "\"" { position += 1 }
    var text: [UInt8] = []
    while position < bytes.count, !skip(quote + hashes) {
      if skip("\\\(hashes)(") {
        readCode(toParenthesis: true)
      } else if starts("\\\(hashes)"), position + marks + 1 < bytes.count {
        text += bytes[position..<position + marks + 2]
        position += marks + 1
      } else {
        text.append(bytes[position])
      }
      position += 1
    }
    literals.append(String(decoding: text, as: UTF8.self))
  }

  private mutating func endWord() {
    if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
    word = []
  }

  private func starts(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func skip(_ text: String) -> Bool {
    guard starts(text) else { return false }
    position += text.utf8.count
    return true
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}
