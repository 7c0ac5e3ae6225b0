import CTesseraCodecs
import TesseraCore

/// What the samples of a TIFF page mean, and how they become the values of rows.
struct TIFFPixels {
  private(set) var rows = tsr_tiff_rows()
  private(set) var colorModel = ColorModel.unknown
  private(set) var elementType = ElementType.uint8
  private(set) var orientation = 1
  /// What is odd but read.
  private(set) var notes: [String] = []

  /// Channels of the rows.
  var channels: Int { Int(rows.colors) + (rows.alpha >= 0 ? 1 : 0) }

  /// PhotometricInterpretation, by the numbers of TIFF 6.0 and DNG.
  private enum Photometric: UInt16 {
    case whiteIsZero = 0, blackIsZero, rgb, palette, mask, separated, yCbCr
    case lab = 8, iccLab, ituLab
    case filterArray = 32803, logL = 32844, logLuv = 32845, linearRaw = 34892
  }

  /// Compression schemes that are read.
  private static let compressions: Set<UInt16> = [
    1, 2, 3, 4, 5, 7, 8, 32_771, 32_773, 32_946, 34_925, 50_000,
  ]

  /// What the names of others are.
  private static let otherCompressions: [UInt16: String] = [
    6: "the old JPEG scheme of TIFF 6.0", 34_661: "JBIG", 34_676: "SGI LogLuv",
    34_677: "SGI LogLuv",
    34_712: "JPEG 2000", 34_887: "LERC", 34_892: "a camera's lossy JPEG", 50_001: "WebP",
    50_002: "JPEG XL",
  ]

  /// Finds out what a page holds.
  ///
  /// - Parameter stored: its directory.
  /// - Throws: `CodecError` where it is of a kind that is not read.
  init(_ stored: tsr_tiff_header) throws(CodecError) {
    rows.alpha = -1
    if stored.is_raw { throw Self.refusal(Self.raw) }
    guard !stored.is_reduced else {
      throw Self.refusal(
        "its first page is a smaller version of another picture, as in cameras' raw files: develop it "
          + "first, such as with darktable or dcraw")
    }
    guard Self.compressions.contains(stored.compression) else {
      let name = Self.otherCompressions[stored.compression] ?? "scheme \(stored.compression)"
      throw Self.refusal(
        "compressed by \(name); expected none, LZW, deflate, JPEG, PackBits, CCITT, "
          + "zstd or LZMA")
    }
    guard (1...8).contains(stored.orientation) else {
      throw .malformed(.tiff, "the orientation is \(stored.orientation), expected 1…8")
    }
    orientation = Int(stored.orientation)
    try readType(stored)
    try readColors(stored)
    try checkBits(stored)
  }

  private static let raw = "a camera's raw: develop it first, such as with darktable or dcraw"

  private static func refusal(_ text: String) -> CodecError { .unsupported(.tiff, text) }

  private mutating func readType(_ stored: tsr_tiff_header) throws(CodecError) {
    switch (stored.bits, stored.sample_format) {
    case (1, 1), (2, 1), (4, 1), (8, 1), (1, 4), (8, 4):
      (elementType, rows.sample_bytes) = (.uint8, 1)
    case (16, 1), (16, 4): (elementType, rows.sample_bytes) = (.uint16, 2)
    case (32, 3): (elementType, rows.sample_bytes) = (.float32, 4)
    default:
      let kind =
        switch stored.sample_format {
        case 2: "signed integers"
        case 3: "floats"
        case 5, 6: "complex numbers"
        default: "integers"
        }
      throw Self.refusal(
        "\(kind) of \(stored.bits) bits; expected integers of 1, 2, 4, 8 or 16 bits without sign, or "
          + "floats of 32")
    }
  }

  private mutating func readColors(_ stored: tsr_tiff_header) throws(CodecError) {
    let photometric = Photometric(rawValue: stored.photometric)
    switch photometric {
    case .whiteIsZero where elementType == .float32:
      throw Self.refusal("floats of which 0 is white")
    case .whiteIsZero, .blackIsZero, .mask:
      rows.inverts = photometric == .whiteIsZero
      (colorModel, rows.colors) = (.gray, 1)
    case .rgb: (colorModel, rows.colors) = (.rgb, 3)
    case .yCbCr where stored.compression == 7 && stored.samples == 3:
      // libjpeg gives RGB.
      (colorModel, rows.colors) = (.rgb, 3)
    case .palette:
      guard stored.bits <= 8, stored.samples == 1 else {
        throw Self.refusal("a palette of \(stored.bits) bits and \(stored.samples) samples")
      }
      (colorModel, rows.colors, rows.is_palette) = (.rgb, 3, true)
      return
    case .separated where stored.ink_set == 1 && stored.samples >= 4:
      (colorModel, rows.colors) = (.cmyk, 4)
    case .separated: throw Self.refusal("inks other than CMYK")
    case .yCbCr: throw Self.refusal("YCbCr that is not compressed by JPEG; store it as RGB")
    case .lab, .iccLab, .ituLab: throw Self.refusal("CIE L*a*b*; store it as RGB")
    case .logL, .logLuv: throw Self.refusal("LogLuv; store it as floats")
    case .filterArray, .linearRaw:
      throw Self.refusal(Self.raw)
    case nil: throw Self.refusal("photometric interpretation \(stored.photometric)")
    }
    try readExtra(stored)
  }

  /// Finds opacity among the samples behind the colours.
  private mutating func readExtra(_ stored: tsr_tiff_header) throws(CodecError) {
    guard stored.samples >= rows.colors else {
      throw .malformed(
        .tiff,
        "\(Int(stored.samples).counted("stored sample")) a pixel, where its colours have \(rows.colors)"
      )
    }
    let extra = Int(stored.samples) - Int(rows.colors)
    guard extra > 0 else { return }
    let kinds = withUnsafeBytes(of: stored.extra) { Array($0.bindMemory(to: UInt16.self)) }
    var known = Array(kinds.prefix(min(Int(stored.extra_count), extra)))
    // What OpenCV and others write as opacity, without saying so.
    if stored.lacks_extra, colorModel == .rgb, extra == 1 { known = [2] }
    if let place = known.firstIndex(where: { $0 == 1 || $0 == 2 }), colorModel != .cmyk {
      rows.alpha = Int32(rows.colors) + Int32(place)
      rows.divides = known[place] == 1
      guard !rows.divides || elementType != .float32 else {
        throw Self.refusal("floats that are multiplied by opacity; store opacity unassociated")
      }
    }
    let isSeveral = colorModel == .gray && rows.alpha < 0 && !rows.inverts
    if isSeveral {
      // Bands of a satellite or a microscope: none is more of a colour than the others.
      (colorModel, rows.colors) = (.unknown, UInt32(stored.samples))
      guard rows.colors <= ImageHeader.largestChannelCount else {
        throw .overLimit(.tiff, "\(rows.colors) channels")
      }
      return
    }
    let left = extra - (rows.alpha >= 0 ? 1 : 0)
    if left > 0 {
      notes.append("\(left.counted("stored sample")) a pixel beside colours and opacity: left out")
    }
  }

  private func checkBits(_ stored: tsr_tiff_header) throws(CodecError) {
    guard stored.bits >= 8 || !stored.separate_planes else {
      throw Self.refusal("separate planes of \(stored.bits) bits")
    }
    // Nobody multiplies bits by opacity, and no row of tiles is put together from parts of bytes.
    guard stored.bits >= 8 || stored.samples == 1 || !stored.is_tiled else {
      throw Self.refusal("tiles of \(stored.samples) samples of \(stored.bits) bits")
    }
  }
}
