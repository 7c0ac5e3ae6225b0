import TesseraFiles

/// Metadata of a PNG file that libpng is not asked for.
struct PNGMetadata {
  /// Exif data, from the TIFF header on.
  private(set) var exif: [UInt8]?
  /// How the image is to be turned, 1…8.
  private(set) var orientation = 1
  /// What its numbers mean.
  private(set) var colorChunks: [ColorChunk] = []
  /// What is wrong with it.
  private(set) var notes: [String] = []

  /// Exif data beyond this are not read: JPEG's limit is 64 KB.
  private static let exifLimit = 1 << 20

  /// Reads what an outline has found.
  init(
    _ outline: PNGOutline, of source: OpenSource, wantsMetadata: Bool
  ) throws(CodecError) {
    if outline.extraFrames > 0 {
      let frames = outline.extraFrames == 1 ? "1 frame is" : "\(outline.extraFrames) frames are"
      notes.append("an animation (APNG): the default image is read, \(frames) not")
    }
    try readExif(outline, source)
    let exif = exif.map { Exif($0) }
    if let complaint = exif?.complaint { notes.append(complaint) }
    if let stated = exif?.orientation {
      orientation = stated
    } else if let packet = packet(outline, source) {
      orientation = packet.orientation ?? 1
      if let complaint = packet.complaint { notes.append(complaint) }
    }
    if !wantsMetadata {
      self.exif = nil
      return
    }
    for (kind, data) in outline.colors { try readColor(kind, data, outline, source) }
  }

  private mutating func readExif(_ outline: PNGOutline, _ source: OpenSource) throws(CodecError) {
    if let range = outline.exif {
      guard range.count <= Self.exifLimit else {
        notes.append("eXIf: \(range.count) bytes are too many to be read")
        return
      }
      let bytes = try CodecError.mapping(source.bytes(at: range.lowerBound, count: range.count))
      exif = Self.dropping("Exif\0\0", from: bytes) ?? bytes
      return
    }
    if let bytes = content(.exif, outline, source) {
      exif = Self.dropping("Exif\0\0", from: bytes) ?? bytes
    } else if let bytes = content(.segment, outline, source) {
      exif = Self.dropping("Exif\0\0", from: bytes)
    }
    if let count = exif?.count, count > Self.exifLimit {
      notes.append("Exif: \(count) bytes are too many to be read")
      exif = nil
    }
  }

  /// The first XMP packet in any of the places that it may have.
  private mutating func packet(_ outline: PNGOutline, _ source: OpenSource) -> XMPPacket? {
    if let bytes = content(.xmp, outline, source) ?? content(.rawXMP, outline, source) {
      return XMPPacket(bytes)
    }
    return content(.segment, outline, source)
      .flatMap { Self.dropping("http://ns.adobe.com/xap/1.0/\0", from: $0) }.map { XMPPacket($0) }
  }

  private mutating func content(
    _ keyword: PNGText.Keyword, _ outline: PNGOutline, _ source: OpenSource
  ) -> [UInt8]? {
    do {
      return try outline.texts[keyword]?.content(of: source)
    } catch {
      let note = (error as? PNGText.Complaint)?.text ?? "\(keyword.rawValue): \(error)"
      if !notes.contains(note) { notes.append(note) }
      return nil
    }
  }

  /// Keeps a chunk that is sound; libpng complains of its checksum itself.
  private mutating func readColor(
    _ kind: ColorChunk.Kind, _ data: Range<Int>, _ outline: PNGOutline, _ source: OpenSource
  ) throws(CodecError) {
    guard data.count <= 32 else {
      notes.append("\(kind.rawValue): \(data.count) bytes are too many")
      return
    }
    let stored = try CodecError.mapping(
      source.bytes(at: data.lowerBound - 4, count: data.count + 8))
    guard stored.count == data.count + 8 else { return }
    let checksum = stored.suffix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    guard Self.checksum(stored.dropLast(4)) == checksum else { return }
    let chunk = ColorChunk(kind, Array(stored[4..<4 + data.count]))
    if let complaint = chunk.complaint(
      colorType: outline.colorType, bitDepth: outline.bitDepth)
    {
      notes.append(complaint)
    } else {
      colorChunks.append(chunk)
    }
  }

  /// CRC-32 of a few bytes.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1) * 0xEDB8_8320 }
    }
  }

  /// What follows a prefix, such as JPEG's marker that some encoders copy; `nil` where that is
  /// missing.
  private static func dropping(_ prefix: String, from bytes: [UInt8]) -> [UInt8]? {
    bytes.starts(with: prefix.utf8) ? Array(bytes[prefix.utf8.count...]) : nil
  }
}
