import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Writes PNG files of 8 or 16 bits: gray, gray and alpha, RGB, RGB and alpha.
public final class PNGWriter: ImageWriter {
  private var file: OpenFile
  private let handle: CodecHandle
  private var rowsLeft: Int
  /// A profile that libpng finds fault with is left out.
  public private(set) var losses: [String] = []
  /// Which filter suits the rows, where that is left to us.
  private var choice: PNGFilterChoice?

  /// Opens a file and writes everything that precedes the pixels.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Channels, height and width; 1 or 3 channels, 2 or 4 with alpha.
  ///   - elementType: `uint8` or `uint16`.
  ///   - hasAlpha: Whether the last channel is alpha.
  ///   - compression: How rows are filtered and compressed.
  ///   - metadata: Written where present.
  ///   - cancellation: Asked between rows; what is written then throws `CodecError.cancelled`.
  /// - Throws: `CodecError.unsupported` for any other shape or type, `CodecError.io`.
  public init(
    path: String, shape: ImageShape, elementType: ElementType, hasAlpha: Bool = false,
    compression: PNGCompression = .fast, metadata: ImageMetadata = ImageMetadata(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    let colorType = try Self.colorType(shape, hasAlpha: hasAlpha)
    guard let maximum = elementType.maximum else {
      throw .unsupported(.png, "\(elementType.rawValue) values, expected uint8 or uint16")
    }
    file = try CodecError.mapping(OpenFile.emptied(path))
    handle = try CodecHandle(
      tsr_png_writer_make(file.descriptor, cancellation.forShims), format: .png, operation: .write,
      cancellation: cancellation, log: tsr_png_writer_log, free: tsr_png_writer_free)
    rowsLeft = shape.height
    // Of 16 bits the low byte is noise to any filter, and the high byte clean: Paeth it stays.
    if compression == .fast, elementType == .uint8 {
      choice = PNGFilterChoice(
        bytesPerPixel: shape.channels, bytesPerRow: shape.channels * shape.width)
    }

    var settings = tsr_png_settings()
    settings.width = UInt32(shape.width)
    settings.height = UInt32(shape.height)
    settings.bit_depth = maximum > 255 ? 16 : 8
    settings.color_type = colorType
    settings.compression = compression.settings
    if let density = Self.density(metadata.resolution) {
      settings.has_density = true
      settings.density = density
    }
    settings.set(metadata.colorChunks)
    let status = withOptionalBytes(metadata.icc) { icc in
      withOptionalBytes(metadata.exif) { exif in
        settings.icc = icc.baseAddress
        settings.icc_count = icc.count
        settings.exif = exif.baseAddress
        settings.exif_count = exif.count
        return tsr_png_write_header(handle.pointer, &settings)
      }
    }
    try handle.log.check(status)
    if metadata.icc != nil, !tsr_png_writer_has_icc(handle.pointer) {
      let reason = handle.log.warnings.last.map { " (\($0))" } ?? ""
      losses.append("its ICC profile is left out: PNG takes no such profile\(reason)")
    }
  }

  /// Writes the next rows, interleaved, 16-bit values in the machine's byte order.
  public func writeRows(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(count <= rowsLeft, "more rows than the image has")
    rowsLeft -= count
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    guard choice != nil else {
      return try handle.log.check(tsr_png_write_rows(handle.pointer, bytes, count, bytesPerRow))
    }
    for row in 0..<count {
      let row = bytes + row * bytesPerRow
      choice?.observe(row)
      if let filter = choice?.filter { tsr_png_set_filter(handle.pointer, filter.rawValue) }
      try handle.log.check(tsr_png_write_rows(handle.pointer, row, 1, bytesPerRow))
    }
  }

  /// Writes the end of the file and closes it.
  public func finish() throws(CodecError) {
    precondition(rowsLeft == 0, "\(rowsLeft) rows have not been written")
    try handle.log.check(tsr_png_write_end(handle.pointer))
    try CodecError.mapping(file.close())
  }

  private static func colorType(_ shape: ImageShape, hasAlpha: Bool) throws(CodecError) -> UInt8 {
    for side in [shape.width, shape.height] where !(1...0x7FFF_FFFF).contains(side) {
      throw .unsupported(.png, "an image of \(shape.size), expected sides of 1…2147483647")
    }
    switch (shape.channels, hasAlpha) {
    case (1, false): return 0
    case (3, false): return 2
    case (2, true): return 4
    case (4, true): return 6
    default:
      throw .unsupported(
        .png,
        "\(shape.channels) channels \(hasAlpha ? "with" : "without") alpha; "
          + "expected 1 or 3 without, 2 or 4 with")
    }
  }

  private static func density(_ resolution: Resolution?) -> tsr_png_density? {
    guard let resolution = resolution?.converted(to: .metre),
      let x = UInt32(exactly: resolution.x.rounded()),
      let y = UInt32(exactly: resolution.y.rounded()), x > 0, y > 0
    else { return nil }
    return tsr_png_density(x: x, y: y, per_metre: resolution.unit == .metre)
  }
}

extension tsr_png_settings {
  /// Takes over as many chunks as there is room for.
  fileprivate mutating func set(_ chunks: [ColorChunk]) {
    withUnsafeMutableBytes(of: &self.chunks) { memory in
      let places = memory.bindMemory(to: tsr_png_chunk.self)
      for (place, chunk) in zip(places.indices, chunks) {
        withUnsafeMutableBytes(of: &places[place].name) {
          $0.copyBytes(from: chunk.kind.rawValue.utf8)
        }
        withUnsafeMutableBytes(of: &places[place].bytes) { bytes in
          bytes.copyBytes(from: chunk.bytes.prefix(bytes.count))
        }
        places[place].count = min(chunk.bytes.count, 32)
      }
      chunk_count = min(chunks.count, places.count)
    }
  }
}

/// Calls a function with the bytes of an array, or with an empty buffer of no address.
func withOptionalBytes<Result>(
  _ bytes: [UInt8]?, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  guard let bytes, !bytes.isEmpty else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
  return bytes.withUnsafeBufferPointer(body)
}
