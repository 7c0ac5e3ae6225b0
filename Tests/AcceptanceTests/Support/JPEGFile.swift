/// JPEG files, as far as their markers tell.
enum JPEGFile {
  struct Mistake: Error {}

  /// Channels, height and width: those of the frame header.
  static func shape(of bytes: [UInt8]) throws -> [Int] {
    let frame = try segments(of: bytes).first { 0xC0...0xC2 ~= $0.marker }
    guard let content = frame?.content, content.count > 5, content[0] == 8 else { throw Mistake() }
    let (height, width) = (
      Int(content[1]) << 8 | Int(content[2]), Int(content[3]) << 8 | Int(content[4])
    )
    return [Int(content[5]), height, width]
  }

  /// Markers before the first scan, with their data.
  static func segments(of bytes: [UInt8]) throws -> [(marker: UInt8, content: [UInt8])] {
    guard bytes.starts(with: [0xFF, 0xD8]), bytes.suffix(2) == [0xFF, 0xD9] else {
      throw Mistake()
    }
    var segments: [(marker: UInt8, content: [UInt8])] = []
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF, bytes[offset + 1] != 0xDA {
      let end = offset + 2 + (Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3]))
      guard end <= bytes.count, end >= offset + 4 else { throw Mistake() }
      segments.append((bytes[offset + 1], Array(bytes[offset + 4..<end])))
      offset = end
    }
    return segments
  }
}
