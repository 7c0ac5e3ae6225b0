import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The chunks of a WebP file, found without reading what is in them.
struct WebPOutline {
  /// Height and width of the picture [px].
  private(set) var size = Size(height: 0, width: 0)
  /// Whether the file says that there is opacity.
  private(set) var hasAlpha = false
  /// Whether the picture, or a frame, is stored without loss.
  private(set) var isLossless = false
  /// Frames of an animation; `nil` for a picture.
  private(set) var frameCount: Int?
  /// Where the contents of chunks are, by name; of several, the first.
  private(set) var icc: Range<Int>?
  private(set) var exif: Range<Int>?
  private(set) var xmp: Range<Int>?
  /// Where the file ends too early, as a sentence; `nil` where it does not.
  private(set) var cut: String?

  /// A picture, what goes with it, and a frame for each moment of an animation.
  private static let mostChunks = 65_536
  /// Bytes of a VP8 or VP8L chunk that tell its size.
  private static let featureBytes = 64

  private var hasImage = false
  private var canvas: Size?

  /// Walks over the chunks of a file.
  init(source: OpenSource, cancellation: Cancellation) throws(CodecError) {
    let start = try CodecError.mapping(source.bytes(at: 0, count: 12))
    guard start.count == 12 else {
      throw .truncated(.webp, "the file has \(start.count) bytes, and its header 12")
    }
    let end = 8 + Self.integer(start[4..<8])
    var place = 12
    var count = 0
    while place + 8 <= min(end, source.byteCount) {
      try cancellation.checkCodec()
      count += 1
      guard count <= Self.mostChunks else {
        throw .overLimit(.webp, "more than \(Self.mostChunks) chunks")
      }
      let head = try CodecError.mapping(source.bytes(at: place, count: 8))
      guard head.count == 8 else { break }
      let name = String(decoding: head[..<4], as: UTF8.self)
      let content = place + 8..<place + 8 + Self.integer(head[4..<8])
      if content.upperBound > source.byteCount { cut = "the file ends in its chunk \(name)" }
      try take(name, content, of: source)
      if cut != nil { break }
      place = content.upperBound + content.count % 2
    }
    if cut == nil, end > source.byteCount { cut = "the file ends where it says that more comes" }
    try check()
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private mutating func take(
    _ name: String, _ content: Range<Int>, of source: OpenSource
  ) throws(CodecError) {
    switch name {
    case "VP8X" where canvas == nil && !hasImage:
      let bytes = try CodecError.mapping(source.bytes(at: content.lowerBound, count: 10))
      guard content.count >= 10, bytes.count == 10 else {
        throw .malformed(.webp, "the chunk VP8X is shorter than 10 bytes")
      }
      hasAlpha = bytes[0] & 0x10 != 0
      if bytes[0] & 0x02 != 0 { frameCount = 0 }
      canvas = Size(
        height: Self.integer(bytes[7..<10]) + 1, width: Self.integer(bytes[4..<7]) + 1)
    case "VP8 ", "VP8L": try takeImage(content, of: source)
    case "ANMF": frameCount = frameCount.map { $0 + 1 }
    case "ICCP": icc = icc ?? content
    case "EXIF": exif = exif ?? content
    case "XMP ": xmp = xmp ?? content
    default: break
    }
  }

  private mutating func takeImage(
    _ content: Range<Int>, of source: OpenSource
  ) throws(CodecError) {
    guard !hasImage, frameCount == nil else { return }
    // With the chunk's name and size, which the header is compared with.
    let count = min(content.count + 8, Self.featureBytes)
    let bytes = try CodecError.mapping(source.bytes(at: content.lowerBound - 8, count: count))
    var features = tsr_webp_features()
    guard tsr_webp_read_features(bytes, bytes.count, &features) else {
      if bytes.count < count {
        throw .truncated(.webp, "the file ends in the header of its picture")
      }
      throw .malformed(.webp, "the header of its picture cannot be read")
    }
    hasImage = true
    size = Size(height: Int(features.height), width: Int(features.width))
    isLossless = features.is_lossless
    // Where the file has more than the picture, it says so itself.
    if canvas == nil { hasAlpha = features.has_alpha }
  }

  private mutating func check() throws(CodecError) {
    if let canvas, frameCount != nil {
      size = canvas
      isLossless = true
      hasAlpha = true
      guard frameCount != 0 else {
        if let cut { throw .truncated(.webp, cut) }
        throw .malformed(.webp, "an animation without frames")
      }
      return
    }
    guard hasImage else {
      if let cut { throw .truncated(.webp, "\(cut), before the picture") }
      throw .malformed(.webp, "there is no picture in it")
    }
    if let canvas, canvas != size {
      throw .malformed(.webp, "a picture of \(size) on a canvas of \(canvas)")
    }
  }
}
