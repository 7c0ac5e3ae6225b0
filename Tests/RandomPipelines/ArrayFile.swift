/// A .npy file in the making, or a .safetensors file of one array.
package struct ArrayFile: Sendable {
  package var name: String
  package var shape: [Int]
  /// NumPy's name of the type.
  package var descriptor = "<f4"
  /// The values, little-endian, in C order.
  package var data: [UInt8]
  /// The array's name in a .safetensors file of floats; `nil` for a .npy file.
  package var tensor: String?

  package init(name: String, shape: [Int], descriptor: String, data: [UInt8]) {
    self.name = name
    self.shape = shape
    self.descriptor = descriptor
    self.data = data
  }

  package init(name: String, shape: [Int], values: [Float]) {
    self.init(
      name: name, shape: shape, descriptor: "<f4",
      data: values.flatMap { value in
        withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
      })
  }

  /// The whole file.
  package var bytes: [UInt8] {
    if let tensor {
      let sides = shape.map(String.init).joined(separator: ",")
      let text =
        "{\"\(tensor)\":{\"dtype\":\"F32\",\"shape\":[\(sides)],\"data_offsets\":[0,\(data.count)]}}"
      let count = text.utf8.count
      return [UInt8(count & 255), UInt8(count >> 8), 0, 0, 0, 0, 0, 0] + text.utf8 + data
    }
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(lengths)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let count = header.utf8.count
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + header.utf8
      + data
  }
}
