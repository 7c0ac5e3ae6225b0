import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of a PNG file, by libpng.
final class PNGDecoder: RowDecoder {
  let header: ImageHeader
  private(set) var metadata = ImageMetadata()
  private(set) var notes: [String] = []

  private let source: OpenSource
  private let handle: CodecHandle

  /// What zlib and libpng hold besides rows.
  private static let fixedBytes = 192 << 10

  init(
    source: OpenSource, options: DecodeOptions, cancellation: Cancellation
  ) throws(CodecError) {
    let outline = try PNGOutline(source: source, cancellation: cancellation)
    let shape = ImageShape(channels: 1, height: outline.height, width: outline.width)
    try checkPixels(of: shape, limit: options.maxPixels)
    // Chunks that claim gigabytes stand before the pixels, too.
    try ImageHeader.checkFile(of: source.byteCount, .png, holding: shape)
    self.source = source
    handle = try CodecHandle(
      tsr_png_reader_make(source.forShims(cancellation)), format: .png, operation: .read,
      cancellation: cancellation, log: tsr_png_reader_log, free: tsr_png_reader_free)
    var stored = tsr_png_header()
    var reading = tsr_png_options(
      wants_metadata: options.wantsMetadata, tolerates_damage: options.failOn < .error,
      is_cut: outline.isCut, source_bytes: UInt64(source.byteCount))
    try handle.log.check(tsr_png_read_header(handle.pointer, &reading, &stored))

    let found = try PNGMetadata(outline, of: source, wantsMetadata: options.wantsMetadata)
    notes = found.notes
    metadata.exif = found.exif
    metadata.colorChunks = found.colorChunks
    header = Self.header(stored, orientation: found.orientation)
    readMetadata()
  }

  var log: CodecLog? { handle.log }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    var done = 0
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    let status = tsr_png_read_rows(handle.pointer, bytes, count, bytesPerRow, &done)
    return RowsRead(count: done, failure: handle.log.failure(status))
  }

  func finish() -> CodecError? {
    handle.log.failure(tsr_png_read_end(handle.pointer))
  }

  private static func header(_ stored: tsr_png_header, orientation: Int) -> ImageHeader {
    let shape = ImageShape(
      channels: Int(stored.channels), height: Int(stored.height), width: Int(stored.width))
    let rowBytes = shape.channels * shape.width * Int(stored.sample_bytes)
    let imageBytes = stored.interlaced ? rowBytes * shape.height : 0
    var header = ImageHeader(
      format: .png, shape: shape, elementType: stored.sample_bytes == 2 ? .uint16 : .uint8,
      colorModel: stored.channels < 3 ? .gray : .rgb, sourceBitDepth: Int(stored.bit_depth),
      decoderBytes: imageBytes + 2 * (8 * shape.width + 64) + fixedBytes,
      decoder: "libpng " + String(cString: tsr_png_version()))
    header.hasAlpha = stored.channels % 2 == 0
    header.orientation = orientation
    header.isWholeImage = stored.interlaced
    return header
  }

  private func readMetadata() {
    var count = 0
    if let bytes = tsr_png_reader_icc(handle.pointer, &count), count > 0 {
      metadata.icc = Array(UnsafeBufferPointer(start: bytes, count: count))
    }
    var density = tsr_png_density()
    if tsr_png_reader_density(handle.pointer, &density), density.x > 0, density.y > 0 {
      metadata.resolution = Resolution(
        x: Double(density.x), y: Double(density.y), unit: density.per_metre ? .metre : .ratio)
    }
  }
}

/// Compares the number of pixels with what was allowed.
func checkPixels(of shape: ImageShape, limit: Int) throws(CodecError) {
  guard let pixels = shape.countedPixels, pixels <= limit else {
    throw .tooManyPixels(shape, limit: limit)
  }
}

extension ImageShape {
  /// Its pixels as `max_pixels` counts them: `3 × 4 pixels`, or `3 × 4 pixels of 8 channels, which
  /// count as 24`.
  package var pixelsInWords: String {
    guard channels > 4 else { return "\(size) pixels" }
    let count = countedPixels.map(String.init) ?? "more than can be counted"
    return "\(size) pixels of \(channels) channels, which count as \(count)"
  }
}
