import TesseraCodecs
import TesseraCore
import Testing

/// Stored values of every type, on their way to floats.
@Suite struct NPYValuesTests {
  /// A type, and words whose highest bit tells signed from unsigned.
  static let integers: [(name: String, words: [UInt64], bits: Int, values: [Float])] = [
    ("i1", [0xFF, 0x80, 5], 8, [-1, -128, 5]), ("u1", [0xFF, 0x80, 5], 8, [255, 128, 5]),
    ("i2", [0xFFFF, 0x8000, 0x102], 16, [-1, -32_768, 258]),
    ("u2", [0xFFFF, 0x8000, 0x102], 16, [65_535, 32_768, 258]),
    ("i4", [0xFFFF_FF00, 0x8000_0000, 0x1_0203], 32, [-256, -0x1p31, 66_051]),
    ("u4", [0xFFFF_FF00, 0x8000_0000, 0x1_0203], 32, [4_294_967_040, 0x1p31, 66_051]),
    (
      "i8", [0xFFFF_FF00_0000_0000, 0x8000_0000_0000_0000, 0x1_0203], 64,
      [-0x1p40, -0x1p63, 66_051]
    ),
    (
      "u8", [0xFFFF_FF00_0000_0000, 0x8000_0000_0000_0000, 0x1_0203], 64,
      [0x1.FFFFFEp63, 0x1p63, 66_051]
    ),
  ]

  private func load(_ file: [UInt8]) throws -> NPYArray {
    let folder = try TemporaryFolder()
    return try NPYArray.load(path: folder.write(file, "a.npy"))
  }

  @Test("Integers of every size keep their sign, in both orders of bytes", arguments: integers)
  func signs(_ name: String, words: [UInt64], bits: Int, values: [Float]) throws {
    for isBigEndian in [false, true] {
      let bytes: [UInt8] =
        switch bits {
        case 8: words.map { UInt8($0) }
        case 16: ArrayBytes.bytes(words.map { UInt16($0) }, isBigEndian: isBigEndian)
        case 32: ArrayBytes.bytes(words.map { UInt32($0) }, isBigEndian: isBigEndian)
        default: ArrayBytes.bytes(words, isBigEndian: isBigEndian)
        }
      let file = ArrayBytes.file((isBigEndian ? ">" : "<") + name, shape: [3], bytes)
      #expect(try load(file) == NPYArray(shape: [3], values: values))
    }
  }

  @Test(
    "An integer that no float holds is refused, whatever its sign",
    arguments: [("<i4", 0xFEFF_FFFF), ("<u4", 0x0100_0001)] as [(String, UInt32)])
  func inexact(_ type: String, word: UInt32) throws {
    let bytes = ArrayBytes.bytes([word], isBigEndian: false)
    #expect(throws: CodecError.self) { try load(ArrayBytes.file(type, shape: [1], bytes)) }
  }

  /// Two words of 64 bits, as an image of one row.
  private func rounded(
    _ type: String, _ words: [UInt64], _ rounds: Bool = true
  ) throws -> [Float] {
    let folder = try TemporaryFolder()
    let bytes = ArrayBytes.bytes(words, isBigEndian: type.hasPrefix(">"))
    let file = try folder.write(
      ArrayBytes.file(type, shape: [1, words.count], bytes), "a.npy")
    return try decode(file) { $0.roundsArrays = rounds }.pixels.values(as: Float.self)
  }

  @Test("Rounding goes to the nearest float at once, ties to even, where it is allowed")
  func rounding() throws {
    // 2⁵³ + 1 lies between doubles: by way of one of them the tie would be lost.
    let words: [UInt64] = [0x0100_0001, 0x0100_0003, 0x0020_0000_2000_0001, 0x7FFF_FFFF_FFFF_FFFF]
    let values: [Float] = [0x1p24, 0x1.000004p24, 0x1.000002p53, 0x1p63]
    for type in ["<i8", ">i8", "<u8"] {
      #expect(try rounded(type, words) == values)
      #expect(throws: CodecError.self) { try rounded(type, words, false) }
    }
    let doubles = [0.1, -0.3, .infinity, 1e-300].map(\.bitPattern)
    #expect(try rounded("<f8", doubles) == [0.1, -0.3, .infinity, 0])
    let error = #expect(throws: CodecError.self) { try rounded("<f8", [1e300.bitPattern, 0]) }
    #expect(error?.description.contains("too large") == true)
  }

  @Test("Halves are exact: subnormal, infinite and no numbers too")
  func halves() throws {
    let words: [UInt16] = [0x3C00, 0x7BFF, 0x0400, 0x0001, 0x83FF, 0x8000, 0x7C00, 0xFC00, 0x7E00]
    let values: [Float] = [
      1, 65_504, 0x1p-14, 0x1p-24, -1023 * 0x1p-24, -0.0, .infinity, -.infinity, .nan,
    ]
    for isBigEndian in [false, true] {
      let bytes = ArrayBytes.bytes(words, isBigEndian: isBigEndian)
      let array = try load(
        ArrayBytes.file(isBigEndian ? ">f2" : "<f2", shape: [words.count], bytes))
      for (found, value) in zip(array.values, values) {
        #expect(found == value || found.isNaN && value.isNaN, "\(value)")
        #expect(found.sign == value.sign, "\(value)")
      }
      #expect(array.values.count == values.count)
    }
  }

  @Test("Three axes in Fortran order come back in C order")
  func fortran() throws {
    let shape = [2, 3, 4]
    var stored: [UInt8] = []
    for z in 0..<4 {
      for y in 0..<3 { for x in 0..<2 { stored.append(UInt8((x * 3 + y) * 4 + z)) } }
    }
    let file = ArrayBytes.file("|u1", shape: shape, isFortranOrder: true, stored)
    #expect(try load(file) == NPYArray(shape: shape, values: (0..<24).map(Float.init)))
  }

  @Test("Bytes behind an array are told of, and refused where warnings are")
  func trailing() throws {
    let folder = try TemporaryFolder()
    let file = ArrayBytes.file("|u1", shape: [2, 3], [1, 2, 3, 4, 5, 6])
    let longer = try folder.write(file + [7], "longer.npy")
    let report = try decode(longer).report
    #expect(report.warnings.count == 1 && !report.isPartial)
    #expect(report.warnings.first?.contains("goes on after the array") == true)
    #expect(refusal(of: longer, failOn: .warning)?.kind == "warning")
    #expect(try decode(folder.write(file, "whole.npy"), failOn: .warning).report.warnings == [])
  }
}
