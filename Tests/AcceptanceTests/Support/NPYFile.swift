import Foundation
import Testing

/// NumPy's files: as much of them as tests read and write.
enum NPYFile {
  /// A float32 array in C order.
  static func float32(_ values: [Float], shape: [Int]) -> [UInt8] {
    file(descriptor: "<f4", shape: shape)
      + values.flatMap { value in
        withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
      }
  }

  /// Everything before the data.
  static func file(descriptor: String, shape: [Int]) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(lengths)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let count = header.utf8.count
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + header.utf8
  }

  /// Shape, NumPy's name of the type, and the number of bytes of data.
  static func header(of path: String) throws -> (shape: [Int], dtype: String, dataCount: Int) {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try #require(bytes.starts(with: [0x93] + "NUMPY".utf8 + [1, 0]))
    let count = Int(bytes[8]) + 256 * Int(bytes[9])
    let header = String(decoding: bytes[10..<10 + count], as: UTF8.self)
    #expect((10 + count) % 64 == 0 && header.contains("'fortran_order': False"))
    let shape = try #require(header.firstMatch(of: #/'shape': \(([0-9, ]*)\)/#)).1
    let type = try #require(header.firstMatch(of: #/'descr': '([^']*)'/#)).1
    let names = ["<f4": "float32", "|u1": "uint8", "<u2": "uint16"]
    return (
      shape.split { $0 == "," || $0 == " " }.compactMap { Int($0) },
      try #require(names[String(type)]), bytes.count - 10 - count
    )
  }

  /// The values of a float32 array in C order.
  static func floats(in path: String) throws -> [Float] {
    let header = try header(of: path)
    try #require(header.dtype == "float32")
    let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))).suffix(header.dataCount)
    return stride(from: data.startIndex, to: data.endIndex, by: 4).map { place in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(data[place + $1]) << (8 * $1) })
    }
  }

  /// The values of an array of bytes or 16-bit words in C order.
  static func integers(in path: String) throws -> [Int] {
    let header = try header(of: path)
    let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))).suffix(header.dataCount)
    if header.dtype == "uint8" { return data.map { Int($0) } }
    try #require(header.dtype == "uint16")
    return stride(from: data.startIndex, to: data.endIndex, by: 2).map {
      Int(data[$0]) | Int(data[$0 + 1]) << 8
    }
  }

  /// The identity of `count` rows.
  static func identity(_ count: Int) -> [Float] {
    (0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 }
  }
}
