import TesseraCore

extension SafetensorsFile {
  /// Reads the values of a tensor as floats, which must hold each of them exactly.
  ///
  /// - Parameters:
  ///   - tensor: One of this file.
  ///   - maxValues: A larger tensor is refused before memory is taken, and so is one for which the
  ///     system has none.
  /// - Returns: The values in C order, with the tensor's shape.
  /// - Throws: `CodecError`.
  package func array(of tensor: Tensor, maxValues: Int = 1 << 28) throws(CodecError) -> NPYArray {
    let name = SafetensorsFile.quoted(tensor.name)
    guard let type = SafetensorsType(tensor.typeName), let numpy = type.numpy else {
      throw .unsupported(
        .safetensors,
        "tensor \(name) has values of type \(tensor.typeName), which are not read; save it with "
          + "tensor.to(torch.float32)")
    }
    guard tensor.valueCount <= maxValues else {
      throw .overLimit(
        .safetensors, "tensor \(name) has \(tensor.valueCount) values, more than \(maxValues)")
    }
    try CodecError.checkMemory(forFloats: tensor.valueCount, of: .safetensors)
    var values = [Float](repeating: 0, count: tensor.valueCount)
    let held = try open.forEachPiece(
      of: tensor.valueCount, size: type.bitCount / 8, at: tensor.byteOffset
    ) { (base, places) throws(CodecError) in
      guard let inexact = NPYValues(type: numpy, base: base).copyFloats(to: &values, places) else {
        return
      }
      throw .unsupported(
        .safetensors,
        "tensor \(name): the value \(inexact.text) of type \(type.name) is "
          + (inexact.isTooLarge ? "too large for" : "not exact in")
          + " float32; save the tensor with tensor.to(torch.float32)")
    }
    guard held == tensor.byteCount else {
      throw .truncated(.safetensors, "the file became shorter while it was read")
    }
    return NPYArray(shape: tensor.shape, values: values)
  }
}
