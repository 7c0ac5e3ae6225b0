import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of a page of a TIFF file, by libtiff: of the first, where none is named.
final class TIFFDecoder: RowDecoder {
  let header: ImageHeader
  private(set) var metadata = ImageMetadata()
  private(set) var notes: [String] = []

  private let source: OpenSource
  private let handle: CodecHandle

  /// What libtiff and its codecs hold besides rows.
  private static let fixedBytes = 1 << 20

  init(
    source: OpenSource, in place: ByteSource, options: DecodeOptions, cancellation: Cancellation
  ) throws(CodecError) {
    self.source = source
    handle = try CodecHandle(
      tsr_tiff_reader_make(source.forShims(cancellation), UInt64(source.byteCount)), format: .tiff,
      operation: .read, cancellation: cancellation, log: tsr_tiff_reader_log,
      free: tsr_tiff_reader_free)
    if let page = place.page, page > 0 {
      guard page < TIFFPages.limit else {
        throw .overLimit(.tiff, "page \(page + 1), and at most \(TIFFPages.limit) are read")
      }
      if let directory = TIFFPages.place(of: page, in: place, source.status) {
        try handle.log.check(tsr_tiff_go_to_page(handle.pointer, directory))
      } else {
        try handle.log.check(tsr_tiff_select_page(handle.pointer, UInt32(page)))
      }
    }
    var stored = tsr_tiff_header()
    try handle.log.check(
      tsr_tiff_read_header(handle.pointer, &stored))
    let pixels = try TIFFPixels(stored)
    notes = pixels.notes
    if place.page == nil, stored.has_more_pages {
      notes.append("the file has more pages: only the first is read, as \"pages\" of load says")
    }
    let shape = ImageShape(
      channels: pixels.channels, height: Int(stored.height), width: Int(stored.width))
    try checkPixels(of: shape, limit: options.maxPixels)
    try Self.checkBlocks(stored)
    header = Self.header(stored, pixels, shape, sourceBytes: source.byteCount)
    var rows = pixels.rows
    tsr_tiff_reader_begin(handle.pointer, &rows)
    readMetadata(stored, options)
  }

  var log: CodecLog? { handle.log }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    var done = 0
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    let status = tsr_tiff_read_rows(handle.pointer, bytes, count, bytesPerRow, &done)
    return RowsRead(count: done, failure: handle.log.failure(status))
  }

  func finish() -> CodecError? { nil }

  /// Tiles may be larger than the image, but not by so much that they are there for the memory they take.
  private static func checkBlocks(_ stored: tsr_tiff_header) throws(CodecError) {
    guard stored.is_tiled else { return }
    let tile = Int(stored.block_width).saturating(times: Int(stored.block_height))
    let image = Int(stored.width).saturating(times: Int(stored.height))
    guard tile <= max(image.saturating(times: 4), 4096 * 4096) else {
      throw .overLimit(
        .tiff,
        "tiles of \(stored.block_width) × \(stored.block_height) in an image of \(stored.width) × "
          + "\(stored.height)")
    }
  }

  private static func header(
    _ stored: tsr_tiff_header, _ pixels: TIFFPixels, _ shape: ImageShape, sourceBytes: Int
  ) -> ImageHeader {
    // What is stored lies in memory for as long as a strip or tile is decoded.
    let storedBytes = min(Int(clamping: stored.stored_bytes), sourceBytes)
    var header = ImageHeader(
      format: .tiff, shape: shape, elementType: pixels.elementType, colorModel: pixels.colorModel,
      hasAlpha: pixels.rows.alpha >= 0, orientation: pixels.orientation,
      sourceBitDepth: Int(stored.bits), isWholeImage: stored.separate_planes,
      decoderBytes: Int(clamping: stored.band_bytes)
        .saturating(plus: storedBytes.saturating(plus: fixedBytes)),
      decoder: "libtiff " + String(cString: tsr_tiff_version()))
    header.statesColors = pixels.colorModel != .unknown
    return header
  }

  private func readMetadata(_ stored: tsr_tiff_header, _ options: DecodeOptions) {
    let density = stored.density
    if stored.has_density, density.x.isFinite, density.y.isFinite, density.x > 0, density.y > 0 {
      let unit: Resolution.Unit =
        density.unit == 3 ? .centimetre : density.unit == 2 ? .inch : .ratio
      // 1 : 1 is what encoders write that know nothing.
      if unit != .ratio || density.x != density.y {
        metadata.resolution = Resolution(x: Double(density.x), y: Double(density.y), unit: unit)
      }
    }
    guard options.wantsMetadata else { return }
    var count = 0
    if let bytes = tsr_tiff_reader_icc(handle.pointer, &count), count > 0 {
      metadata.icc = Array(UnsafeBufferPointer(start: bytes, count: count))
    }
  }
}
