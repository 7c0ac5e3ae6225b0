/// The few entries of Exif data that decide about pixels.
///
/// Exif data are a TIFF file: a byte order, then directories of 12-byte entries at offsets that
/// may point anywhere. Everything here is checked; what does not fit is left out.
struct Exif {
  /// How the image is to be turned, 1…8.
  private(set) var orientation = 1
  /// Pixels per unit.
  private(set) var resolution: Resolution?
  /// What is wrong with the data.
  private(set) var complaint: String?

  private static let orientationTag = 0x0112
  private let bytes: [UInt8]
  private var isBigEndian = false
  private var orientationOffset: Int?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    switch bytes.prefix(4) {
    case [0x49, 0x49, 0x2A, 0x00]: isBigEndian = false
    case [0x4D, 0x4D, 0x00, 0x2A]: isBigEndian = true
    default:
      complaint = "Exif: the data do not begin with a TIFF header"
      return
    }
    readDirectory()
  }

  /// The same data with orientation 1, for an image that has been turned.
  static func upright(_ bytes: [UInt8]) -> [UInt8] {
    let exif = Exif(bytes)
    guard let offset = exif.orientationOffset else { return bytes }
    var upright = bytes
    upright[offset] = exif.isBigEndian ? 0 : 1
    upright[offset + 1] = exif.isBigEndian ? 1 : 0
    return upright
  }

  private mutating func readDirectory() {
    guard let directory = integer(at: 4, bytes: 4), let count = integer(at: directory, bytes: 2)
    else {
      complaint = "Exif: the first directory lies outside the data"
      return
    }
    var x: Double?
    var y: Double?
    var unit = Resolution.Unit.inch
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let tag = integer(at: offset, bytes: 2), offset + 12 <= bytes.count else {
        complaint = "Exif: the first directory ends after \(entry) of \(count) entries"
        break
      }
      switch tag {
      case Self.orientationTag: readOrientation(at: offset)
      case 0x011A: x = rational(at: offset)
      case 0x011B: y = rational(at: offset)
      case 0x0128: unit = integer(at: offset + 8, bytes: 2) == 3 ? .centimetre : .inch
      default: break
      }
    }
    if let x, let y { resolution = Resolution(x: x, y: y, unit: unit) }
  }

  private mutating func readOrientation(at offset: Int) {
    guard integer(at: offset + 2, bytes: 2) == 3, let value = integer(at: offset + 8, bytes: 2),
      (1...8).contains(value)
    else {
      complaint = "Exif: the orientation is not a number of 1…8"
      return
    }
    orientation = value
    orientationOffset = offset + 8
  }

  private func rational(at offset: Int) -> Double? {
    guard integer(at: offset + 2, bytes: 2) == 5, let place = integer(at: offset + 8, bytes: 4),
      let numerator = integer(at: place, bytes: 4),
      let denominator = integer(at: place + 4, bytes: 4),
      numerator > 0, denominator > 0
    else { return nil }
    return Double(numerator) / Double(denominator)
  }

  /// An unsigned integer of 2 or 4 bytes, at an offset from the file that is below 2³³.
  private func integer(at offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    let slice = bytes[offset..<offset + count]
    return isBigEndian
      ? slice.reduce(0) { $0 << 8 | Int($1) } : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension ImageMetadata {
  /// The same metadata for an image whose orientation has been applied to its pixels.
  public func upright() -> ImageMetadata {
    var metadata = self
    metadata.exif = exif.map(Exif.upright)
    return metadata
  }
}
