import TesseraCore

/// What a safetensors file calls the type of a tensor's values.
///
/// Source: the variants of `Dtype` in the safetensors library, 0.8.
struct SafetensorsType: Hashable {
  /// The name in the file.
  var name: String
  /// Bits that a value takes: several share a byte in some types.
  var bitCount: Int
  /// The same type as NumPy's files have it, where values turn into floats.
  var numpy: NPYType?

  /// The type of that name; `nil` where there is none.
  init?(_ name: String) {
    guard let type = Self.all[name] else { return nil }
    self = type
  }

  private init(_ name: String, _ bitCount: Int, _ numpy: String?) {
    self.name = name
    self.bitCount = bitCount
    self.numpy = name == "BF16" ? .bfloat16 : numpy.flatMap { NPYType($0) }
  }

  private static let all: [String: SafetensorsType] = {
    let types: [(String, Int, String?)] = [
      ("BOOL", 8, "|b1"), ("U8", 8, "|u1"), ("I8", 8, "|i1"), ("U16", 16, "<u2"),
      ("I16", 16, "<i2"), ("U32", 32, "<u4"), ("I32", 32, "<i4"), ("U64", 64, "<u8"),
      ("I64", 64, "<i8"), ("F16", 16, "<f2"), ("BF16", 16, nil), ("F32", 32, "<f4"),
      ("F64", 64, "<f8"), ("C64", 64, nil), ("F4", 4, nil), ("F6_E2M3", 6, nil),
      ("F6_E3M2", 6, nil), ("F8_E5M2", 8, nil), ("F8_E4M3", 8, nil), ("F8_E8M0", 8, nil),
      ("F8_E4M3FNUZ", 8, nil), ("F8_E5M2FNUZ", 8, nil),
    ]
    return Dictionary(
      uniqueKeysWithValues: types.map { ($0, SafetensorsType($0, $1, $2)) })
  }()
}
