/// Black pictures as PNG files that are far smaller than what they hold.
struct BlankPNG {
  var width: Int
  var height: Int
  var bitDepth = 8
  var isInterlaced = false
  /// Data of an eXIf chunk.
  var exif: [UInt8]?

  /// The whole file: RGB.
  var bytes: [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += Self.chunk(
      "IHDR",
      Self.word(width) + Self.word(height) + [UInt8(bitDepth), 2, 0, 0, isInterlaced ? 1 : 0])
    if let exif { file += Self.chunk("eXIf", exif) }
    return file + Self.chunk("IDAT", Self.zeros(byteCount)) + Self.chunk("IEND", [])
  }

  /// Bytes of all rows, each with the number of its filter, which is 0 as well.
  private var byteCount: Int {
    let whole = [Adam7.Pass(x: 0, y: 0, across: 1, down: 1)]
    return (isInterlaced ? Adam7.passes : whole).reduce(0) { sum, pass in
      let columns = (width - pass.x + pass.across - 1) / pass.across
      let rows = (height - pass.y + pass.down - 1) / pass.down
      return sum + rows * (1 + columns * 3 * bitDepth / 8)
    }
  }

  /// So many zeros as a zlib stream: one of them, and copies of what stands before.
  static func zeros(_ count: Int) -> [UInt8] {
    var bits = Bits(bytes: [0x78, 0x01])
    bits.append(0b011, count: 3)
    let (copies, rest) = (count - 1).quotientAndRemainder(dividingBy: 258)
    for _ in 0...rest { bits.append(0b0000_1100, count: 8) }
    // The code of length 258 and that of distance 1, each from its high bit on.
    for _ in 0..<copies { bits.append(0b0_0000_1010_0011, count: 13) }
    bits.append(0, count: 7)
    return bits.bytes + word((count % 65_521) << 16 | 1)
  }

  /// Bits from the lowest of each byte on.
  private struct Bits {
    private(set) var bytes: [UInt8]
    private var used = 8

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func append(_ word: Int, count: Int) {
      for place in 0..<count {
        if used == 8 {
          bytes.append(0)
          used = 0
        }
        bytes[bytes.count - 1] |= UInt8(word >> place & 1) << UInt8(used)
        used += 1
      }
    }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return word(content.count) + body + word(Int(PNGFile.checksum(body[...])))
  }

  private static func word(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(number >> $0 & 255) }
  }
}
