import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// How many luma samples share one chroma sample.
public enum JPEGSubsampling: String, Hashable, Sendable, CaseIterable {
  /// Half the resolution along rows and columns.
  case s420 = "4:2:0"
  /// Half the resolution along rows.
  case s422 = "4:2:2"
  /// Chroma at full resolution.
  case s444 = "4:4:4"
}

/// How a JPEG file is written.
public struct JPEGSettings: Hashable, Sendable {
  /// 1…100, libjpeg's scale.
  public var quality = 90
  /// How many luma samples share one chroma sample.
  public var subsampling = JPEGSubsampling.s420
  /// Whether the image is refined in several scans; the encoder then holds all coefficients.
  public var isProgressive = false

  /// Quality 90, colour at half the resolution, one scan.
  public init() {}
}

/// Writes JPEG files of 8 bits, gray or RGB.
public final class JPEGWriter: ImageWriter {
  private var file: OpenFile
  private let handle: CodecHandle
  private var rowsLeft: Int
  /// Exif data, a profile and a resolution may be larger than their segments.
  public private(set) var losses: [String] = []

  /// The largest side that the format's encoders write.
  public static let sideLimit = 65_500
  /// An APP1 marker holds no more Exif data than this.
  private static let exifLimit = 65_527
  /// 255 APP2 markers hold no larger profile than this.
  private static let profileLimit = 255 * 65_519

  /// Opens a file and writes everything that precedes the pixels.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Channels, height and width; 1 channel (gray) or 3 (RGB).
  ///   - settings: Quality and the rest.
  ///   - metadata: Written where present; what is too long for its marker is left out, and among
  ///     the `losses`.
  ///   - cancellation: Asked between rows and passes; what is written then throws
  ///     `CodecError.cancelled`.
  /// - Throws: `CodecError.unsupported` for any other shape, `CodecError.io`.
  public init(
    path: String, shape: ImageShape, settings: JPEGSettings = JPEGSettings(),
    metadata: ImageMetadata = ImageMetadata(), cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    guard shape.channels == 1 || shape.channels == 3 else {
      throw .unsupported(.jpeg, "\(shape.channels) channels, expected 1 or 3")
    }
    for side in [shape.width, shape.height] where !(1...Self.sideLimit).contains(side) {
      throw .unsupported(
        .jpeg, "an image of \(shape.size), expected sides of 1…\(Self.sideLimit)")
    }
    file = try CodecError.mapping(OpenFile.emptied(path))
    handle = try CodecHandle(
      tsr_jpeg_writer_make(file.descriptor, cancellation.forShims), format: .jpeg,
      operation: .write,
      cancellation: cancellation, log: tsr_jpeg_writer_log, free: tsr_jpeg_writer_free)
    rowsLeft = shape.height

    var stored = tsr_jpeg_settings()
    stored.width = UInt32(shape.width)
    stored.height = UInt32(shape.height)
    stored.channels = UInt8(shape.channels)
    stored.quality = Int32(min(max(settings.quality, 1), 100))
    stored.chroma_horizontal = settings.subsampling == .s444 ? 1 : 2
    stored.chroma_vertical = settings.subsampling == .s420 ? 2 : 1
    stored.progressive = settings.isProgressive
    if let density = Self.density(metadata.resolution) {
      stored.has_density = true
      stored.density = density
    } else if let resolution = metadata.resolution {
      losses.append("its resolution is left out: JPEG has no \(resolution.x) × \(resolution.y)")
    }
    let icc = fitting(metadata.icc, Self.profileLimit, "ICC profile")
    let exif = fitting(metadata.exif, Self.exifLimit, "EXIF")
    let status = withOptionalBytes(icc) { icc in
      withOptionalBytes(exif) { exif in
        stored.icc = icc.baseAddress
        stored.icc_count = icc.count
        stored.exif = exif.baseAddress
        stored.exif_count = exif.count
        return tsr_jpeg_write_header(handle.pointer, &stored)
      }
    }
    try handle.log.check(status)
  }

  /// Writes the next rows, interleaved.
  public func writeRows(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(count <= rowsLeft, "more rows than the image has")
    rowsLeft -= count
    let bytes = rows.assumingMemoryBound(to: UInt8.self)
    try handle.log.check(tsr_jpeg_write_rows(handle.pointer, bytes, count, bytesPerRow))
  }

  /// Writes the end of the file and closes it.
  public func finish() throws(CodecError) {
    precondition(rowsLeft == 0, "\(rowsLeft) rows have not been written")
    try handle.log.check(tsr_jpeg_write_end(handle.pointer))
    try CodecError.mapping(file.close())
  }

  /// Some metadata, unless they are longer than their segments can be.
  private func fitting(_ bytes: [UInt8]?, _ limit: Int, _ name: String) -> [UInt8]? {
    guard let bytes, bytes.count > limit else { return bytes }
    losses.append(
      "its \(name) is left out: \(bytes.count) bytes, and JPEG holds \(limit)")
    return nil
  }

  private static func density(_ resolution: Resolution?) -> tsr_jpeg_density? {
    guard let resolution else { return nil }
    // JFIF has no metres; inches are what everybody writes.
    let stored = resolution.unit == .metre ? resolution.converted(to: .inch) : resolution
    guard let x = UInt16(exactly: stored.x.rounded()), let y = UInt16(exactly: stored.y.rounded()),
      x > 0, y > 0
    else { return nil }
    let unit: UInt8 =
      switch stored.unit {
      case .ratio: 0
      case .centimetre: 2
      case .inch, .metre: 1
      }
    return tsr_jpeg_density(x: x, y: y, unit: unit)
  }
}
