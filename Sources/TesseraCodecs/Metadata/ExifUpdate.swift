import TesseraCore

/// What an image went through between its file and another.
public struct PictureChange: Hashable, Sendable {
  /// How the image was turned: 1…8 as in Exif, 1 for not at all.
  public var orientation: Int
  /// Whether an orientation in the metadata was done with, so that none is left to be applied.
  public var isUpright: Bool
  /// Height and width in the file that was read, as stored.
  public var source: Size
  /// Height and width in the file that is written.
  public var size: Size

  /// Describes the way from one file to another.
  public init(orientation: Int = 1, isUpright: Bool = true, source: Size, size: Size) {
    self.orientation = orientation
    self.isUpright = isUpright
    self.source = source
    self.size = size
  }

  /// Whether rows have become columns.
  var exchangesAxes: Bool { orientation > 4 }
  /// Whether places in the picture are where they were.
  var keepsPlaces: Bool { orientation == 1 && source == size }
}

/// Brings Exif data up to date for another picture.
///
/// Nothing moves: offsets in a maker's note count from the start of the data, and no table tells
/// where they are. Entries change in place or go; thumbnails, previews and all else that no entry
/// points to any more are cut off, or blank where something stands behind them.
struct ExifUpdate {
  private enum Directory {
    case image, exif, position, interoperability
  }

  private let tiff: TIFFBytes
  private let change: PictureChange
  private var result: [UInt8]
  /// The header and the directories that stay.
  private var structure: [Range<Int>] = [0..<8]
  /// The values of their entries.
  private var values: [Range<Int>] = []
  private var visited: Set<Int> = []
  /// Where directories end that do not say which one follows.
  private var ends: Set<Int> = []

  /// The same data for a picture that went through a change; `nil` where they are no Exif data.
  static func updated(_ bytes: [UInt8], for change: PictureChange) -> [UInt8]? {
    guard let tiff = TIFFBytes(bytes), let first = tiff.firstDirectory else { return nil }
    var update = ExifUpdate(tiff, change)
    _ = update.keep(first, .image)
    return update.keptBytes
  }

  /// What a directory ends with that no other follows.
  private static let noDirectory: [UInt8] = [0, 0, 0, 0]

  private init(_ tiff: TIFFBytes, _ change: PictureChange) {
    self.tiff = tiff
    self.change = change
    result = tiff.bytes
  }

  /// Brings a directory and those below it up to date.
  ///
  /// - Returns: Whether there is such a directory.
  private mutating func keep(_ offset: Int, _ directory: Directory) -> Bool {
    guard tiff.entryCount(at: offset) != nil, visited.insert(offset).inserted else {
      return false
    }
    let all = tiff.entries(at: offset)
    let entries = all.compactMap { updated($0, in: directory) }
      .enumerated().sorted { ($0.element.tag, $0.offset) < ($1.element.tag, $1.offset) }
      .map(\.element)
    var bytes = tiff.encoded(entries.count, bytes: 2) + entries.flatMap(\.bytes)
    // No directory follows: the second one is that of a thumbnail. Those below may end without saying
    // so, and values stand there.
    if directory == .image || entries.count < all.count, offset + bytes.count + 4 <= result.count {
      bytes += Self.noDirectory
    } else {
      ends.insert(offset + bytes.count)
    }
    let range = offset..<offset + bytes.count
    result.replaceSubrange(range, with: bytes)
    structure.append(range)
    return true
  }

  /// The entry as it is to be; `nil` where it goes.
  private mutating func updated(
    _ entry: TIFFBytes.Entry, in directory: Directory
  ) -> TIFFBytes.Entry? {
    guard let value = tiff.value(of: entry) else { return nil }
    let tag = ExifTag(rawValue: entry.tag)
    if let below = below(tag, in: directory) {
      let offset = tiff.integer(at: entry.offset + 8, bytes: 4)
      return offset.map { keep($0, below) } == true ? entry : nil
    }
    if let side = side(tag, in: directory) { return with(side, entry) }
    switch (directory, tag) {
    case (.image, .bitsPerSample), (.image, .compression), (.image, .photometricInterpretation),
      (.image, .stripOffsets), (.image, .samplesPerPixel), (.image, .rowsPerStrip),
      (.image, .stripByteCounts), (.image, .planarConfiguration), (.image, .tileWidth),
      (.image, .tileLength), (.image, .tileOffsets), (.image, .tileByteCounts),
      (.image, .subDirectories), (.image, .thumbnail), (.image, .thumbnailLength),
      (.image, .chromaSubsampling), (.image, .xmp), (.image, .thumbnailData), (.image, .photoshop),
      (.exif, .compressedBitsPerPixel):
      return nil
    case (.exif, .subjectArea), (.exif, .subjectLocation):
      if !change.keepsPlaces { return nil }
    case (.image, .orientation):
      if change.isUpright { return with(1, entry) }
    default: break
    }
    if value.count > 4 { values.append(value) }
    return turned(entry, in: directory)
  }

  private func below(_ tag: ExifTag?, in directory: Directory) -> Directory? {
    switch (directory, tag) {
    case (.image, .exifDirectory): .exif
    case (.image, .positionDirectory): .position
    case (.exif, .interoperabilityDirectory): .interoperability
    default: nil
    }
  }

  /// The number of pixels that an entry is to give.
  private func side(_ tag: ExifTag?, in directory: Directory) -> Int? {
    switch (directory, tag) {
    case (.image, .imageWidth), (.exif, .pixelWidth), (.interoperability, .relatedImageWidth):
      change.size.width
    case (.image, .imageLength), (.exif, .pixelHeight), (.interoperability, .relatedImageLength):
      change.size.height
    default: nil
    }
  }

  /// The entry with another integer, in 16 bits where it fits.
  private func with(_ value: Int, _ entry: TIFFBytes.Entry) -> TIFFBytes.Entry {
    let isShort = value <= 0xFFFF
    var entry = entry
    entry.bytes =
      tiff.encoded(entry.tag, bytes: 2) + tiff.encoded(isShort ? 3 : 4, bytes: 2)
      + tiff.encoded(1, bytes: 4) + tiff.encoded(value, bytes: isShort ? 2 : 4)
      + (isShort ? [0, 0] : [])
    return entry
  }

  /// The entry of the other axis, where rows have become columns.
  private func turned(_ entry: TIFFBytes.Entry, in directory: Directory) -> TIFFBytes.Entry {
    guard change.exchangesAxes else { return entry }
    let other: ExifTag
    switch (directory, ExifTag(rawValue: entry.tag)) {
    case (.image, .xResolution): other = .yResolution
    case (.image, .yResolution): other = .xResolution
    case (.exif, .focalPlaneXResolution): other = .focalPlaneYResolution
    case (.exif, .focalPlaneYResolution): other = .focalPlaneXResolution
    default: return entry
    }
    return TIFFBytes.Entry(
      tag: other.rawValue,
      bytes: tiff.encoded(other.rawValue, bytes: 2) + entry.bytes.dropFirst(2),
      offset: entry.offset)
  }

  /// What is kept at the place where it was, and zeros between, up to the last byte that is kept.
  private var keptBytes: [UInt8] {
    var result = result
    for range in values.merged { result.blankPictures(in: range) }
    var bytes: [UInt8] = []
    for range in (structure + values).merged {
      bytes += repeatElement(0, count: range.lowerBound - bytes.count)
      bytes += result[range]
    }
    let hasRoom = bytes.count + Self.noDirectory.count <= tiff.bytes.count
    return ends.contains(bytes.count) && hasRoom ? bytes + Self.noDirectory : bytes
  }
}

extension [Range<Int>] {
  /// The same places in their order, each of them once: hostile data name some a thousand times.
  fileprivate var merged: [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        let end = Swift.max(last.upperBound, range.upperBound)
        merged[merged.count - 1] = last.lowerBound..<end
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}

extension [UInt8] {
  /// Puts zeros in the place of JPEG streams: previews that makers keep in their notes.
  fileprivate mutating func blankPictures(in range: Range<Int>) {
    var start = range.lowerBound
    while start + 4 <= range.upperBound {
      guard self[start] == 0xFF, let end = endOfPicture(at: start, before: range.upperBound) else {
        start += 1
        continue
      }
      replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
      start = end
    }
  }

  /// Where a JPEG stream ends that begins at an offset; `nil` where none does.
  private func endOfPicture(at start: Int, before limit: Int) -> Int? {
    guard self[start..<limit].starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
    var place = start + 2
    // An encoder writes some ten segments before the first scan.
    for _ in 0..<64 where place + 4 <= limit {
      guard self[place] == 0xFF, self[place + 1] >= 0xC0 else { return nil }
      let isScan = self[place + 1] == 0xDA
      place += 2 + (Int(self[place + 2]) << 8 | Int(self[place + 3]))
      guard isScan else { continue }
      while place + 1 < limit, self[place] != 0xFF || self[place + 1] != 0xD9 { place += 1 }
      return Swift.min(place + 2, limit)
    }
    return nil
  }
}
