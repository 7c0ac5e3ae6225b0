import TesseraCore

/// How an image file is written; each format takes what concerns it.
public struct ImageFileSettings: Hashable, Sendable {
  /// The kind of file.
  public var format: ImageFormat
  /// The type of the rows' values.
  public var elementType: ElementType
  /// Whether the last channel is alpha.
  public var hasAlpha = false
  /// PNG: how rows are filtered and compressed.
  public var compression = PNGCompression.fast
  /// JPEG: quality and the rest.
  public var jpeg = JPEGSettings()
  /// Profile, resolution and Exif data, where the format has a place for them.
  public var metadata = ImageMetadata()

  /// Fast compression, good quality, no metadata.
  public init(format: ImageFormat, elementType: ElementType) {
    self.format = format
    self.elementType = elementType
  }

  /// Opens a file for the rows of an image.
  ///
  /// - Parameters:
  ///   - path: the file; one that exists is emptied.
  ///   - shape: channels, height and width.
  /// - Returns: what takes the rows.
  /// - Throws: `CodecError.unsupported` for a shape or type that the format does not hold,
  ///   `CodecError.io`.
  public func makeWriter(path: String, shape: ImageShape) throws(CodecError) -> any ImageWriter {
    switch format {
    case .png:
      return try PNGWriter(
        path: path, shape: shape, elementType: elementType, hasAlpha: hasAlpha,
        compression: compression, metadata: metadata)
    case .jpeg:
      guard elementType == .uint8, !hasAlpha else {
        let alpha = hasAlpha ? " with alpha" : ""
        throw .unsupported(.jpeg, "\(elementType.rawValue) values\(alpha), expected uint8 without")
      }
      return try JPEGWriter(path: path, shape: shape, settings: jpeg, metadata: metadata)
    case .npy:
      return try NPYWriter(path: path, shape: shape, elementType: elementType)
    }
  }
}
