import Foundation
import Testing

/// A file that holds or claims far more than its size tells.
struct Bomb: Sendable, CustomTestStringConvertible {
  /// What it is, and at the end its extension.
  let testDescription: String
  let bytes: @Sendable () throws -> [UInt8]
  /// Bytes that follow as holes.
  var holes = 0
  /// Bytes that the image itself takes while it is read, where it has to be held as a whole.
  var held = 0

  init(
    _ testDescription: String, holes: Int = 0, held: Int = 0,
    _ bytes: @escaping @Sendable () throws -> [UInt8]
  ) {
    self.testDescription = testDescription
    self.bytes = bytes
    self.holes = holes
    self.held = held
  }

  /// The name of its file.
  var name: String { "bomb." + (testDescription.split(separator: " ").last ?? "") }

  private static let vectors = Repository.path + "/Tests/TesseraCodecsTests/Vectors/"

  private static func vector(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: vectors + name)))
  }

  private static func repeated(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    Array(repeating: bytes, count: count)
  }

  /// One after the other, array by array rather than byte by byte.
  private static func joined(_ parts: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { bytes += part }
    return bytes
  }
}

/// JPEGs.
extension Bomb {
  /// A JPEG that claims another size than it has, with its scans over and over.
  private static func claiming(
    _ height: Int, _ width: Int, scans: Int = 1, _ name: String
  ) throws -> [UInt8] {
    var bytes = try vector("jpeg/" + name)
    var offset = 2
    while bytes[offset + 1] != 0xDA {
      if 0xC0...0xC2 ~= bytes[offset + 1] || 0xC9...0xCA ~= bytes[offset + 1] {
        let size = [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) }
        bytes.replaceSubrange(offset + 5..<offset + 9, with: size)
      }
      offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
    }
    let scan = Array(bytes[offset..<bytes.count - 2])
    return joined([Array(bytes[..<offset])] + repeated(scan, scans) + [[0xFF, 0xD9]])
  }

  /// A JPEG with so many full segments of a marker.
  private static func segments(
    _ marker: UInt8, _ count: Int, _ start: @escaping @Sendable (Int) -> [UInt8]
  ) throws -> [UInt8] {
    let whole = try vector("jpeg/rgb.jpg")
    let segments = (1...count).map { number in
      let start = start(number)
      return [0xFF, marker, 0xFF, 0xFF] + start + [UInt8](repeating: 7, count: 65_533 - start.count)
    }
    return joined([Array(whole[..<2])] + segments + [Array(whole[2...])])
  }

  static let jpegs = [
    Bomb("5000 scans of a small jpg") {
      try claiming(37, 43, scans: 5000, "progressive.jpg")
    },
    Bomb("claims of 4000 x 4000, progressive jpg", held: 4000 * 4000 * 3) {
      try claiming(4000, 4000, "progressive.jpg")
    },
    Bomb("7 times all scans of 1500 x 1500, progressive jpg", held: 1504 * 1504 * 3) {
      try claiming(1500, 1500, scans: 7, "progressive.jpg")
    },
    Bomb("claims of 65500 x 400, progressive gray jpg", held: 65_504 * 400 * 2) {
      try claiming(65_500, 400, "progressive-gray.jpg")
    },
    Bomb("claims of 2000 x 2000, progressive arithmetic jpg", held: 2000 * 2000 * 6) {
      try claiming(2000, 2000, scans: 5, "arithmetic-progressive.jpg")
    },
    Bomb("claims of 2000 x 2500 in three scans, jpg", held: 2008 * 2504 * 6) {
      try claiming(2000, 2500, scans: 12, "three-scans.jpg")
    },
    Bomb("claims of 65500 x 65500, jpg") { try claiming(65_500, 65_500, "cmyk-adobe.jpg") },
    Bomb("claims of 3000 x 3000, one scan, jpg") { try claiming(3000, 3000, "rgb.jpg") },
    Bomb("a profile of 255 segments, jpg") {
      try segments(0xE2, 255) { Array("ICC_PROFILE\0".utf8) + [UInt8($0), 255] }
    },
    Bomb("200 segments of Exif, jpg") {
      try segments(0xE1, 200) { _ in Array("Exif\0\0MM\0*\0\0\0\u{8}".utf8) }
    },
    Bomb("200 segments of XMP, jpg") {
      try segments(0xE1, 200) { _ in Array("http://ns.adobe.com/xap/1.0/\0<x".utf8) }
    },
    Bomb("300 comments, jpg") { try segments(0xFE, 300) { _ in [] } },
  ]
}

/// PNGs.
extension Bomb {
  private static let zeros = BlankPNG.zeros(50_000_000)

  /// A small PNG with chunks before its rows.
  private static func chunks(
    _ name: String, times count: Int = 1, _ content: @autoclosure () -> [UInt8]
  ) -> [UInt8] {
    let whole = BlankPNG(width: 3, height: 2).bytes
    let chunk = Picture.chunk(name, content())
    return joined([Array(whole[..<33])] + repeated(chunk, count) + [Array(whole[33...])])
  }

  static let pngs = [
    Bomb("one colour, 2500 x 2500 png") { BlankPNG(width: 2500, height: 2500).bytes },
    Bomb("interlaced, 3300 x 3300 png", held: 33_000_000) {
      BlankPNG(width: 3300, height: 3300, isInterlaced: true).bytes
    },
    Bomb("interlaced, 16 bits, 2000 x 3000 png", held: 36_000_000) {
      BlankPNG(width: 3000, height: 2000, bitDepth: 16, isInterlaced: true).bytes
    },
    Bomb("one row of 4000000 pixels png", held: 12_000_000) {
      BlankPNG(width: 4_000_000, height: 1).bytes
    },
    Bomb("one column of 100000 pixels png") { BlankPNG(width: 1, height: 100_000).bytes },
    Bomb("a profile of 50 MB of zeros png") {
      chunks("iCCP", Array("profile".utf8) + [0, 0] + zeros)
    },
    Bomb("60 such profiles png") {
      chunks("iCCP", times: 60, Array("profile".utf8) + [0, 0] + zeros)
    },
    Bomb("40 such texts png") {
      chunks("zTXt", times: 40, Array("Comment".utf8) + [0, 0] + zeros)
    },
    Bomb("40 such texts of Exif png") {
      chunks("zTXt", times: 40, Array("Raw profile type exif".utf8) + [0, 0] + zeros)
    },
    Bomb("40 such texts of XMP png") {
      chunks("iTXt", times: 40, Array("XML:com.adobe.xmp".utf8) + [0, 1, 0, 0, 0] + zeros)
    },
    Bomb("4 MB of Exif png") {
      chunks("eXIf", Array("MM\0*".utf8) + [UInt8](repeating: 9, count: 4_000_000))
    },
    Bomb("2 MB of Exif, ten times, png") {
      chunks("eXIf", times: 10, Array("MM\0*".utf8) + [UInt8](repeating: 9, count: 2_000_000))
    },
    Bomb("claims of 2147483647 rows and columns png") {
      let word: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
      let whole = BlankPNG(width: 3, height: 2).bytes
      return whole[..<8] + Picture.chunk("IHDR", word + word + [8, 2, 0, 0, 0]) + whole[33...]
    },
  ]
}

/// Arrays.
extension Bomb {
  private static func array(
    _ shape: [Int], _ descriptor: String = "|u1", valueBytes: Int = 1
  ) -> Bomb {
    Bomb(
      shape.map(String.init).joined(separator: " x ") + " of \(descriptor) npy",
      holes: shape.reduce(valueBytes, *)
    ) { NPYFile.file(descriptor: descriptor, shape: shape) }
  }

  /// A header of the second version, which says how long it is.
  private static func header(_ text: String, claiming count: Int? = nil) -> [UInt8] {
    let count = count ?? text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [2, 0] + (0..<4).map { UInt8(count >> (8 * $0) & 255) }
      + Array(text.utf8)
  }

  static let arrays = [
    array([3_000_000, 1, 1]), array([3_000_000, 1, 1], "<f4", valueBytes: 4),
    array([65_536, 1, 1]), array([65_537, 1, 1]), array([65_536, 10, 60]),
    array([60_000, 1, 2], "<f8", valueBytes: 8), array([1, 1, 40_000_000]),
    array([1, 300_000, 2]), array([4, 2000, 2500], "<f4", valueBytes: 4),
    array([65_536, 1, 1], ">u2", valueBytes: 2),
    Bomb("a header of 4 GB npy", holes: 1 << 32) { header("", claiming: 0xFFFF_FFF0) },
    Bomb("a header of 20 MB of blanks npy", holes: 64) {
      header("{'descr': '|u1'," + String(repeating: " ", count: 20_000_000))
    },
    Bomb("a hundred thousand axes npy", holes: 64) {
      header(
        "{'descr': '|u1', 'fortran_order': False, 'shape': ("
          + String(repeating: "1,", count: 100_000) + "), }\n")
    },
    Bomb("axes of 4611686018427387904 values npy") {
      header(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (4611686018427387904, "
          + "4611686018427387904), }\n")
    },
    Bomb("header of brackets npy") {
      header(String(repeating: "(", count: 1_000_000))
    },
  ]
}
