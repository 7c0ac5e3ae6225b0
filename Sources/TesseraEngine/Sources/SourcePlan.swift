import TesseraCodecs
import TesseraCore

/// How one file becomes the image that the pipeline starts with.
public struct SourcePlan: Hashable, Sendable {
  /// What the file says of itself.
  public var header: ImageHeader
  /// Colour conversions, in order.
  public var conversions: [ColorStep]
  /// EXIF orientation to undo; 1 for none.
  public var orientation: Int
  /// Planes after the conversions.
  public var channels: Int
  /// What they mean.
  public var colorModel: ColorModel
  /// Whether the last plane is opacity.
  public var hasAlpha: Bool
  /// Type of the values.
  public var elementType: ElementType
  /// Whether the decoder may give a smaller image where a resize follows.
  public var mayShrink = false
  /// What height and width are divided by as they are decoded: 1, 2, 4 or 8.
  package var divisor = 1
  /// The columns that are decoded, where others are not looked at; `nil` for all.
  package var columns: Range<Int>?

  /// A plan that takes what the header says as it is.
  package init(_ header: ImageHeader) {
    self.header = header
    conversions = []
    orientation = 1
    channels = header.shape.channels
    colorModel = header.colorModel
    hasAlpha = header.hasAlpha
    elementType = header.elementType
  }

  /// Height and width as they are decoded.
  public var stored: Size {
    Size(
      height: (header.shape.height + divisor - 1) / divisor,
      width: columns?.count ?? (header.shape.width + divisor - 1) / divisor)
  }

  /// Height and width of the image, once turned.
  public var size: Size {
    let size = header.shape.size
    return OrientRows.exchangesAxes(orientation)
      ? Size(height: size.width, width: size.height) : size
  }

  /// Bytes of one row as it is decoded, and once more for each of two conversions under way.
  package var rowBytes: Int {
    stored.width.saturating(times: 3 * max(header.shape.channels, 4) * elementType.byteCount)
  }

  /// Bytes that the decoder holds.
  public var byteCount: Int { header.decoderBytes }
}

/// One change of the colours of loaded rows.
public enum ColorStep: Hashable, Sendable {
  /// Four inks → RGB.
  case cmykToRGB
  /// One plane → three equal ones; opacity stays.
  case grayToRGB
  /// Three planes → one; opacity stays.
  case rgbToGray
  /// Opacity goes, with a warning where a pixel was not opaque.
  case dropAlpha
  /// The image over a colour, one value per colour plane, 0…1; opacity goes.
  case matte([Double])
  /// Four planes → the luminance of the image over a colour; opacity goes.
  case matteToGray([Double])
}
