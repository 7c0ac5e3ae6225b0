import Foundation
import RandomPipelines
import Testing

/// NumPy's files: as much of them as tests read and write.
enum NPYFile {
  /// A float32 array in C order.
  static func float32(_ values: [Float], shape: [Int]) -> [UInt8] {
    ArrayFile(name: "", shape: shape, values: values).bytes
  }

  /// Everything before the data.
  static func file(descriptor: String, shape: [Int]) -> [UInt8] {
    ArrayFile(name: "", shape: shape, descriptor: descriptor, data: []).bytes
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

  /// Shape and values of an array.
  static func values(of path: String) throws -> (shape: [Int], values: [Double]) {
    let header = try header(of: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let start = bytes.count - header.dataCount
    let count = header.shape.reduce(1, *)
    let values = bytes.withUnsafeBytes { raw in
      (0..<count).map { index in
        switch header.dtype {
        case "uint8": Double(raw[start + index])
        case "uint16":
          Double(raw.loadUnaligned(fromByteOffset: start + 2 * index, as: UInt16.self))
        default: Double(raw.loadUnaligned(fromByteOffset: start + 4 * index, as: Float.self))
        }
      }
    }
    return (header.shape, values)
  }

  /// The identity of `count` rows.
  static func identity(_ count: Int) -> [Float] {
    (0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 }
  }
}
