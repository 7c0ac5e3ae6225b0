import Foundation

/// A PNG file read by the specification alone, so that no decoder under test vouches for itself.
///
/// Gray, RGB, gray + alpha and RGBA of 8 or 16 bits without interlacing: what Tessera writes.
struct PNGFile {
  enum Mistake: Error { case signature, chunk(String), checksum(String), kind, rows }

  /// What stands in IHDR.
  struct Header {
    let width: Int
    let height: Int
    let channels: Int
    let bitDepth: Int

    init(_ file: [UInt8]) throws {
      guard file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
        throw Mistake.signature
      }
      guard file.count > 33, file[12..<16].elementsEqual("IHDR".utf8),
        let channels = [0: 1, 2: 3, 4: 2, 6: 4][file[25]], [8, 16].contains(file[24]),
        file[26..<29] == [0, 0, 0]
      else { throw Mistake.kind }
      width = PNGFile.number(file[16..<20])
      height = PNGFile.number(file[20..<24])
      self.channels = channels
      bitDepth = Int(file[24])
    }
  }

  let header: Header
  /// Rows from top to bottom, channels interleaved, 16 bits as big-endian words.
  let pixels: [UInt8]
  /// The data of the other chunks, by their names.
  let chunks: [String: [UInt8]]

  init(_ path: String) throws {
    try self.init([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  init(_ bytes: [UInt8]) throws {
    header = try Header(bytes)
    let data: [UInt8]
    (chunks, data) = try Self.chunks(of: bytes)
    let step = header.channels * header.bitDepth / 8
    let rowBytes = header.width * step
    let rows = try Inflate.zlib(data)
    guard rows.count == header.height * (rowBytes + 1) else { throw Mistake.rows }
    pixels = try Self.unfiltered(rows, height: header.height, rowBytes: rowBytes, step: step)
  }

  fileprivate static func number(_ bytes: some Collection<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  private static func chunks(of bytes: [UInt8]) throws -> ([String: [UInt8]], data: [UInt8]) {
    var chunks: [String: [UInt8]] = [:]
    var data: [UInt8] = []
    var offset = 8
    while chunks["IEND"] == nil {
      guard offset + 12 <= bytes.count else { throw Mistake.chunk("end") }
      let length = number(bytes[offset..<offset + 4])
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      let end = offset + 8 + length
      guard end + 4 <= bytes.count else { throw Mistake.chunk(name) }
      guard number(bytes[end..<end + 4]) == Int(checksum(bytes[offset + 4..<end])) else {
        throw Mistake.checksum(name)
      }
      let content = Array(bytes[offset + 8..<end])
      if name == "IDAT" { data += content } else { chunks[name] = content }
      offset = end + 4
    }
    guard offset == bytes.count else { throw Mistake.chunk("after IEND") }
    return (chunks, data)
  }

  private static let remainders = (0..<256).map { value -> UInt32 in
    (0..<8).reduce(UInt32(value)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }

  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { remainders[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  private static func unfiltered(
    _ rows: [UInt8], height: Int, rowBytes: Int, step: Int
  ) throws -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(height * rowBytes)
    for row in 0..<height {
      let start = row * (rowBytes + 1)
      let filter = rows[start]
      for column in 0..<rowBytes {
        let place = row * rowBytes + column
        let left = column < step ? 0 : result[place - step]
        let above = row == 0 ? 0 : result[place - rowBytes]
        let corner = row == 0 || column < step ? 0 : result[place - rowBytes - step]
        let predicted: UInt8
        switch filter {
        case 0: predicted = 0
        case 1: predicted = left
        case 2: predicted = above
        case 3: predicted = UInt8((Int(left) + Int(above)) / 2)
        case 4: predicted = paeth(left, above, corner)
        default: throw Mistake.rows
        }
        result.append(rows[start + 1 + column] &+ predicted)
      }
    }
    return result
  }

  private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
    let estimate = Int(left) + Int(above) - Int(corner)
    let distances = [left, above, corner].map { abs(estimate - Int($0)) }
    if distances[0] <= distances[1], distances[0] <= distances[2] { return left }
    return distances[1] <= distances[2] ? above : corner
  }
}

/// FNV-1a of 64 bits, as 16 hexadecimal digits.
func digest(_ bytes: [UInt8]) -> String {
  let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
