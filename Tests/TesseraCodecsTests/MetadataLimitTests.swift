import TesseraCodecs
import TesseraCore
import Testing

/// Metadata that are missing in part, or larger than they may be.
@Suite struct MetadataLimitTests {
  /// Exif data that turn an image, and bytes behind them.
  private func exif(byteCount: Int) -> [UInt8] {
    let entry: [UInt8] = [0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
    let start = Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
    return start + [UInt8](repeating: 0, count: byteCount - start.count)
  }

  @Test("Exif data of a PNG are read up to 1 MiB, and passed over with a warning beyond")
  func exif() throws {
    let folder = try TemporaryFolder()
    for (count, orientation) in [(1 << 20, 6), (1 << 20 + 1, 1)] {
      let path = try folder.write(PNGBytes.file([("eXIf", exif(byteCount: count))]), "a.png")
      let decoded = try decode(path)
      #expect(decoded.header.orientation == orientation)
      #expect((decoded.metadata.exif == nil) == (orientation == 1))
      #expect(decoded.report.warnings.contains { $0.hasPrefix("eXIf") } == (orientation == 1))
    }
  }

  @Test(
    "A profile of a PNG is inflated as far as memory is allowed, and left out beyond",
    arguments: [(1 << 20, true), (40 << 20, false)])
  func inflated(byteCount: Int, isKept: Bool) throws {
    let folder = try TemporaryFolder()
    let content = Array("a".utf8) + [0, 0] + ZeroProfile.compressed(byteCount: byteCount)
    let path = try folder.write(PNGBytes.file([("iCCP", content)]), "a.png")
    let decoded = try decode(path)
    #expect(decoded.metadata.icc?.count == (isKept ? byteCount : nil))
    #expect(decoded.report.warnings.contains { $0.contains("iCCP") } == !isKept)
  }

  @Test("A profile of a JPEG that lacks a part is left out, and not in silence", arguments: 1...3)
  func missingPart(_ part: Int) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let whole = folder.file("whole.jpg")
    let icc = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    try encode(
      noise(shape, .uint8),
      to: JPEGWriter(path: whole, shape: shape, metadata: ImageMetadata(icc: icc)))
    #expect(try decode(whole, failOn: .warning).metadata.icc == icc)
    var bytes = try readBytes(whole)
    let name = Array("ICC_PROFILE\0".utf8) + [UInt8(part), 3]
    let start = try #require(
      bytes.indices.first { bytes[$0] == 0xFF && bytes[($0 + 4)...].starts(with: name) })
    bytes.removeSubrange(start..<start + 2 + Int(bytes[start + 2]) << 8 + Int(bytes[start + 3]))
    let cut = try folder.write(bytes, "cut.jpg")
    let decoded = try decode(cut)
    #expect(decoded.metadata.icc == nil)
    #expect(decoded.report.warnings.contains { $0.contains("part \(part) of 3") })
    #expect(refusal(of: cut, failOn: .warning)?.kind == "warning")
  }
}

/// An RGB profile of a header, no tags and zeros, as a zlib stream far smaller than itself.
enum ZeroProfile {
  static func compressed(byteCount: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 132)
    header.replaceSubrange(0..<4, with: ArrayBytes.bytes([UInt32(byteCount)], isBigEndian: true))
    header.replaceSubrange(8..<12, with: [2, 0x10, 0, 0])
    header.replaceSubrange(12..<24, with: "mntrRGB XYZ ".utf8)
    header.replaceSubrange(36..<40, with: "acsp".utf8)
    header.replaceSubrange(68..<80, with: [0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D])
    let (matches, literals) = (byteCount - header.count - 1).quotientAndRemainder(dividingBy: 258)
    // A stored block with the header, then one of fixed codes: a zero, and copies of what is before.
    var bits = Bits(bytes: [0x78, 0x01, 0, 132, 0, 0x7B, 0xFF] + header)
    bits.append(0b011, count: 3)
    for _ in 0...literals { bits.append(0b0000_1100, count: 8) }
    // Length 258 is symbol 285, whose code is 11000101 from its high bit on; distance 1 is 00000.
    for _ in 0..<matches { bits.append(0b0_0000_1010_0011, count: 13) }
    bits.append(0, count: 7)
    var (low, high) = (1, 0)
    for byte in header {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    high = (high + low * ((byteCount - header.count) % 65_521)) % 65_521
    return bits.bytes
      + ArrayBytes.bytes([UInt32(high << 16 | low)], isBigEndian: true)
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
}
