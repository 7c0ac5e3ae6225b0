/// Reads the Python dictionary in an .npy header: three keys, in any order.
struct NPYHeaderParser {
  struct Entries {
    var descriptor = ""
    var isFortranOrder = false
    var shape: [Int] = []
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func entries() throws(CodecError) -> Entries {
    var descriptor: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !skip("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr":
        if peek() == UInt8(ascii: "[") {
          throw .unsupported(.npy, "a structured array; save one field, such as a['name']")
        }
        descriptor = try string()
      case "fortran_order": isFortranOrder = try boolean()
      case "shape": shape = try tuple()
      default: throw .malformed(.npy, "the header has an unknown key '\(NPYFix.short(key))'")
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    guard let descriptor else { throw .malformed(.npy, "the header has no key 'descr'") }
    guard let isFortranOrder else {
      throw .malformed(.npy, "the header has no key 'fortran_order'")
    }
    guard let shape else { throw .malformed(.npy, "the header has no key 'shape'") }
    return Entries(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func peek() -> UInt8? {
    while position < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[position]) { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CodecError) {
    guard skip(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ expected: String) -> CodecError {
    let found =
      position < text.count ? "byte \(text[position])" : "its end"
    return .malformed(
      .npy, "expected \(expected) at byte \(position) of the header, found \(found)")
  }

  private mutating func string() throws(CodecError) -> String {
    guard let quote = peek(), [0x27, 0x22].contains(quote) else { throw unexpected("a string") }
    let start = position + 1
    guard let end = text[start...].firstIndex(of: quote) else { throw unexpected("a string") }
    position = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(CodecError) -> Bool {
    _ = peek()
    for (word, value) in [("True", true), ("False", false)] {
      if text[position...].starts(with: word.utf8) {
        position += word.utf8.count
        return value
      }
    }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(CodecError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !skip(")") {
      values.append(try integer())
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return values
  }

  private mutating func integer() throws(CodecError) -> Int {
    _ = peek()
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Int(digits) else {
      position = start
      throw unexpected("a number of at most \(Int.max)")
    }
    // Python 2 wrote long integers with a letter.
    _ = skip("L")
    return value
  }
}
