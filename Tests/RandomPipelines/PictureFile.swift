/// A PNG file written by the specification alone: not interlaced, not filtered, not compressed.
enum PictureFile {
  /// The whole file.
  ///
  /// - Parameters:
  ///   - rows: Rows of interleaved channels; 16 bits as big-endian words.
  ///   - height: The number of rows.
  ///   - width: Pixels of a row.
  ///   - channels: 1, 2, 3 or 4.
  ///   - bitDepth: 8 or 16.
  /// - Returns: The bytes of the file.
  static func png(
    rows: [UInt8], height: Int, width: Int, channels: Int, bitDepth: Int
  ) -> [UInt8] {
    let kinds: [UInt8] = [0, 0, 4, 2, 6]
    let rowBytes = rows.count / height
    let filtered = (0..<height).flatMap { [0] + rows[$0 * rowBytes..<($0 + 1) * rowBytes] }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk(
        "IHDR", big(width) + big(height) + [UInt8(bitDepth), kinds[channels], 0, 0, 0])
      + chunk("IDAT", stored(filtered))
      + chunk("IEND", [])
  }

  private static func big(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(number).bigEndian, Array.init)
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = name.utf8 + content
    return big(content.count) + body + big(Int(checksum(body)))
  }

  /// A zlib stream of blocks that are stored as they are.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: bytes.count, by: 65_535) {
      let block = bytes[start..<min(start + 65_535, bytes.count)]
      let isLast = start + block.count == bytes.count
      let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
      stream += [isLast ? 1 : 0, low, high, ~low, ~high] + block
    }
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + big(b << 16 | a)
  }

  private static let remainders = (0..<256).map { value -> UInt32 in
    (0..<8).reduce(UInt32(value)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }
}
