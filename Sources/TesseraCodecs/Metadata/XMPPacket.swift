/// The orientation in an XMP packet: the attribute or the element `tiff:Orientation`.
///
/// Only tags, attributes and namespaces are told apart, in one pass; comments, instructions and
/// character data in between are passed over. Whatever else is wrong with the packet does not matter.
struct XMPPacket {
  /// How the image is to be turned, 1…8; `nil` where the packet does not say.
  private(set) var orientation: Int?
  /// What is wrong with it.
  private(set) var complaint: String?

  private static let namespace = Array("http://ns.adobe.com/tiff/1.0/".utf8)
  private let bytes: [UInt8]
  private var position = 0
  /// What stands for the namespace; "tiff" does where a packet forgets to say so.
  private var prefixes: Set<[UInt8]> = [Array("tiff".utf8)]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    while orientation == nil, complaint == nil, skip(past: "<") { readTag() }
  }

  private mutating func readTag() {
    if follows("!--") {
      _ = skip(past: "-->")
    } else if follows("![CDATA[") {
      _ = skip(past: "]]>")
    } else if follows("?") {
      _ = skip(past: "?>")
    } else if follows("!") || follows("/") {
      _ = skip(past: ">")
    } else {
      readStart()
    }
  }

  /// Reads a start tag, and the text behind it where that is the orientation.
  private mutating func readStart() {
    let name = take { !Self.ends($0) }
    var found: (name: [UInt8], value: [UInt8])?
    while true {
      _ = take { Self.isSpace($0) || $0 == UInt8(ascii: "/") }
      guard position < bytes.count, bytes[position] != UInt8(ascii: ">") else { break }
      let key = take { !Self.ends($0) && $0 != UInt8(ascii: "=") }
      _ = take { Self.isSpace($0) || $0 == UInt8(ascii: "=") }
      guard position < bytes.count else { return }
      let quote = bytes[position]
      position += 1
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { continue }
      let value = take { $0 != quote }
      guard position < bytes.count else { return }
      position += 1
      if key.starts(with: "xmlns".utf8), value == Self.namespace {
        prefixes.insert(Array(key.dropFirst(6)))
      }
      if Self.local(key).elementsEqual("Orientation".utf8) { found = (key, value) }
    }
    if let found, found.name.contains(UInt8(ascii: ":")), isTIFF(found.name) {
      return read(found.value)
    }
    guard Self.local(name).elementsEqual("Orientation".utf8), isTIFF(name),
      position < bytes.count, bytes[position - 1] != UInt8(ascii: "/")
    else { return }
    position += 1
    read(take { $0 != UInt8(ascii: "<") })
  }

  private mutating func read(_ text: [UInt8]) {
    let digits = text.drop { Self.isSpace($0) }.reversed().drop { Self.isSpace($0) }.reversed()
    guard let digit = digits.first, digits.count == 1,
      (UInt8(ascii: "1")...UInt8(ascii: "8")).contains(digit)
    else {
      complaint = "XMP: the orientation is not a number of 1…8"
      return
    }
    orientation = Int(digit - UInt8(ascii: "0"))
  }

  private func isTIFF(_ name: [UInt8]) -> Bool {
    prefixes.contains(Array(name.dropLast(Self.local(name).count).dropLast()))
  }

  private mutating func take(while isPart: (UInt8) -> Bool) -> [UInt8] {
    let start = position
    while position < bytes.count, isPart(bytes[position]) { position += 1 }
    return Array(bytes[start..<position])
  }

  private func follows(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  /// Goes behind the next place of some text; `false` where there is none.
  private mutating func skip(past text: String) -> Bool {
    while position < bytes.count {
      if follows(text) {
        position += text.utf8.count
        return true
      }
      position += 1
    }
    return false
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }

  private static func ends(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
  }

  /// A name without its prefix.
  private static func local(_ name: [UInt8]) -> ArraySlice<UInt8> {
    name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name[...]
  }
}
