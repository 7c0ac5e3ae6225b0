/// Pixels per unit of length.
public struct Resolution: Hashable, Sendable {
  /// The unit of length.
  public enum Unit: Hashable, Sendable {
    /// None: only the ratio of the two numbers means something.
    case ratio
    /// 25.4 mm.
    case inch
    /// A hundredth of a metre.
    case centimetre
    /// 100 cm.
    case metre

    /// Length in metres; 1 where there is no unit.
    var metres: Double {
      switch self {
      case .ratio, .metre: 1
      case .inch: 0.0254
      case .centimetre: 0.01
      }
    }
  }

  /// Pixels along the width.
  public var x: Double
  /// Pixels along the height.
  public var y: Double
  /// The length that they fill.
  public var unit: Unit

  /// Takes numbers as a file has them, rows and columns apart.
  public init(x: Double, y: Double, unit: Unit) {
    self.x = x
    self.y = y
    self.unit = unit
  }

  /// The same resolution in another unit; a ratio has none and stays.
  public func converted(to target: Unit) -> Resolution {
    if unit == .ratio || target == .ratio { return self }
    let factor = target.metres / unit.metres
    return Resolution(x: x * factor, y: y * factor, unit: target)
  }

  /// The resolution of an image whose rows have become columns.
  var turned: Resolution { Resolution(x: y, y: x, unit: unit) }
}

/// What travels with an image besides its pixels.
public struct ImageMetadata: Hashable, Sendable {
  /// The ICC colour profile.
  public var icc: [UInt8]?
  /// Pixels per unit of length.
  public var resolution: Resolution?
  /// Exif data, from the TIFF header on.
  public var exif: [UInt8]?
  /// Chunks of a PNG file that say what its numbers mean, in the order of the file.
  public var colorChunks: [ColorChunk]

  /// Takes what there is; what a file lacks stays `nil`, and writers leave it out.
  public init(
    icc: [UInt8]? = nil, resolution: Resolution? = nil, exif: [UInt8]? = nil,
    colorChunks: [ColorChunk] = []
  ) {
    self.icc = icc
    self.resolution = resolution
    self.exif = exif
    self.colorChunks = colorChunks
  }
}

extension ImageMetadata {
  /// The same metadata for a picture that was made from the one that they came with: without
  /// thumbnails, with the picture's own sides, resolutions turned as it was, and orientation 1 once
  /// that is applied.
  ///
  /// - Parameter change: What the picture went through.
  /// - Returns: What is true of it. Exif data without a directory are left out.
  public func updated(for change: PictureChange) -> ImageMetadata {
    var metadata = self
    if change.exchangesAxes { metadata.resolution = resolution?.turned }
    metadata.exif = exif.flatMap { ExifUpdate.updated($0, for: change) }
    return metadata
  }
}
