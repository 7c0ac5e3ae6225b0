import TesseraConfiguration
import TesseraCore

/// The header of a safetensors file: where the values of each tensor are.
///
/// Source: the format as the safetensors library defines it. Data follow each other without a gap.
package struct SafetensorsHeader: Hashable, Sendable {
  /// One array.
  package struct Tensor: Hashable, Sendable {
    package var name: String
    package var type: StoredType
    /// Sides, slowest first.
    package var shape: [Int]

    package init(_ name: String, _ type: StoredType, _ shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
    }

    /// Bytes of all values.
    package var byteCount: Int {
      shape.reduce(type.byteCount) { $0.saturating(times: $1) }
    }
  }

  /// The tensors in the order of their data.
  package var tensors: [Tensor]

  package init(_ tensors: [Tensor]) { self.tensors = tensors }

  /// The bytes before the data: the length of the text, and the text, with spaces after it so that
  /// data begin at a multiple of 8.
  ///
  /// - Parameter room: How many bytes there are at least, which `byteCount` of a header with larger
  ///   numbers has given.
  /// - Returns: The bytes.
  package func bytes(filling room: Int = 0) -> [UInt8] {
    var offset = 0
    let entries = tensors.map { tensor in
      let sides = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.byteCount
      defer { offset = end }
      return JSONWriter.quoted(tensor.name)
        + #":{"dtype":"\#(tensor.type.safetensorsName)","shape":[\#(sides)],"#
        + #""data_offsets":[\#(offset),\#(end)]}"#
    }
    var text = Array("{\(entries.joined(separator: ","))}".utf8)
    let whole = max((8 + text.count + 7) / 8 * 8, room)
    text += Array(repeating: UInt8(ascii: " "), count: whole - 8 - text.count)
    let length = UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text
  }

  /// Bytes before the data.
  package var byteCount: Int { bytes().count }
}

extension StoredType {
  /// What safetensors calls the type.
  package var safetensorsName: String {
    switch self {
    case .uint8: "U8"
    case .uint16: "U16"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .int32: "I32"
    case .int64: "I64"
    }
  }

  /// The type that safetensors calls so; `nil` where Tessera has no name for it.
  package init?(safetensorsName name: String) {
    guard let type = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = type
  }
}
