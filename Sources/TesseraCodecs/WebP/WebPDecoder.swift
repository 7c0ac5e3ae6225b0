import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of a WebP file, by libwebp: all of them are decoded when the first is asked for.
final class WebPDecoder: RowDecoder {
  let header: ImageHeader
  private(set) var metadata = ImageMetadata()
  private(set) var notes: [String] = []

  private let source: OpenSource
  private let handle: CodecHandle
  private let outline: WebPOutline
  private let cancellation: Cancellation
  /// The rows, once they are decoded.
  private var pixels: Pixels?
  /// How many of them are whole.
  private var wholeRows = 0
  private var nextRow = 0
  /// Why there are no more.
  private var failure: CodecError?

  /// What libwebp holds besides pixels.
  private static let fixedBytes = 2 << 20
  /// Metadata beyond this are not read.
  private static let metadataLimit = 64 << 20

  init(
    source: OpenSource, options: DecodeOptions, cancellation: Cancellation
  ) throws(CodecError) {
    self.source = source
    self.cancellation = cancellation
    outline = try WebPOutline(source: source, cancellation: cancellation)
    let shape = ImageShape(
      channels: outline.hasAlpha ? 4 : 3, height: outline.size.height, width: outline.size.width)
    try checkPixels(of: shape, limit: options.maxPixels)
    handle = try CodecHandle(
      tsr_webp_reader_make(cancellation.forShims), format: .webp, operation: .read,
      cancellation: cancellation, log: tsr_webp_reader_log, free: tsr_webp_reader_free)
    // What the decoder has of each pixel beside the one that is given: of lossless files all, of others the
    // opacity, before and after it is unpacked; of an animation a canvas before and after.
    let decoded =
      outline.frameCount != nil ? 16 : outline.isLossless ? 4 : outline.hasAlpha ? 6 : 1
    let pixels = shape.height.saturating(times: shape.width)
    var header = ImageHeader(
      format: .webp, shape: shape, elementType: .uint8, colorModel: .rgb,
      hasAlpha: outline.hasAlpha, sourceBitDepth: 8, isWholeImage: true,
      decoderBytes: pixels.saturating(times: shape.channels + decoded)
        .saturating(plus: source.byteCount.saturating(plus: Self.fixedBytes)),
      decoder: "libwebp " + String(cString: tsr_webp_version()))
    if let frames = outline.frameCount, frames > 1 {
      notes.append("an animation of \(frames) frames: only the first is read")
    }
    header.orientation = try Self.readMetadata(
      of: source, outline, options, into: &metadata, &notes)
    self.header = header
  }

  var log: CodecLog? { handle.log }

  /// Reads profile and Exif data, and the orientation that these or XMP tell of.
  private static func readMetadata(
    of source: OpenSource, _ outline: WebPOutline, _ options: DecodeOptions,
    into metadata: inout ImageMetadata, _ notes: inout [String]
  ) throws(CodecError) -> Int {
    func content(_ range: Range<Int>?, _ name: String) throws(CodecError) -> [UInt8]? {
      guard let range, range.upperBound <= source.byteCount else { return nil }
      guard range.count <= metadataLimit else {
        notes.append("\(name): \(range.count) bytes are too many to be read")
        return nil
      }
      return try CodecError.mapping(source.bytes(at: range.lowerBound, count: range.count))
    }
    var orientation: Int?
    if var bytes = try content(outline.exif, "EXIF") {
      // As in JPEG files, from which some have copied it.
      if bytes.starts(with: "Exif\0\0".utf8) { bytes.removeFirst(6) }
      let exif = Exif(bytes)
      orientation = exif.orientation
      metadata.resolution = exif.resolution
      if let complaint = exif.complaint { notes.append(complaint) }
      if options.wantsMetadata { metadata.exif = bytes }
    }
    if orientation == nil, let bytes = try content(outline.xmp, "XMP") {
      let packet = XMPPacket(bytes)
      orientation = packet.orientation
      if let complaint = packet.complaint { notes.append(complaint) }
    }
    if options.wantsMetadata { metadata.icc = try content(outline.icc, "ICCP") }
    return orientation ?? 1
  }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    let pixels = decoded()
    let rowBytes = header.shape.channels * header.shape.width
    let there = min(count, max(wholeRows - nextRow, 0))
    for row in 0..<there {
      (rows + row * bytesPerRow).copyMemory(
        from: pixels.buffer.base + (nextRow + row) * rowBytes, byteCount: rowBytes)
    }
    nextRow += there
    return RowsRead(count: there, failure: there < count ? failure : nil)
  }

  func skipRows(_ count: Int) -> RowsRead {
    _ = decoded()
    let there = min(count, max(wholeRows - nextRow, 0))
    nextRow += there
    return RowsRead(count: there, failure: there < count ? failure : nil)
  }

  func finish() -> CodecError? {
    outline.cut.map { .truncated(.webp, $0) }
  }

  /// Rows without gaps.
  private final class Pixels {
    let buffer: AlignedBuffer

    init(byteCount: Int) { buffer = AlignedBuffer(byteCount: byteCount) }
  }

  /// The pixels, decoded if they are not yet.
  private func decoded() -> Pixels {
    if let pixels { return pixels }
    let (shape, count) = (header.shape, source.byteCount)
    let pixels = Pixels(byteCount: shape.width * shape.height * shape.channels)
    self.pixels = pixels
    let file = AlignedBuffer(byteCount: count)
    do throws(CodecError) {
      try source.read(file.base, count: count, at: 0, of: .webp, cancellation)
    } catch {
      failure = error
      return pixels
    }
    let bytes = UnsafePointer(file.base.assumingMemoryBound(to: UInt8.self))
    let target = pixels.buffer.base.assumingMemoryBound(to: UInt8.self)
    let (width, height) = (UInt32(shape.width), UInt32(shape.height))
    let status =
      outline.frameCount != nil
      ? tsr_webp_decode_first(handle.pointer, bytes, count, width, height, target, &wholeRows)
      : tsr_webp_decode(
        handle.pointer, bytes, count, outline.hasAlpha, width, height, target, &wholeRows)
    failure = handle.log.failure(status)
    return pixels
  }
}
