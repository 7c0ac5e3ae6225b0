import TesseraCore
import TesseraFiles

extension StoredArray {
  /// Reads the header of a safetensors file.
  ///
  /// - Parameter source: the file, or the part of one that it is.
  /// - Returns: its tensors by name, without those of types that values do not flow from.
  /// - Throws: `CodecError`.
  package static func safetensors(
    _ source: ByteSource
  ) throws(CodecError) -> [String: StoredArray] {
    var arrays: [String: StoredArray] = [:]
    for tensor in try SafetensorsFile(source).tensors {
      guard let type = NPYType(safetensorsName: tensor.typeName) else { continue }
      arrays[tensor.name] = StoredArray(
        source: source, offset: tensor.byteOffset, shape: tensor.shape, format: .safetensors,
        type: type)
    }
    return arrays
  }
}

extension NPYType {
  fileprivate init?(safetensorsName name: String) {
    guard let type = SafetensorsType(name)?.numpy, type.elementType != nil else { return nil }
    self = type
  }
}
