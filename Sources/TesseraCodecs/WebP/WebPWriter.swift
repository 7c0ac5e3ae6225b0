import CTesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// How a WebP file is written.
public struct WebPSettings: Hashable, Sendable {
  /// 1…100, libwebp's scale, where values may be lost.
  public var quality = 90
  /// Whether every value is kept, those of transparent pixels too.
  public var isLossless = false

  /// Quality 90.
  public init() {}
}

/// Writes WebP files of 8 bits: RGB, with opacity or without; gray as three colours that are alike.
///
/// Rows are kept until the last has come.
public final class WebPWriter: ImageWriter {
  private var file: OpenFile
  private let handle: CodecHandle
  /// The shape of the rows that come.
  private let shape: ImageShape
  private let hasAlpha: Bool
  private let settings: WebPSettings
  private let metadata: ImageMetadata
  private let pixels: AlignedBuffer
  private var rowsWritten = 0

  /// The largest side that the format holds.
  public static let sideLimit = 16_383
  /// What the encoder and the rows take for each pixel [bytes].
  package static let bytesPerPixel = 64

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file; one that exists is emptied.
  ///   - shape: Channels, height and width; 1 channel (gray) or 3 (RGB), and one more with alpha.
  ///   - elementType: `uint8`.
  ///   - hasAlpha: Whether the last channel is alpha.
  ///   - settings: Whether values may be lost, and how many.
  ///   - metadata: Profile and Exif data are written where present.
  ///   - cancellation: Asked while the last rows are written; they then throw `CodecError.cancelled`.
  /// - Throws: `CodecError.unsupported` for any other shape or type, `CodecError.io`.
  public init(
    path: String, shape: ImageShape, elementType: ElementType = .uint8, hasAlpha: Bool = false,
    settings: WebPSettings = WebPSettings(), metadata: ImageMetadata = ImageMetadata(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    guard elementType == .uint8 else {
      throw .unsupported(.webp, "\(elementType.rawValue) values, expected uint8")
    }
    let colors = shape.channels - (hasAlpha ? 1 : 0)
    guard colors == 1 || colors == 3 else {
      throw .unsupported(
        .webp,
        "\(shape.channels) channels \(hasAlpha ? "with" : "without") alpha; expected 1 or 3 without, or 2 "
          + "or 4 with")
    }
    for side in [shape.width, shape.height] where !(1...Self.sideLimit).contains(side) {
      throw .unsupported(
        .webp, "an image of \(shape.size), expected sides of 1…\(Self.sideLimit)")
    }
    file = try CodecError.mapping(OpenFile.emptied(path))
    handle = try CodecHandle(
      tsr_webp_writer_make(file.descriptor, cancellation.forShims), format: .webp,
      operation: .write, cancellation: cancellation, log: tsr_webp_writer_log,
      free: tsr_webp_writer_free)
    self.shape = shape
    self.hasAlpha = hasAlpha
    self.settings = settings
    self.metadata = metadata
    pixels = AlignedBuffer(byteCount: shape.height * shape.width * (hasAlpha ? 4 : 3))
  }

  /// WebP has no place for a resolution but that in Exif data.
  public var losses: [String] {
    metadata.resolution != nil && metadata.exif == nil
      ? ["its resolution is left out: WebP has no place for it"] : []
  }

  /// Takes the next rows, interleaved.
  public func writeRows(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(count <= shape.height - rowsWritten, "more rows than the image has")
    let rowBytes = shape.width * (hasAlpha ? 4 : 3)
    for row in 0..<count {
      let (target, source) = (
        pixels.base + (rowsWritten + row) * rowBytes, rows + row * bytesPerRow
      )
      if shape.channels >= 3 {
        target.copyMemory(from: source, byteCount: rowBytes)
      } else {
        repeatGray(of: source, into: target)
      }
    }
    rowsWritten += count
  }

  /// Gives a row of gray, with opacity or without, three colours that are alike.
  private func repeatGray(of row: UnsafeRawPointer, into target: UnsafeMutableRawPointer) {
    let source = row.assumingMemoryBound(to: UInt8.self)
    let pixels = target.assumingMemoryBound(to: UInt8.self)
    for x in 0..<shape.width {
      if hasAlpha {
        for color in 0..<3 { pixels[4 * x + color] = source[2 * x] }
        pixels[4 * x + 3] = source[2 * x + 1]
      } else {
        for color in 0..<3 { pixels[3 * x + color] = source[x] }
      }
    }
  }

  /// Encodes and writes the image, and closes the file.
  public func finish() throws(CodecError) {
    precondition(rowsWritten == shape.height, "\(shape.height - rowsWritten) rows are missing")
    var stored = settings.stored(for: shape.size, hasAlpha: hasAlpha)
    let status = withOptionalBytes(metadata.icc) { icc in
      withOptionalBytes(metadata.exif) { exif in
        (stored.icc, stored.icc_count) = (icc.baseAddress, icc.count)
        (stored.exif, stored.exif_count) = (exif.baseAddress, exif.count)
        return tsr_webp_write(
          handle.pointer, &stored, pixels.base.assumingMemoryBound(to: UInt8.self))
      }
    }
    try handle.log.check(status)
    try CodecError.mapping(file.close())
  }
}

extension WebPSettings {
  /// The same for the shim.
  fileprivate func stored(for size: Size, hasAlpha: Bool) -> tsr_webp_settings {
    var stored = tsr_webp_settings()
    stored.width = UInt32(size.width)
    stored.height = UInt32(size.height)
    stored.has_alpha = hasAlpha
    stored.is_lossless = isLossless
    stored.quality = Float(min(max(quality, 0), 100))
    return stored
  }
}

extension WebPWriter {
  /// Encodes a picture in memory, quickly: it becomes a little larger than a file would be.
  ///
  /// - Parameters:
  ///   - pixels: Red, green and blue of every pixel, row after row.
  ///   - size: Height and width, each 1…``sideLimit``.
  ///   - settings: Whether values may be lost, and how many.
  /// - Returns: What a file would hold.
  /// - Throws: `CodecError` where there is no memory.
  package static func encoded(
    _ pixels: [UInt8], size: Size, settings: WebPSettings = WebPSettings()
  ) throws(CodecError) -> [UInt8] {
    precondition(pixels.count == 3 * size.height * size.width, "three values are a pixel")
    let cancellation = Cancellation()
    let handle = try CodecHandle(
      tsr_webp_writer_make(-1, cancellation.forShims), format: .webp, operation: .write,
      cancellation: cancellation, log: tsr_webp_writer_log, free: tsr_webp_writer_free)
    var stored = settings.stored(for: size, hasAlpha: false)
    stored.is_quick = true
    try handle.log.check(tsr_webp_encode(handle.pointer, &stored, pixels))
    var count = 0
    guard let bytes = tsr_webp_encoded(handle.pointer, &count) else { return [] }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}
