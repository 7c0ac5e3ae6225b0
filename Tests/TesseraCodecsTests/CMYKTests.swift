import TesseraCodecs
import TesseraCore
import Testing

/// JPEG files of four channels, whatever their markers say of the inks.
///
/// Pillow, OpenCV and libvips read all of these alike: 255 is no ink, and a transform byte other
/// than 0 means YCCK.
@Suite struct CMYKTests {
  /// The Adobe segment of a file, and the bytes before and behind it.
  private func parts(_ name: String) throws -> (before: [UInt8], marker: [UInt8], after: [UInt8]) {
    let bytes = try Corpus.bytes("jpeg/\(name).jpg")
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xEE, 0, 14]) })
    return (Array(bytes[..<start]), Array(bytes[start..<start + 16]), Array(bytes[(start + 16)...]))
  }

  private func colors(of bytes: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let decoded = try decode(folder.write(bytes, "a.jpg"))
    #expect(decoded.header.colorModel == .cmyk && decoded.header.isInvertedCMYK)
    let count = decoded.pixels.bytes.count / 4
    return [UInt8](unsafeUninitializedCapacity: 3 * count) { target, initialized in
      initialized = 3 * count
      decoded.pixels.bytes.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        ColorConversion.cmykToRGB(from, to: to, count: count, isInverted: true)
      }
    }
  }

  @Test(
    "Inks are those of the file with an Adobe marker where that is missing, cut or another's",
    arguments: [
      [], [0xFF, 0xEE, 0, 7] + Array("Adobe".utf8),
      [0xFF, 0xEE, 0, 13] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0],
      [0xFF, 0xEE, 0, 14] + Array("Other".utf8) + [0, 100, 0, 0, 0, 0, 2],
      [0xFF, 0xE0, 0, 16] + Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0],
    ] as [[UInt8]])
  func withoutMarker(_ replacement: [UInt8]) throws {
    let (before, marker, after) = try parts("cmyk-adobe")
    let expected = try colors(of: before + marker + after)
    #expect(try colors(of: before + replacement + after) == expected)
  }

  @Test("Every transform but 0 is YCCK, as libjpeg takes it", arguments: [1, 2, 3, 255] as [UInt8])
  func transforms(_ transform: UInt8) throws {
    let (before, marker, after) = try parts("ycck")
    let expected = try colors(of: Corpus.bytes("jpeg/ycck.jpg"))
    #expect(try colors(of: before + marker.dropLast() + [transform] + after) == expected)
    let plain = try colors(of: before + marker.dropLast() + [0] + after)
    #expect(plain != expected)
    #expect(try colors(of: before + after) == plain)
  }
}
