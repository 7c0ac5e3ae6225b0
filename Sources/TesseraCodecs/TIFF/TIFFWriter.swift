import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Writes TIFF files of 8 or 16 bits or of floats: gray, gray and alpha, RGB, RGB and alpha.
///
/// Rows are kept by strips, compressed by deflate with a predictor. Files that may become larger than
/// 4 GB are BigTIFF.
public final class TIFFWriter: ImageWriter {
  private var file: OpenFile
  private let handle: CodecHandle
  private var rowsLeft: Int
  /// TIFF has directories for Exif data, which are not written.
  public private(set) var losses: [String] = []

  /// Bytes of a strip, unless a row has more: enough for deflate, few enough to read a part.
  static let stripBytes = 256 << 10
  /// From here on offsets may not fit 32 bits: what deflate cannot make smaller it makes larger.
  private static let largestSmallFile = 4_000_000_000

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Channels, height and width; 1 or 3 channels, 2 or 4 with alpha.
  ///   - elementType: The type of the values: each has a place in TIFF.
  ///   - hasAlpha: Whether the last channel is alpha.
  ///   - compression: How hard to compress.
  ///   - metadata: Profile and resolution are written where present; Exif data are among the `losses`.
  ///   - cancellation: Asked between strips; what is written then throws `CodecError.cancelled`.
  /// - Throws: `CodecError.unsupported` for any other shape, `CodecError.io`.
  public init(
    path: String, shape: ImageShape, elementType: ElementType, hasAlpha: Bool = false,
    compression: PNGCompression = .fast, metadata: ImageMetadata = ImageMetadata(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    guard [1, 3].contains(shape.channels - (hasAlpha ? 1 : 0)) else {
      throw .unsupported(
        .tiff,
        "\(shape.channels) channels \(hasAlpha ? "with" : "without") alpha; "
          + "expected 1 or 3 without, 2 or 4 with")
    }
    for side in [shape.width, shape.height] where !(1...0x7FFF_FFFF).contains(side) {
      throw .unsupported(.tiff, "an image of \(shape.size), expected sides of 1…2147483647")
    }
    file = try CodecError.mapping(OpenFile.emptied(path))
    handle = try CodecHandle(
      tsr_tiff_writer_make(file.descriptor, cancellation.forShims), format: .tiff,
      operation: .write, cancellation: cancellation, log: tsr_tiff_writer_log,
      free: tsr_tiff_writer_free)
    rowsLeft = shape.height
    let rowBytes = shape.width * shape.channels * elementType.byteCount
    var settings = tsr_tiff_settings()
    settings.width = UInt32(shape.width)
    settings.height = UInt32(shape.height)
    settings.channels = UInt16(shape.channels)
    settings.bits = UInt16(8 * elementType.byteCount)
    settings.has_alpha = hasAlpha
    settings.level = compression.deflateLevel
    settings.rows_per_strip = UInt32(Self.rowsPerStrip(rowBytes, height: shape.height))
    settings.is_big = rowBytes.saturating(times: shape.height) > Self.largestSmallFile
    if let density = Self.density(metadata.resolution) {
      (settings.has_density, settings.density) = (true, density)
    }
    if metadata.exif != nil { losses.append("its EXIF is left out: it is not written to TIFF") }
    let status = withOptionalBytes(metadata.icc) { icc in
      settings.icc = icc.baseAddress
      settings.icc_count = icc.count
      return tsr_tiff_write_header(handle.pointer, &settings)
    }
    try handle.log.check(status)
  }

  /// Rows of a strip, at least one and at most all.
  static func rowsPerStrip(_ rowBytes: Int, height: Int) -> Int {
    min(max(stripBytes / max(rowBytes, 1), 1), height)
  }

  /// Writes the next rows, interleaved, in the machine's byte order.
  public func writeRows(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(count <= rowsLeft, "more rows than the image has")
    rowsLeft -= count
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    try handle.log.check(tsr_tiff_write_rows(handle.pointer, bytes, count, bytesPerRow))
  }

  /// Writes the end of the file and closes it.
  public func finish() throws(CodecError) {
    precondition(rowsLeft == 0, "\(rowsLeft) rows have not been written")
    try handle.log.check(tsr_tiff_write_end(handle.pointer))
    try CodecError.mapping(file.close())
  }

  private static func density(_ resolution: Resolution?) -> tsr_tiff_density? {
    // TIFF has no metres; inches are what everybody writes.
    guard let stored = resolution?.unit == .metre ? resolution?.converted(to: .inch) : resolution
    else { return nil }
    let unit: UInt16 = stored.unit == .ratio ? 1 : stored.unit == .centimetre ? 3 : 2
    return tsr_tiff_density(x: Float(stored.x), y: Float(stored.y), unit: unit)
  }
}

extension PNGCompression {
  /// The level of deflate that stands for it in TIFF.
  fileprivate var deflateLevel: Int32 {
    switch self {
    case .fast: 1
    case .standard: 6
    case .best: 9
    case .stored: 0
    case .level(let level): Int32(min(max(level, 0), 9))
    }
  }
}
