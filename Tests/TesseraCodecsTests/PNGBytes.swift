import Testing

/// PNG files with more chunks than their encoder gave them.
enum PNGBytes {
  /// CRC-32 of every byte.
  private static let remainders = (0..<256 as Range<UInt32>).map { byte in
    (0..<8).reduce(byte) { crc, _ in crc >> 1 ^ (crc & 1) * 0xEDB8_8320 }
  }

  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    var crc = ~0 as UInt32
    for byte in body { crc = crc >> 8 ^ remainders[Int((crc ^ UInt32(byte)) & 255)] }
    return ArrayBytes.bytes([UInt32(content.count)], isBigEndian: true) + body
      + ArrayBytes.bytes([~crc], isBigEndian: true)
  }

  /// A file of the corpus, with chunks before its pixels and others behind them.
  static func file(
    _ chunks: [(String, [UInt8])] = [], late: [(String, [UInt8])] = [],
    of name: String = "basic-n2-08"
  ) throws -> [UInt8] {
    let file = try Corpus.bytes("png/\(name).png")
    var result = Array(file[..<33])
    for (name, content) in chunks { result += chunk(name, content) }
    result += file[33..<file.count - 12]
    for (name, content) in late { result += chunk(name, content) }
    return result + file.suffix(12)
  }

  /// The chunks of a file, but for the pixels.
  static func chunks(of file: [UInt8]) throws -> [(name: String, content: [UInt8])] {
    var chunks: [(String, [UInt8])] = []
    var offset = 33
    while offset < file.count {
      let count = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: file[offset + 4..<offset + 8], as: UTF8.self)
      let content = Array(file[offset + 8..<offset + 8 + count])
      if name != "IDAT", name != "IEND" { chunks.append((name, content)) }
      offset += 12 + count
    }
    return chunks
  }

  /// A zlib stream of stored blocks.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    for first in stride(from: 0, through: bytes.count, by: 65_535) {
      let block = bytes[first..<min(first + 65_535, bytes.count)]
      let count = UInt16(block.count)
      stream += [first + 65_535 > bytes.count ? 1 : 0]
      stream += ArrayBytes.bytes([count, ~count], isBigEndian: false) + block
    }
    var (low, high) = (1, 0)
    for byte in bytes {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return stream + ArrayBytes.bytes([UInt32(high << 16 | low)], isBigEndian: true)
  }
}
