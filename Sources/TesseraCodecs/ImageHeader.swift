import TesseraCore

/// What the channels of an image mean.
public enum ColorModel: String, Hashable, Sendable {
  /// Luminance.
  case gray
  /// Red, green, blue.
  case rgb
  /// Cyan, magenta, yellow, black, as stored in the file.
  case cmyk
  /// Nothing that a file could tell: an array's channels.
  case unknown
}

/// What a file says of itself before a pixel is decoded.
public struct ImageHeader: Hashable, Sendable {
  /// The most channels that an image has: stages keep figures for each of them.
  public static let largestChannelCount = 65_536

  /// The format, known by content.
  public var format: ImageFormat
  /// Channels, height and width of the rows as stored, before any orientation; palettes and
  /// transparent colours are expanded.
  public var shape: ImageShape
  /// The type of the rows' values.
  public var elementType: ElementType
  /// What the channels mean, without the alpha channel.
  public var colorModel: ColorModel
  /// Whether that is said by the file, rather than guessed from the number of channels.
  public var statesColors: Bool
  /// Whether the last channel is alpha, not premultiplied.
  public var hasAlpha = false
  /// Whether CMYK is stored as Adobe does: 255 is no ink.
  public var isInvertedCMYK = false
  /// How the image is to be turned for display: 1…8 as in Exif, 1 for not at all.
  public var orientation = 1
  /// Bits per sample in the file: 1, 2, 4, 8, 16 or 32.
  public var sourceBitDepth: Int
  /// Whether the decoder must go through the whole file before the first row is known.
  public var isWholeImage = false
  /// Whether rows are stored plane by plane, so that planar reading is the natural way.
  public var storesPlanes = false
  /// The patches that the image is made of, side by side, where it is read from those.
  public var patches: StoredPatches?
  /// What the first column must be a multiple of where the decoder gives only some of them for less work;
  /// `nil` where it gives all.
  ///
  /// Fewer columns than this at either end may differ from those of whole rows.
  public var columnStep: Int?
  /// Memory that the decoder will hold while rows are read [bytes].
  public var decoderBytes: Int
  /// Name and version of what decodes.
  public var decoder: String

  /// Describes a file, or one that could exist.
  public init(
    format: ImageFormat, shape: ImageShape, elementType: ElementType, colorModel: ColorModel,
    hasAlpha: Bool = false, isInvertedCMYK: Bool = false, orientation: Int = 1,
    sourceBitDepth: Int, isWholeImage: Bool = false, storesPlanes: Bool = false,
    decoderBytes: Int, decoder: String
  ) {
    self.format = format
    self.shape = shape
    self.elementType = elementType
    self.colorModel = colorModel
    statesColors = format != .npy
    self.hasAlpha = hasAlpha
    self.isInvertedCMYK = isInvertedCMYK
    self.orientation = orientation
    self.sourceBitDepth = sourceBitDepth
    self.isWholeImage = isWholeImage
    self.storesPlanes = storesPlanes
    self.decoderBytes = decoderBytes
    self.decoder = decoder
  }
}

extension ImageHeader {
  /// Whether the decoder gives a half, a quarter or an eighth of height and width for less work.
  public var canShrink: Bool { format == .jpeg }

  /// Bytes that a file may have beside its image: metadata, other pictures, what follows the end.
  private static let fileAllowance = 1 << 30
  /// Bytes that a value takes at most: eight in an array, and no format makes them more than twice.
  private static let largestValue = 16

  /// Refuses a file that is far larger than its image can make it: all of it would be read, to know it
  /// again by its content.
  static func checkFile(
    of byteCount: Int, _ format: ImageFormat, holding shape: ImageShape
  ) throws(CodecError) {
    let values = max(shape.valueCount ?? .max, shape.countedPixels?.saturating(times: 4) ?? .max)
    let limit = values.saturating(times: largestValue).saturating(plus: fileAllowance)
    guard byteCount <= limit else {
      throw .overLimit(
        FileFormat(format),
        "the file has \(byteCount.inBytes), more than an image of \(shape) and what may go with it "
          + "(\(limit.inBytes))")
    }
  }
}
