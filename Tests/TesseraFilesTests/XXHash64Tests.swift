import Testing

@testable import TesseraFiles

struct XXHash64Tests {
  // python: xxhash.xxh64(bytes((i * 7 + 3) & 255 for i in range(n))).intdigest()
  static let vectors: [(Int, UInt64)] = [
    (0, 0xEF46_DB37_51D8_E999), (1, 0x1F25_C8D0_BC1F_4BB6), (3, 0x31D2_363F_52E5_64C9),
    (4, 0x9BB6_4B7D_66EE_9FDA), (8, 0xDAB9_9D95_C6F9_0092), (14, 0xC7F1_D4D0_ACFA_5A14),
    (31, 0xA2AA_5F33_CC4A_6119), (32, 0x23C3_C17E_F790_FD97), (33, 0x50A7_CFC7_BA58_8784),
    (63, 0x5E3E_54B4_31C7_493C), (64, 0x0EB6_4B3E_F6EE_B01F), (100, 0xA61F_8D4C_170F_E531),
    (1000, 0x5F23_5FA0_33F1_A3FB),
  ]

  @Test("equals the xxhash package", arguments: vectors)
  func vector(count: Int, expected: UInt64) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
    #expect(XXHash64.hash(bytes) == expected)
  }

  @Test("does not depend on how the bytes are cut", arguments: [1, 5, 31, 32, 33, 64, 999])
  func pieces(size: Int) {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
    var hash = XXHash64()
    for start in stride(from: 0, to: bytes.count, by: size) {
      bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { hash.update($0) }
    }
    #expect(hash.value == 0x5F23_5FA0_33F1_A3FB)
  }
}
