import TesseraCore
import TesseraFiles
import TesseraThreads

/// The chunks of a PNG file, found without reading what is in them.
///
/// libpng checks them too, but tells less, and gives orientation only after the pixels where the
/// eXIf chunk stands behind them.
struct PNGOutline {
  private(set) var width = 0
  private(set) var height = 0
  private(set) var bitDepth = 0
  private(set) var colorType = 0
  /// Whether the file ends inside a chunk.
  private(set) var isCut = false
  /// Where the data of the eXIf chunk are.
  private(set) var exif: Range<Int>?
  /// The first text of each kind that is of use.
  private(set) var texts: [PNGText.Keyword: PNGText] = [:]
  /// Where the data are of chunks that say what numbers mean.
  private(set) var colors: [(kind: ColorChunk.Kind, data: Range<Int>)] = []
  /// Pictures that are not decoded: the frames of an animation.
  private(set) var extraFrames = 0

  /// More chunks than this are not looked through: an encoder that cuts at 8 KB needs 2 GB.
  private static let chunkLimit = 1 << 18

  init(source: OpenSource, cancellation: Cancellation) throws(CodecError) {
    let start = try CodecError.mapping(source.bytes(at: 0, count: 33))
    guard start.count == 33 else {
      throw .truncated(.png, "the file ends after \(start.count) bytes, inside the IHDR chunk")
    }
    try readHeader(Array(start[8...]))
    try findChunks(source, cancellation)
  }

  /// Checks the IHDR chunk: length, type, 13 bytes.
  private mutating func readHeader(_ bytes: [UInt8]) throws(CodecError) {
    let type = Self.name(bytes[4..<8])
    if type == "CgBI" {
      throw .unsupported(.png, "the first chunk is CgBI: Apple's private variant is not decoded")
    }
    let length = Self.integer(bytes[0..<4])
    guard type == "IHDR", length == 13 else {
      throw .malformed(
        .png, "expected an IHDR chunk of 13 bytes first, found \(type) of \(length) bytes")
    }
    width = Self.integer(bytes[8..<12])
    height = Self.integer(bytes[12..<16])
    (bitDepth, colorType) = (Int(bytes[16]), Int(bytes[17]))
    for (side, value) in [("width", width), ("height", height)] {
      guard (1...0x7FFF_FFFF).contains(value) else {
        throw .malformed(.png, "IHDR gives \(side) \(value), expected 1…2147483647")
      }
    }
    let depths: [Int] =
      switch colorType {
      case 0: [1, 2, 4, 8, 16]
      case 3: [1, 2, 4, 8]
      case 2, 4, 6: [8, 16]
      default: []
      }
    guard !depths.isEmpty else {
      throw .malformed(.png, "IHDR gives colour type \(colorType), expected 0, 2, 3, 4 or 6")
    }
    guard depths.contains(bitDepth) else {
      let expected = depths.map(String.init).joined(separator: ", ")
      throw .malformed(
        .png, "IHDR gives bit depth \(bitDepth) for colour type \(colorType), expected \(expected)")
    }
    for (method, value, limit) in [
      ("compression", bytes[18], 0), ("filter", bytes[19], 0), ("interlace", bytes[20], 1),
    ] where value > UInt8(limit) {
      throw .malformed(.png, "IHDR gives \(method) method \(value), which does not exist")
    }
  }

  /// Goes from chunk to chunk up to IEND and leaves what is wrong with the rest to libpng.
  private mutating func findChunks(
    _ source: OpenSource, _ cancellation: Cancellation
  ) throws(CodecError) {
    var offset = 33
    var hasPixels = false
    var frames: Int?
    for _ in 0..<Self.chunkLimit {
      try cancellation.checkCodec()
      guard let (length, type) = try Self.chunk(at: offset, of: source) else { return }
      let next = offset + 12 + length
      let isWhole = next <= source.byteCount
      let data = offset + 8..<offset + 8 + length
      switch type {
      case Self.pixels:
        hasPixels = true
        if let count = frames { extraFrames = count }
        frames = nil
      case Self.metadata where exif == nil && isWhole: exif = data
      case Self.animation where !hasPixels && length == 8:
        let count = try CodecError.mapping(source.bytes(at: data.lowerBound, count: 4))
        if count.count == 4 { frames = Self.integer(count[...]) }
      // The default image is the first frame.
      case Self.frame where !hasPixels: frames = frames.map { max($0 - 1, 0) }
      case Self.end:
        guard hasPixels else {
          throw .malformed(.png, "expected an IDAT chunk, found IEND at byte \(offset + 4)")
        }
        return
      case _ where isWhole && PNGText.types.contains(type):
        if let text = try PNGText(type: type, data: data, of: source),
          texts[text.keyword] == nil
        {
          texts[text.keyword] = text
        }
      case _ where isWhole && !hasPixels:
        if let kind = Self.colorKinds[type], !colors.contains(where: { $0.kind == kind }) {
          colors.append((kind, data))
        }
      default: break
      }
      guard next < source.byteCount else {
        isCut = next > source.byteCount
        return
      }
      offset = next
    }
  }

  /// The types IDAT, eXIf and IEND as numbers: files have thousands of chunks.
  private static let (pixels, metadata, end): (UInt32, UInt32, UInt32) = (
    0x4944_4154, 0x6558_4966, 0x4945_4E44
  )
  /// acTL and fcTL.
  private static let (animation, frame): (UInt32, UInt32) = (0x6163_544C, 0x6663_544C)
  private static let colorKinds = Dictionary(
    uniqueKeysWithValues: ColorChunk.Kind.allCases.map { (type($0.rawValue), $0) })

  /// The number of a type.
  static func type(_ name: String) -> UInt32 { name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

  /// Length and type of a chunk; `nil` where the file ends.
  private static func chunk(
    at offset: Int, of source: OpenSource
  ) throws(CodecError) -> (length: Int, type: UInt32)? {
    var words: (UInt32, UInt32) = (0, 0)
    let count = try withUnsafeMutableBytes(of: &words) { (buffer) throws(CodecError) in
      try CodecError.mapping(source.read(into: buffer, at: offset))
    }
    guard count == 8 else { return nil }
    return (Int(UInt32(bigEndian: words.0)), UInt32(bigEndian: words.1))
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  /// A chunk's type, with anything but letters as dots.
  private static func name(_ bytes: ArraySlice<UInt8>) -> String {
    String(
      bytes.map { byte in
        let character = Character(Unicode.Scalar(byte))
        return character.isASCII && character.isLetter ? character : "."
      })
  }
}
