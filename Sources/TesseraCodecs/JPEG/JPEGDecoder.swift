import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of a JPEG file, by libjpeg.
final class JPEGDecoder: RowDecoder {
  let header: ImageHeader
  private(set) var metadata = ImageMetadata()
  private(set) var notes: [String] = []

  private let source: OpenSource
  private let handle: CodecHandle

  /// Rows of samples that upsampling and colour conversion hold.
  private static let bufferedRows = 48
  /// What libjpeg holds for tables, and our buffer.
  private static let fixedBytes = 256 << 10

  init(
    source: OpenSource, options: DecodeOptions, cancellation: Cancellation
  ) throws(CodecError) {
    self.source = source
    handle = try CodecHandle(
      tsr_jpeg_reader_make(source.forShims(cancellation)), format: .jpeg, operation: .read,
      cancellation: cancellation, log: tsr_jpeg_reader_log, free: tsr_jpeg_reader_free)
    var stored = tsr_jpeg_header()
    let scans = Int32(clamping: options.maxScans)
    try handle.log.check(
      tsr_jpeg_read_header(handle.pointer, scans, options.wantsMetadata, &stored))
    try checkPixels(
      of: ImageShape(channels: 1, height: Int(stored.height), width: Int(stored.width)),
      limit: options.maxPixels)

    let data = Self.segment(handle, tsr_jpeg_reader_exif)
    let exif = data.map { Exif($0) }
    if options.wantsMetadata { metadata.exif = data }
    if let complaint = exif?.complaint { notes.append(complaint) }
    var orientation = exif?.orientation
    if orientation == nil, let packet = Self.segment(handle, tsr_jpeg_reader_xmp) {
      let packet = XMPPacket(packet)
      orientation = packet.orientation
      if let complaint = packet.complaint { notes.append(complaint) }
    }
    header = Self.header(stored, orientation: orientation ?? 1)
    metadata.resolution = Self.resolution(stored) ?? exif?.resolution
    readProfile()
  }

  var log: CodecLog? { handle.log }

  func shrink(by divisor: Int) {
    tsr_jpeg_reader_shrink(handle.pointer, UInt32(divisor))
  }

  func crop(to columns: Range<Int>) {
    tsr_jpeg_reader_crop(handle.pointer, UInt32(columns.lowerBound), UInt32(columns.count))
  }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    var done = 0
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    let status = tsr_jpeg_read_rows(handle.pointer, bytes, count, bytesPerRow, &done)
    return RowsRead(count: done, failure: handle.log.failure(status))
  }

  func skipRows(_ count: Int) -> RowsRead {
    var done = 0
    let status = tsr_jpeg_skip_rows(handle.pointer, count, &done)
    return RowsRead(count: done, failure: handle.log.failure(status))
  }

  func finish() -> CodecError? {
    if let failure = handle.log.failure(tsr_jpeg_read_end(handle.pointer)) { return failure }
    if tsr_jpeg_reader_has_picture(handle.pointer) {
      let count = Self.segment(handle, tsr_jpeg_reader_index).flatMap(Self.pictureCount)
      notes.append(
        count.map { "\($0) pictures in one file (MPO): only the first is read" }
          ?? "the file goes on with another picture, which is not read")
    }
    return nil
  }

  /// The content of a segment that the reader keeps.
  private static func segment(
    _ handle: CodecHandle,
    _ content: (OpaquePointer, UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?
  ) -> [UInt8]? {
    var count = 0
    guard let bytes = content(handle.pointer, &count), count > 0 else { return nil }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// How many pictures a multi-picture index names: its NumberOfImages.
  private static func pictureCount(_ index: [UInt8]) -> Int? {
    guard let tiff = TIFFBytes(index), let directory = tiff.firstDirectory else { return nil }
    let entry = tiff.entries(at: directory).first { $0.tag == 0xB001 }
    let count = entry.flatMap { tiff.integer(at: $0.offset + 8, bytes: 4) }
    return count.flatMap { $0 > 1 ? $0 : nil }
  }

  private static func header(_ stored: tsr_jpeg_header, orientation: Int) -> ImageHeader {
    let shape = ImageShape(
      channels: Int(stored.channels), height: Int(stored.height), width: Int(stored.width))
    let model: ColorModel =
      switch stored.channels {
      case 1: .gray
      case 3: .rgb
      default: .cmyk
      }
    var header = ImageHeader(
      format: .jpeg, shape: shape, elementType: .uint8, colorModel: model, sourceBitDepth: 8,
      decoderBytes: stored.coefficient_bytes + bufferedRows * shape.channels * shape.width
        + fixedBytes,
      decoder: "libjpeg-turbo " + String(cString: tsr_jpeg_version()))
    // With an Adobe marker or without: encoders that leave it out invert all the same, and every
    // decoder of the field counts on that.
    header.isInvertedCMYK = model == .cmyk
    header.orientation = orientation
    header.isWholeImage = stored.multiple_scans
    header.columnStep = Int(stored.column_step)
    return header
  }

  private static func resolution(_ stored: tsr_jpeg_header) -> Resolution? {
    let density = stored.density
    guard stored.has_density, density.x > 0, density.y > 0 else { return nil }
    let unit: Resolution.Unit
    switch density.unit {
    case 1: unit = .inch
    case 2: unit = .centimetre
    default:
      // 1 : 1 is what encoders write that know nothing.
      if density.x == density.y { return nil }
      unit = .ratio
    }
    return Resolution(x: Double(density.x), y: Double(density.y), unit: unit)
  }

  /// Puts the parts of the ICC profile together.
  private func readProfile() {
    let parts = tsr_jpeg_reader_icc_parts(handle.pointer)
    guard parts > 0 else { return }
    defer { tsr_jpeg_reader_drop_icc(handle.pointer) }
    var profile: [UInt8] = []
    var byteCount = 0
    for part in 1...parts {
      var count = 0
      _ = tsr_jpeg_reader_icc(handle.pointer, Int32(part), &count)
      byteCount += count
    }
    profile.reserveCapacity(byteCount)
    for part in 1...parts {
      var count = 0
      guard let bytes = tsr_jpeg_reader_icc(handle.pointer, part, &count) else {
        notes.append("APP2: part \(part) of \(parts) of the ICC profile is missing")
        return
      }
      profile.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
    }
    metadata.icc = profile
  }
}
