/// XXH64 with seed 0, as 16 hexadecimal digits: what `xxhsum -H64` prints, written once more so that
/// the command's own hash does not vouch for itself.
///
/// Source: the XXH64 part of the xxHash specification.
enum XXHash {
  private static let primes: [UInt64] = [
    0, 0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
  ]

  /// The digest of a text.
  static func digest(_ text: String) -> String { digest(Array(text.utf8)) }

  /// The digest of some bytes.
  static func digest(_ bytes: [UInt8]) -> String {
    let digits = String(bytes.withUnsafeBytes(hash), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let (p1, p2, p3, p4, p5) = (primes[1], primes[2], primes[3], primes[4], primes[5])
    func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    func round(_ sum: UInt64, _ word: UInt64) -> UInt64 {
      rotated(sum &+ word &* p2, 31) &* p1
    }
    var offset = 0
    var sum = p5
    if bytes.count >= 32 {
      var (a, b, c, d) = (p1 &+ p2, p2, 0 as UInt64, 0 &- p1)
      while offset + 32 <= bytes.count {
        a = round(a, word(offset))
        b = round(b, word(offset + 8))
        c = round(c, word(offset + 16))
        d = round(d, word(offset + 24))
        offset += 32
      }
      sum = rotated(a, 1) &+ rotated(b, 7) &+ rotated(c, 12) &+ rotated(d, 18)
      for lane in [a, b, c, d] { sum = (sum ^ round(0, lane)) &* p1 &+ p4 }
    }
    sum &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      sum = rotated(sum ^ round(0, word(offset)), 27) &* p1 &+ p4
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let half = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      sum = rotated(sum ^ UInt64(half) &* p1, 23) &* p2 &+ p3
      offset += 4
    }
    for byte in bytes[offset...] { sum = rotated(sum ^ UInt64(byte) &* p5, 11) &* p1 }
    sum = (sum ^ sum >> 33) &* p2
    sum = (sum ^ sum >> 29) &* p3
    return sum ^ sum >> 32
  }
}
