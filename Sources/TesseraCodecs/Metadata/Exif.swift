/// The few entries of Exif data that decide about pixels.
///
/// What does not fit is left out.
struct Exif {
  /// How the image is to be turned, 1…8; `nil` where the data do not say.
  private(set) var orientation: Int?
  /// Pixels per unit.
  private(set) var resolution: Resolution?
  /// What is wrong with the data.
  private(set) var complaint: String?

  init(_ bytes: [UInt8]) {
    guard let tiff = TIFFBytes(bytes) else {
      complaint = "Exif: the data do not begin with a TIFF header"
      return
    }
    guard let directory = tiff.firstDirectory, let count = tiff.entryCount(at: directory) else {
      complaint = "Exif: the first directory lies outside the data"
      return
    }
    let entries = tiff.entries(at: directory)
    if entries.count < count {
      complaint = "Exif: the first directory ends after \(entries.count) of \(count) entries"
    }
    var x: Double?
    var y: Double?
    var unit = Resolution.Unit.inch
    for entry in entries {
      switch ExifTag(rawValue: entry.tag) {
      case .orientation: readOrientation(entry, of: tiff)
      case .xResolution: x = Self.rational(entry, of: tiff)
      case .yResolution: y = Self.rational(entry, of: tiff)
      case .resolutionUnit:
        unit = tiff.integer(at: entry.offset + 8, bytes: 2) == 3 ? .centimetre : .inch
      default: break
      }
    }
    if let x, let y { resolution = Resolution(x: x, y: y, unit: unit) }
  }

  private mutating func readOrientation(_ entry: TIFFBytes.Entry, of tiff: TIFFBytes) {
    guard tiff.integer(at: entry.offset + 2, bytes: 2) == 3,
      let value = tiff.integer(at: entry.offset + 8, bytes: 2), (1...8).contains(value)
    else {
      complaint = "Exif: the orientation is not a number of 1…8"
      return
    }
    orientation = value
  }

  private static func rational(_ entry: TIFFBytes.Entry, of tiff: TIFFBytes) -> Double? {
    guard tiff.integer(at: entry.offset + 2, bytes: 2) == 5,
      let place = tiff.integer(at: entry.offset + 8, bytes: 4),
      let numerator = tiff.integer(at: place, bytes: 4),
      let denominator = tiff.integer(at: place + 4, bytes: 4),
      numerator > 0, denominator > 0
    else { return nil }
    return Double(numerator) / Double(denominator)
  }
}

/// Entries of Exif data that speak of the picture's pixels, by the numbers of TIFF 6.0, Exif 2.32
/// and DCF 2.0.
enum ExifTag: Int {
  case imageWidth = 0x0100
  case imageLength = 0x0101
  case bitsPerSample = 0x0102
  case compression = 0x0103
  case photometricInterpretation = 0x0106
  case stripOffsets = 0x0111
  case orientation = 0x0112
  case samplesPerPixel = 0x0115
  case rowsPerStrip = 0x0116
  case stripByteCounts = 0x0117
  case xResolution = 0x011A
  case yResolution = 0x011B
  case planarConfiguration = 0x011C
  case resolutionUnit = 0x0128
  case tileWidth = 0x0142
  case tileLength = 0x0143
  case tileOffsets = 0x0144
  case tileByteCounts = 0x0145
  /// More pictures: previews.
  case subDirectories = 0x014A
  case thumbnail = 0x0201
  case thumbnailLength = 0x0202
  case chromaSubsampling = 0x0212
  case xmp = 0x02BC
  case relatedImageWidth = 0x1001
  case relatedImageLength = 0x1002
  /// A thumbnail as Windows' GDI+ stores it.
  case thumbnailData = 0x501B
  /// Photoshop's own data, with a thumbnail among them.
  case photoshop = 0x8649
  case exifDirectory = 0x8769
  case positionDirectory = 0x8825
  case compressedBitsPerPixel = 0x9102
  case subjectArea = 0x9214
  case pixelWidth = 0xA002
  case pixelHeight = 0xA003
  case interoperabilityDirectory = 0xA005
  case focalPlaneXResolution = 0xA20E
  case focalPlaneYResolution = 0xA20F
  case subjectLocation = 0xA214
}
