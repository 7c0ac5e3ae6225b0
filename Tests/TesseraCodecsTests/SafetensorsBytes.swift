/// Safetensors files, right and wrong.
enum SafetensorsBytes {
  /// A file with a header and the bytes after it.
  ///
  /// - Parameters:
  ///   - text: The header.
  ///   - values: How many bytes of values follow: 0, 1, 2 …
  ///   - length: What stands for the length of the header; `nil` is the right one.
  /// - Returns: The bytes.
  static func file(_ text: String, values: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(text.utf8)
    let length = length ?? UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text
      + (0..<values).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// What a header says of a tensor.
  static func entry(
    _ name: String, _ dtype: String = "U8", _ shape: String = "[2]", _ offsets: String = "[0,2]"
  ) -> String {
    #""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }
}
