/// Arrays as NumPy stores them.
enum ArrayBytes {
  static func file(
    _ descriptor: String, shape: [Int], isFortranOrder: Bool = false, _ values: [UInt8]
  ) -> [UInt8] {
    let sides = shape.map { "\($0), " }.joined()
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
      + "'shape': (\(sides)), }"
    header += String(repeating: " ", count: 127 - 10 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8) + values
  }

  /// The bytes of some words, the low one first, or turned.
  static func bytes<Word: FixedWidthInteger>(_ words: [Word], isBigEndian: Bool) -> [UInt8] {
    words.flatMap { word in
      withUnsafeBytes(of: isBigEndian ? word.bigEndian : word.littleEndian, Array.init)
    }
  }
}
