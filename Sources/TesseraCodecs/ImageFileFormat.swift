import TesseraCore
import TesseraThreads

/// A format that images are written in, with its settings.
public enum ImageFileFormat: Hashable, Sendable {
  /// Lossless, 8 or 16 bits.
  case png(PNGCompression)
  /// Lossy, 8 bits.
  case jpeg(JPEGSettings)
  /// A NumPy array, plane by plane.
  case npy
  /// Lossy or lossless, 8 bits.
  case webp(WebPSettings)
  /// Lossless, 8 or 16 bits or floats.
  case tiff(PNGCompression)

  /// The format without its settings.
  public var format: ImageFormat {
    switch self {
    case .png: .png
    case .jpeg: .jpeg
    case .npy: .npy
    case .webp: .webp
    case .tiff: .tiff
    }
  }

  /// Whether gray is stored as three colours that are alike.
  public var storesGrayAsColors: Bool { format == .webp }

  /// Whether opacity that is full everywhere is left out.
  public var leavesOutFullOpacity: Bool { format == .webp }

  /// Whether what is read back is what was written, bit for bit.
  public var isLossless: Bool {
    switch self {
    case .png, .npy, .tiff: true
    case .jpeg: false
    case .webp(let settings): settings.isLossless
    }
  }

  /// Opens a file for the rows of an image.
  ///
  /// - Parameters:
  ///   - path: the file; one that exists is emptied.
  ///   - shape: channels, height and width.
  ///   - elementType: the type of the rows' values.
  ///   - hasAlpha: whether the last channel is alpha.
  ///   - metadata: written where the format has a place for it.
  ///   - cancellation: asked between rows; what is written then throws `CodecError.cancelled`.
  /// - Returns: what takes the rows.
  /// - Throws: `CodecError.unsupported` for a shape or type that the format does not hold,
  ///   `CodecError.io`.
  public func makeWriter(
    path: String, shape: ImageShape, elementType: ElementType, hasAlpha: Bool = false,
    metadata: ImageMetadata = ImageMetadata(), cancellation: Cancellation = Cancellation()
  ) throws(CodecError) -> any ImageWriter {
    switch self {
    case .png(let compression):
      return try PNGWriter(
        path: path, shape: shape, elementType: elementType, hasAlpha: hasAlpha,
        compression: compression, metadata: metadata, cancellation: cancellation)
    case .jpeg(let settings):
      guard elementType == .uint8, !hasAlpha else {
        let alpha = hasAlpha ? " with alpha" : ""
        throw .unsupported(.jpeg, "\(elementType.rawValue) values\(alpha), expected uint8 without")
      }
      return try JPEGWriter(
        path: path, shape: shape, settings: settings, metadata: metadata, cancellation: cancellation
      )
    case .webp(let settings):
      return try WebPWriter(
        path: path, shape: shape, elementType: elementType, hasAlpha: hasAlpha, settings: settings,
        metadata: metadata, cancellation: cancellation)
    case .tiff(let compression):
      return try TIFFWriter(
        path: path, shape: shape, elementType: elementType, hasAlpha: hasAlpha,
        compression: compression, metadata: metadata, cancellation: cancellation)
    case .npy:
      return try NPYWriter(path: path, shape: shape, elementType: elementType)
    }
  }
}
