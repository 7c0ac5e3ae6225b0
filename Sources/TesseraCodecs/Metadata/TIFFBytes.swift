/// The bytes of a TIFF structure: a byte order, then directories of 12-byte entries at offsets that
/// may point anywhere.
///
/// Every read is checked: what lies outside is `nil`.
struct TIFFBytes {
  /// One entry of a directory.
  struct Entry {
    var tag: Int
    /// Its 12 bytes, the tag included.
    var bytes: [UInt8]
    /// Where the bytes came from.
    var offset: Int
  }

  let bytes: [UInt8]
  let isBigEndian: Bool

  /// Bytes of a value by the number of its type; 129 is the UTF-8 of Exif 3.0.
  private static let sizes = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1,
  ]

  /// Fails where the data do not begin with a TIFF header.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    switch bytes.prefix(4) {
    case [0x49, 0x49, 0x2A, 0x00]: isBigEndian = false
    case [0x4D, 0x4D, 0x00, 0x2A]: isBigEndian = true
    default: return nil
    }
  }

  /// Where the first directory is; `nil` where that is in the header or outside.
  var firstDirectory: Int? {
    guard let offset = integer(at: 4, bytes: 4), entryCount(at: offset) != nil else { return nil }
    return offset
  }

  /// How many entries a directory claims to have; `nil` where there can be none.
  func entryCount(at directory: Int) -> Int? {
    directory < 8 ? nil : integer(at: directory, bytes: 2)
  }

  /// The entries of a directory, as far as the data go.
  func entries(at directory: Int) -> [Entry] {
    var entries: [Entry] = []
    for index in 0..<(entryCount(at: directory) ?? 0) {
      let offset = directory + 2 + 12 * index
      guard offset + 12 <= bytes.count, let tag = integer(at: offset, bytes: 2) else { break }
      entries.append(Entry(tag: tag, bytes: Array(bytes[offset..<offset + 12]), offset: offset))
    }
    return entries
  }

  /// Where the value of an entry is: inside the entry itself up to 4 bytes; `nil` where it is of no
  /// known type or not wholly inside the data.
  func value(of entry: Entry) -> Range<Int>? {
    guard let type = integer(at: entry.offset + 2, bytes: 2), let size = Self.sizes[type],
      let count = integer(at: entry.offset + 4, bytes: 4)
    else { return nil }
    let byteCount = size * count
    let start = byteCount <= 4 ? entry.offset + 8 : integer(at: entry.offset + 8, bytes: 4)
    guard let start, start + byteCount <= bytes.count else { return nil }
    return start..<start + byteCount
  }

  /// An unsigned integer of up to 4 bytes at an offset, which may come from the file.
  func integer(at offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    let slice = bytes[offset..<offset + count]
    return isBigEndian
      ? slice.reduce(0) { $0 << 8 | Int($1) } : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// The bytes of an unsigned integer in this order.
  func encoded(_ value: Int, bytes count: Int) -> [UInt8] {
    let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }
}
