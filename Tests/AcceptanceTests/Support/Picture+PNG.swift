extension Picture {
  /// What can be wrong at the end of a file, behind the last row.
  enum Damage: String, CaseIterable, Sendable {
    case lastChecksum, adler, noEnd
  }

  /// A PNG file of the picture.
  ///
  /// - Parameters:
  ///   - exif: data of an eXIf chunk before the pixels.
  ///   - trailingExif: data of one behind them.
  ///   - density: pixels per metre.
  ///   - pieces: chunks that the pixels are spread over.
  ///   - isInterlaced: whether the pixels come in the seven passes of Adam7.
  ///   - colorType: the number of the colour type, where it is not that of so many channels.
  ///   - chunks: names and data of chunks before the pixels.
  ///   - damage: what is wrong with it.
  /// - Returns: all bytes of the file.
  func png(
    exif: [UInt8]? = nil, trailingExif: [UInt8]? = nil, density: (x: Int, y: Int)? = nil,
    pieces: Int = 1, isInterlaced: Bool = false, colorType: UInt8? = nil,
    chunks: [(name: String, content: [UInt8])] = [],
    damage: Damage? = nil
  ) -> [UInt8] {
    let types: [Int: UInt8] = [1: 0, 2: 4, 3: 2, 4: 6]
    let colorType = colorType ?? types[channels] ?? 255
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += Self.chunk(
      "IHDR",
      Self.word(width) + Self.word(height) + [
        UInt8(bitDepth), colorType, 0, 0, isInterlaced ? 1 : 0,
      ])
    if let exif { file += Self.chunk("eXIf", exif) }
    for chunk in chunks { file += Self.chunk(chunk.name, chunk.content) }
    if let density {
      file += Self.chunk("pHYs", Self.word(density.x) + Self.word(density.y) + [1])
    }
    var data = stream(isInterlaced: isInterlaced)
    if damage == .adler { data[data.count - 1] ^= 1 }
    let length = (data.count + pieces - 1) / pieces
    for first in stride(from: 0, to: data.count, by: length) {
      file += Self.chunk("IDAT", Array(data[first..<min(first + length, data.count)]))
    }
    if damage == .lastChecksum { file[file.count - 1] ^= 1 }
    if let trailingExif { file += Self.chunk("eXIf", trailingExif) }
    return damage == .noEnd ? file : file + Self.chunk("IEND", [])
  }

  /// Rows without filters in a zlib stream of stored blocks.
  private func stream(isInterlaced: Bool) -> [UInt8] {
    let (bytes, pixelBytes) = (bytes, channels * bitDepth / 8)
    var rows: [UInt8] = []
    for pass in isInterlaced ? Adam7.passes : [Adam7.Pass(x: 0, y: 0, across: 1, down: 1)] {
      for row in stride(from: pass.y, to: pass.x < width ? height : 0, by: pass.down) {
        rows.append(0)
        for column in stride(from: pass.x, to: width, by: pass.across) {
          let first = (row * width + column) * pixelBytes
          rows += bytes[first..<first + pixelBytes]
        }
      }
    }
    var stream: [UInt8] = [0x78, 0x01]
    for first in stride(from: 0, to: rows.count, by: 65_535) {
      let block = rows[first..<min(first + 65_535, rows.count)]
      let count = block.count
      stream += [first + count == rows.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8)]
      stream += [UInt8(~count & 255), UInt8(~count >> 8 & 255)] + block
    }
    var (low, high) = (1, 0)
    for byte in rows {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return stream + Self.word(high << 16 | low)
  }

  /// A chunk with its length and its checksum.
  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return word(content.count) + body + word(Int(PNGFile.checksum(body[...])))
  }

  private static func word(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(number >> $0 & 255) }
  }
}

/// The passes of an interlaced PNG file.
enum Adam7 {
  /// Where the first pixel of a pass is, and how far the others are apart.
  struct Pass {
    var x: Int
    var y: Int
    var across: Int
    var down: Int
  }

  static let passes = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
  ].map { Pass(x: $0, y: $1, across: $2, down: $3) }
}

/// Exif data with an orientation and nothing else.
enum ExifData {
  /// From the TIFF header on, in either order of bytes.
  static func orientation(_ value: Int, isBigEndian: Bool = false) -> [UInt8] {
    isBigEndian
      ? Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0]
        + [UInt8(value), 0, 0, 0, 0, 0, 0]
      : Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0]
        + [UInt8(value), 0, 0, 0, 0, 0, 0, 0]
  }

  /// The orientation in Exif data as the tests write them; `nil` where the data are others.
  static func orientation(in bytes: [UInt8]?) -> Int? {
    guard let bytes, bytes.count == 26 else { return nil }
    let value = Int(bytes[bytes[0] == 0x4D ? 19 : 18])
    let candidates = [true, false].map { orientation(value, isBigEndian: $0) }
    return candidates.contains(bytes) ? value : nil
  }

  /// A JPEG file with the data in a marker of their own, right behind its start.
  static func inserted(_ exif: [UInt8], intoJPEG file: [UInt8]) -> [UInt8] {
    let content = Array("Exif\0\0".utf8) + exif
    let length = content.count + 2
    return Array(file.prefix(2)) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + content
      + file.dropFirst(2)
  }
}
